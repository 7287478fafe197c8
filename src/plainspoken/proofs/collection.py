"""Proofs about what is collected, and where."""

import json
import re
from typing import Any

from plainspoken.proofs.notice import rule, source
from plainspoken.proofs.planting import Planted, chat, listed, metadata, tone, vcon
from plainspoken.proofs.publishing import under
from plainspoken.proofs.registry import Proof, proves
from plainspoken.proofs.requesting import answer_of_page
from plainspoken.proofs.world import World, somebody

SHOE = "ALTER TABLE people_identifier ADD COLUMN shoe_size integer"


@proves("collect.categories")
def categories(world: World, proof: Proof) -> None:
    """Compares the live database with the declarations; adds a column to a scratch copy and sees the check fail."""
    known = rule(world, "collect.categories")["categories"]
    proof.see(known, f"The policy names {len(known)} categories")
    checked = world.cli("datamap", "check", "--organisation", world.slug, "--json")
    gaps = checked.data["gaps"]
    proof.see(
        checked.code == 0 and not gaps,
        "Every column, file and relation of the running system is declared",
        f"Undeclared: {gaps[:1]}",
    )
    places = world.cli("datamap", "--organisation", world.slug, "--json").data["places"]
    personal = [p for p in places if any(f["category"] for f in p["fields"])]
    proof.see(personal, f"{len(personal)} places can hold personal data, each with its categories")
    scratch = world.cli("datamap", "check", "--organisation", world.slug, "--scratch", SHOE, "--json")
    found = [g["message"] for g in scratch.data["gaps"]]
    proof.see(
        scratch.code == 1 and any("shoe_size" in message for message in found),
        "An undeclared column in a scratch database fails the check",
        "An undeclared column went unnoticed in a scratch database",
    )


@proves("collect.points")
def points(world: World, proof: Proof) -> None:
    """Sends a field that no point declares, by upload, as vCon, and on the privacy page; looks that nothing was stored.

    Then takes a purpose from a point, and looks for what arrived there under that purpose.
    """
    planted = chat(world)
    before = listed(world)
    proof.see(planted.id in before, "A conversation with declared fields is let in and found")
    somebody_else, agent = somebody(), somebody()
    with world.api("administrator") as api:
        answered = api.post(
            "/conversations",
            data={"metadata": json.dumps({**metadata(somebody_else, agent), "shoe_size": "43"})},
            files={"sound": ("call.wav", tone(1.0), "audio/wav")},
        )
    proof.see(
        400 <= answered.status_code < 500,
        "An upload with an undeclared field is refused",
        f"An undeclared field was let in: {answered.status_code}",
    )
    proof.see("shoe_size" in answered.text, "The answer names the field")
    with world.api("administrator") as api:
        broken = api.post(
            "/vcons",
            json={**vcon(somebody_else, agent), "dialog": [{"type": "text", "parties": [9], "body": "x"}]},
        )
    proof.see(400 <= broken.status_code < 500, "A vCon that names nobody is refused")
    _required(world, proof)
    refused = answer_of_page(world, "access", somebody_else, shoe_size="43")
    proof.see(
        400 <= refused.status_code < 500 and "shoe_size" in refused.text,
        "The privacy page refuses an undeclared field",
        f"The privacy page took an undeclared field: {refused.status_code}",
    )
    proof.see(sorted(listed(world)) == sorted(before), "The list of conversations is what it was")
    residue = world.cli("residue", somebody_else.email, somebody_else.word, somebody_else.account, "--json")
    proof.see(
        residue.code == 0,
        "Nothing of the refused person is in any store",
        f"Something was stored: {residue.out[:200]}",
    )
    _purposes(world, proof, planted)


VCON = "conversation.vcon"


def _point(world: World) -> dict[str, Any]:
    return dict(next(p for p in rule(world, "collect.points")["points"] if p["name"] == VCON))


def _required(world: World, proof: Proof) -> None:
    """What a vCon must bring is what its point says: here, its uuid."""
    nameless = vcon(somebody(), somebody())
    del nameless["uuid"]
    needed = _point(world)["fields"]["source_id"]["required"]
    with world.api("administrator") as api:
        answered = api.post("/vcons", json=nameless)
    refused = 400 <= answered.status_code < 500 and "uuid" in answered.text
    if needed:
        proof.see(refused, "A vCon without the id that its point needs is refused, and the answer names it")
    else:
        proof.see(answered.status_code == 201, "A vCon without an id is let in, as its point says")


def _purposes(world: World, proof: Proof, planted: Planted) -> None:
    """Takes a purpose from the point; what arrived there is then not there for it."""
    told = _point(world)["purposes"]
    found = {name for name in told if planted.id in _found(world, name)}
    proof.see(len(found) > 1, f"What arrived at {VCON} is found for {', '.join(sorted(found))}")
    usual, taken = min(found, key=told.index), max(found, key=told.index)
    text = re.sub(
        rf"(name: {re.escape(VCON)}\n(?:    .*\n)*?    purposes: \[)[^\]]*",
        lambda m: m[1] + ", ".join(name for name in told if name != taken),
        source(world),
        count=1,
    )
    with under(world, text):
        proof.see(taken not in _point(world)["purposes"], f"Another text is in force: {VCON} lacks {taken}")
        proof.see(
            planted.id not in _found(world, taken)
            and planted.id not in _found(world, taken, q=planted.customer.word),
            f"What arrived there is not there for {taken}",
            f"What arrived at {VCON} was read for {taken}, which people were not told of",
        )
        proof.see(planted.id in _found(world, usual), f"It is there for {usual} as before")


def _found(world: World, purpose: str, **filters: str) -> list[str]:
    """What a supervisor finds for a purpose; nothing for a purpose of others."""
    with world.api("supervisor") as api:
        answered = api.get("/conversations", params={"purpose": purpose, **filters})
    return [str(row["id"]) for row in answered.json()["rows"]] if answered.status_code == 200 else []
