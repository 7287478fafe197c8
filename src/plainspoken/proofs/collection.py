"""Proofs about what is collected, and where."""

import json

from plainspoken.proofs.notice import rule
from plainspoken.proofs.planting import chat, listed, metadata, tone, vcon
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
    """Sends a field that no point declares, by upload, as vCon, and on the privacy page; looks that nothing was stored."""
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
