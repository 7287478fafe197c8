"""Proofs about purposes and their legal bases."""

import re

from plainspoken.proofs.notice import rule, source
from plainspoken.proofs.planting import chat, conversation_of, listed
from plainspoken.proofs.registry import Proof, proves
from plainspoken.proofs.requesting import ask, decide, desk, done
from plainspoken.proofs.world import World


@proves("use.purposes")
def purposes(world: World, proof: Proof) -> None:
    """Reads for a purpose that nobody declared, for one of another role, and for a restricted person."""
    known = rule(world, "use.purposes")["purposes"]
    proof.see(known, f"The policy declares {len(known)} purposes")
    planted = chat(world)
    proof.see(planted.id in listed(world), "For a declared purpose the chat is there")
    for name, why in (
        ("nobody.knows", "an undeclared purpose"),
        ("rights.execute", "a purpose of another role"),
    ):
        with world.api("supervisor") as api:
            answered = api.get("/conversations", params={"purpose": name})
        proof.see(
            answered.status_code == 403,
            f"Reading for {why} is refused",
            f"Reading for {why} answered {answered.status_code}",
        )
    ground = rule(world, "right.restrict")["grounds"][0]
    asking = ask(world, "restrict", planted.customer, ground=ground)
    asking.prove()
    world.eventually(lambda: desk(world, asking.reference)["state"] == "open", seconds=20)
    decide(world, asking.reference, ground=ground)
    proof.see(done(world, asking.reference), "The person restricted the use of their data")
    proof.see(
        conversation_of(world, planted.id) is None,
        "For the restricted person the chat is not there",
        "A restricted person's chat was read",
    )
    scanned = world.cli("proving", "scan", world.slug, "--json").data
    proof.see(
        not scanned["open"],
        "Without a purpose the store itself refuses",
        f"Open without a purpose: {scanned['open']}",
    )


@proves("basis.register")
def bases(world: World, proof: Proof) -> None:
    """Removes a basis, a ground and a balancing note from the published text; the compiler refuses each."""
    text = source(world)
    fields = rule(world, "use.purposes")["purposes"]
    grounds = rule(world, "basis.register")["grounds"]
    without = [name for name, purpose in fields.items() if not purpose["basis"]]
    proof.see(fields and not without, f"Each of {len(fields)} purposes has a ground for each kind of person")
    used = {ground for purpose in fields.values() for ground in purpose["basis"].values()}
    proof.see(used <= set(grounds), f"They rest on {len(used)} grounds, all of them in the register")
    balanced = rule(world, "basis.register")["balancing"]
    leaning = [n for n, p in fields.items() if "legitimate-interests" in p["basis"].values()]
    proof.see(
        set(leaning) <= set(balanced),
        f"{len(leaning)} purposes rest on legitimate interests, each with its balancing note",
    )
    attempts = {
        "a purpose without a basis": re.sub(r"^(\s+)basis:.*\n", "", text, count=1, flags=re.MULTILINE),
        "a ground that is not in the register": re.sub(
            r"(basis: *\{[^}\n]*: *)[\w-]+", r"\g<1>because-we-want-it", text, count=1
        ),
        "legitimate interests without a balancing note": _without_note(text, leaning),
    }
    for what, changed in attempts.items():
        path = world.folder / "basis.md"
        path.write_text(changed, "utf-8")
        answered = world.cli("policy", "check", str(path))
        proof.see(
            changed != text and answered.code == 1 and _names_it(answered.err),
            f"A policy with {what} does not compile",
            f"A policy with {what} compiled",
        )


def _names_it(complaint: str) -> bool:
    """Whether the compiler complains of purposes or grounds, and of nothing else."""
    lines = [line for line in complaint.splitlines() if ".md:" in line]
    return bool(lines) and all("use.purposes" in line or "basis.register" in line for line in lines)


def _without_note(text: str, leaning: list[str]) -> str:
    """The text without the balancing note of the first purpose that needs one."""
    head, mark, tail = text.partition("balancing:")
    if not leaning or not mark:
        return text
    return head + mark + re.sub(rf"\n\s+{re.escape(leaning[0])}:[^\n]*", "", tail, count=1)
