"""Proof that nothing leaves to whom the policy does not name."""

from plainspoken.proofs.notice import rule
from plainspoken.proofs.planting import chat
from plainspoken.proofs.registry import Proof, proves
from plainspoken.proofs.world import World


@proves("disclose.default-deny")
def default_deny(world: World, proof: Proof) -> None:
    """Tries an unlisted recipient, an unlisted purpose, an unlisted category; then a listed one; reads the record."""
    known = rule(world, "disclose.default-deny")["recipients"]
    proof.see(known, f"The policy names {len(known)} recipients")
    planted = chat(world)
    name, terms = next((n, t) for n, t in known.items() if t["purposes"] and t["categories"])
    purpose, category = terms["purposes"][0], terms["categories"][0]
    before = _refusals(world)
    attempts = (
        ("a recipient that is not named", ("nobody-inc", purpose, category)),
        ("a purpose that the recipient lacks", (name, "marketing.sell", category)),
        ("a category that the recipient may not have", (name, purpose, "shoe-size")),
    )
    for what, (to, why, category_tried) in attempts:
        answered = _disclose(world, planted.customer.email, to, why, category_tried)
        proof.see(answered != 0, f"Disclosing to {what} is refused", f"It was disclosed to {what}")
    proof.see(
        _refusals(world) >= before + len(attempts), "Each refusal is recorded", "A refusal left no record"
    )
    allowed = _disclose(world, planted.customer.email, name, purpose, category)
    proof.see(
        allowed == 0,
        f"What the policy names ({name}) is let through",
        "The gate refuses what the policy names",
    )


def _disclose(world: World, email: str, recipient: str, purpose: str, category: str) -> int:
    return world.cli(
        "disclosures", "try", email, "--to", recipient, "--purpose", purpose, "--category", category,
        "--organisation", world.slug, "--json",
    ).code  # fmt: skip


def _refusals(world: World) -> int:
    listed = world.cli("disclosures", "list", "--outcome", "refused", "--organisation", world.slug, "--json")
    return len(listed.data["releases"])
