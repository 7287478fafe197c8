"""Proofs about purposes and their legal bases."""

import re
from contextlib import closing
from typing import Any

from plainspoken.proofs.notice import notice, rule, source, words
from plainspoken.proofs.planting import Planted, chat, conversation_of, listed
from plainspoken.proofs.publishing import under
from plainspoken.proofs.registry import Proof, proves
from plainspoken.proofs.requesting import REFERENCE, NotFiled, ask, decide, desk, done
from plainspoken.proofs.world import World, submit


@proves("use.purposes")
def purposes(world: World, proof: Proof) -> None:
    """Reads for a purpose that nobody declared, for one of another role, and for a restricted and an objecting person."""
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
    _grouped(world, proof, known)
    _objection(world, proof, known)


def _grouped(world: World, proof: Proof, known: dict[str, Any]) -> None:
    """The notice lists each purpose with those of its group, and no other."""
    entries = [words(entry) for entry in re.findall(r"<li>(.*?)</li>", notice(world), re.DOTALL)]
    groups: dict[str, set[str]] = {}
    for purpose in known.values():
        groups.setdefault(purpose["group"], set()).add(purpose["title"])
    others = {purpose["title"] for purpose in known.values()}
    apart = all(
        any(titles <= _said(entry, others) and not _said(entry, others - titles) for entry in entries)
        for titles in groups.values()
    )
    proof.see(
        apart,
        f"The notice lists them in {len(groups)} groups",
        "The notice does not list each purpose in its group",
    )


def _said(entry: str, titles: set[str]) -> set[str]:
    return {title for title in titles if title in entry}


def _objection(world: World, proof: Proof, known: dict[str, Any]) -> None:
    """Objects for a person; looks for which purposes their chat went, and which are as before."""
    planted = chat(world)
    before = _readable(world, planted, known)
    asking = ask(world, "object", planted.customer)
    asking.prove()
    world.eventually(lambda: desk(world, asking.reference)["state"] == "open", seconds=20)
    decide(world, asking.reference)
    proof.see(done(world, asking.reference), "Another person objected", "The objection was never carried out")
    closed = {name for name in before if _ends(known[name], "customer")}
    after = _readable(world, planted, known)
    proof.see(
        not after & closed,
        f"Their chat is not there for {', '.join(sorted(closed)) or 'what they objected to'}",
        f"After an objection it was read for {', '.join(sorted(after & closed))}",
    )
    proof.see(
        after == before - closed,
        "For every other purpose it is there as before",
        f"An objection closed {', '.join(sorted(before - closed - after))} as well",
    )
    with world.api("officer") as api:
        bare = api.post(f"/requests/{asking.reference}/lift")
        proof.see(
            bare.status_code >= 400, "Going on without reasons is refused", "It went on without reasons"
        )
    lifted = world.eventually(lambda: _lifted(world, asking.reference), seconds=20)
    proof.see(
        lifted and _readable(world, planted, known) == before,
        "With reasons, told to the person, it is lifted, and the chat is there again",
        "Lifting did not bring the chat back",
    )


def _lifted(world: World, reference: str) -> bool:
    with world.api("officer") as api:
        answered = api.post(f"/requests/{reference}/lift", json={"reason": "A claim needs it."})
    return answered.status_code == 200 and bool(answered.json().get("lifted"))


def _readable(world: World, planted: Planted, known: dict[str, Any]) -> set[str]:
    """The purposes for which a supervisor can read a chat."""
    return {name for name in known if conversation_of(world, planted.id, purpose=name) is not None}


def _ends(purpose: dict[str, Any], people: str) -> bool:
    """Whether the published text says that an objection of such people ends a purpose (GDPR Art. 21)."""
    open_to_it = purpose["group"] == "inform" or purpose["basis"].get(people) == "legitimate-interests"
    return "objection" in purpose["closed_by"] and open_to_it and not purpose["maintenance"]


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
    _each_kind(world, proof, text)


def _each_kind(world: World, proof: Proof, text: str) -> None:
    """Publishes another ground for one kind of people; a customer and a colleague object, and each loses only
    the purposes that rest on our interest for people like them.
    """
    balanced = sorted(rule(world, "basis.register")["balancing"])
    known = rule(world, "use.purposes")["purposes"]
    chosen = next((n for n in balanced if all(_ends(known[n], who) for who in ("customer", "staff"))), "")
    proof.see(chosen, "Some purpose rests on our interest for customers and for staff")
    pattern = rf"(\n  {re.escape(chosen)}:\n(?:    .*\n)*?    basis: .*?staff: )legitimate-interests"
    changed = re.sub(pattern, r"\g<1>contract", text, count=1)
    with under(world, changed):
        known = rule(world, "use.purposes")["purposes"]
        asked = {"customer": _customer_objects(world), "staff": _colleague_objects(world)}
        for people, reference in asked.items():
            decide(world, reference)
            proof.see(done(world, reference), f"An objection of {people} was carried out")
            closed = set(desk(world, reference)["outcome"].get("closed", ()))
            wanted = {p["title"] for p in known.values() if _ends(p, people)}
            wrong = sorted(closed ^ wanted)
            proof.see(
                closed and not wrong,
                f"It closed the {len(wanted)} purposes whose ground for {people} allows it",
                f"An objection of {people} took no account of their ground: {', '.join(wrong[:2])}",
            )


def _customer_objects(world: World) -> str:
    asking = ask(world, "object", chat(world).customer)
    asking.prove()
    world.eventually(lambda: desk(world, asking.reference)["state"] == "open", seconds=20)
    return asking.reference


def _colleague_objects(world: World) -> str:
    """A member of staff asks on their own page; their sign-in is the proof."""
    with closing(world.browser("agent")) as browser:
        answered = submit(browser, "/my-privacy/ask/object", {"law": "gdpr", "details": ""})
    found = REFERENCE.search(answered.text)
    if not found:
        raise NotFiled(f"A colleague's objection was not filed ({answered.status_code}).")
    return found.group(0)


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
