"""Proof that what is kept ends when the policy says."""

from plainspoken.proofs.notice import rule
from plainspoken.proofs.planting import call, chat, conversation_of
from plainspoken.proofs.registry import Proof, proves
from plainspoken.proofs.world import World


@proves("retain.as-needed")
def as_needed(world: World, proof: Proof) -> None:
    """Plants a fresh, an expired and a held conversation; travels in time; purges; searches every store for the expired."""
    periods = rule(world, "retain.as-needed")["periods"]
    proof.see(periods, f"The policy gives {len(periods)} periods")
    expired, spoken, held = chat(world), call(world), chat(world)
    placed = world.cli(
        "retention", "hold", held.customer.email, "--reason", "claims", "--law", "GDPR Art. 17(3)(e)",
        "--organisation", world.slug, "--json",
    )  # fmt: skip
    proof.see(placed.code == 0, "A hold is placed on one of them", f"No hold: {placed.err[:200]}")
    early = world.cli("retention", "purge", "--organisation", world.slug, "--json")
    proof.see(
        early.code == 0 and conversation_of(world, expired.id),
        "A purge today removes none of them",
        "A purge removed something before its time",
    )
    world.cli("proving", "clock", world.slug, "--shift", "P20Y")
    try:
        purged = world.cli("retention", "purge", "--organisation", world.slug, "--json")
        proof.see(purged.code == 0, "Twenty years later a purge ran", f"The purge failed: {purged.err[:200]}")
        fresh = chat(world)
    finally:
        world.cli("proving", "clock", world.slug, "--shift", "P0D")
    for what, planted in (("chat", expired), ("call", spoken)):
        proof.see(
            conversation_of(world, planted.id) is None,
            f"The expired {what} is gone",
            f"An expired {what} is still there",
        )
    proof.see(conversation_of(world, held.id), "The held one is there", "A held conversation was purged")
    proof.see(conversation_of(world, fresh.id), "A fresh one is there")
    values = [expired.customer.word, spoken.customer.email]
    residue = world.cli("residue", *values, "--json")
    proof.see(residue.code == 0, "Nothing of the expired ones is in any store", f"Left: {residue.out[:200]}")
    proof.see(purged.data["counts"], "The purge says what it removed, place by place")
