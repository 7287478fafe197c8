"""Proofs of the rights: access, erasure, restriction, and who is asked to prove themselves."""

import hashlib
import io
import json
import re
import zipfile
from dataclasses import replace
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from plainspoken.proofs.notice import rule, words
from plainspoken.proofs.planting import Planted, call, chat, conversation_of, listed, send
from plainspoken.proofs.registry import Proof, proves
from plainspoken.proofs.requesting import Asking, approve, ask, decide, desk, done
from plainspoken.proofs.world import Somebody, World, somebody, surely_over


def proved(world: World, proof: Proof, kind: str, planted: Planted, **more: str) -> Asking:
    """A request whose asker has proved control of the contact."""
    asking = ask(world, kind, planted.customer, **more)
    proof.note(f"Asked on the public page: {asking.reference}")
    asking.prove()
    state = world.eventually(
        lambda: desk(world, asking.reference)["state"] not in ("received", "proving"), seconds=20
    )
    proof.see(state, "The code from the mail proved who asks", "The code from the mail was not accepted")
    return asking


def carried_out(world: World, proof: Proof, asking: Asking, kind: str, **more: str) -> None:
    """Decide, with a second person where the policy says so, and wait."""
    decided = decide(world, asking.reference, **more)
    proof.see(
        decided.status_code == 200,
        "The privacy officer decided on the plan",
        f"Not decided: {decided.text[:200]}",
    )
    if rule(world, f"right.{kind}").get("second_person"):
        alone = approve(world, asking.reference, who="officer")
        proof.see(
            alone.status_code >= 400,
            "The same person cannot be the second one",
            "One person alone could erase",
        )
        agreed = approve(world, asking.reference)
        proof.see(agreed.status_code == 200, "A second person agreed", f"Not agreed: {agreed.text[:200]}")
    proof.see(done(world, asking.reference), "The request was carried out", "The request was never done")


# ---- access -------------------------------------------------------------------------------------------------------


@proves("right.access")
def access(world: World, proof: Proof) -> None:
    """Plants a person in writing and in sound; downloads their archive as they would; compares it with what was planted."""
    wrote = chat(world)
    unsaid = replace(wrote.customer, account=somebody().account)
    spoke = call(world, customer=unsaid)
    other = chat(world)
    asking = proved(world, proof, "access", wrote)
    carried_out(world, proof, asking, "access")
    archive = world.eventually(lambda: _archive(asking), seconds=30)
    proof.see(archive, "The archive comes from the tracking page", "There is no archive to download")
    with world.visitor() as stranger:
        path = f"/privacy/{world.slug}/track/{asking.reference}/archive/"
        proof.see(
            not stranger.get(path).content.startswith(b"PK"),
            "Who knows only the reference cannot download it",
            "A stranger downloaded the archive",
        )
    names = archive.namelist()
    formats = set(rule(world, "right.access")["formats"])
    for form, ending in (("json", ".json"), ("csv", ".csv"), ("html", ".html")):
        proof.see(
            any(n.endswith(ending) for n in names) == (form in formats),
            f"It {'holds' if form in formats else 'leaves out'} {form.upper()}, as promised",
        )
    manifest = json.loads(archive.read(next(n for n in names if n.endswith("manifest.json"))))
    proof.see(
        _digests_hold(archive, manifest),
        f"The digests of all {len(names)} files hold",
        "A digest does not hold",
    )
    proof.see(_signed(manifest), "Its manifest is signed", "The signature of the manifest does not hold")
    text = b"\n".join(archive.read(n) for n in names if n.endswith((".json", ".csv", ".html"))).decode(
        "utf-8"
    )
    for what, value in _of(wrote):
        proof.see(value in text, f"Their {what} is in it", f"Their {what} is missing from the archive")
    proof.see(
        unsaid.account in text,
        "An account that only came beside a recording is in it",
        "An account that came beside a recording is missing from the archive",
    )
    proof.see(spoke.id in text and wrote.id in text, "Both conversations are in it")
    sounds = [n for n in names if n.endswith((".opus", ".ogg", ".wav"))]
    proof.see(
        bool(sounds) == ("sound" in formats), "The recorded sound is in it", "The recorded sound is missing"
    )
    for what, value in (("address", other.customer.email), ("word", other.customer.word)):
        proof.see(
            value not in text,
            f"Nobody else's {what} is in it",
            f"Another customer's {what} is in the archive",
        )
    hidden = wrote.agent.email not in text and wrote.agent.name not in text
    masked = rule(world, "right.access")["mask_others"]
    proof.see(
        hidden == masked,
        "The agent's name is masked" if masked else "The agent's name is shown",
        "The agent's name is shown" if masked else "The agent's name is masked",
    )
    proof.see(not masked or "15(4)" in text, "The reason for masking is recorded (GDPR Art. 15(4))")


def _of(planted: Planted) -> list[tuple[str, str]]:
    person = planted.customer
    return [
        ("name", person.name),
        ("e-mail", person.email),
        ("phone", person.phone),
        ("account", person.account),
        ("words", person.word),
    ]


def _archive(asking: Asking) -> zipfile.ZipFile | None:
    answered = asking.browser.get(f"/privacy/{asking.world.slug}/track/{asking.reference}/archive/")
    if answered.status_code != 200 or not answered.content.startswith(b"PK"):
        return None
    return zipfile.ZipFile(io.BytesIO(answered.content))


def _digests_hold(archive: zipfile.ZipFile, manifest: dict[str, Any]) -> bool:
    """Each file named in the manifest is there, with its SHA-256; no file is unnamed but the manifest itself."""
    pairs = {name: item["sha256"] for name, item in manifest["signed"]["files"].items()}
    unnamed = {n for n in archive.namelist() if n not in pairs and not n.endswith("manifest.json")}
    return (
        bool(pairs)
        and not unnamed
        and all(hashlib.sha256(archive.read(n)).hexdigest() == d for n, d in pairs.items())
    )


def _signed(manifest: dict[str, Any]) -> bool:
    """The Ed25519 signature over the canonical JSON of what the manifest names (RFC 8032)."""
    content = json.dumps(
        manifest["signed"], sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(manifest["public_key"])).verify(
            bytes.fromhex(manifest["signature"]), content
        )
    except InvalidSignature:
        return False
    return True


# ---- erasure ------------------------------------------------------------------------------------------------------


@proves("right.erase")
def erase(world: World, proof: Proof) -> None:
    """Plants a person, backs up, erases them through the public page; searches every store and the restored backup."""
    planted = chat(world)
    spoke = call(world, customer=planted.customer)
    values = [v for _, v in _of(planted)]
    made = world.cli("backup", str(world.folder / "before-erasure"), "--json")
    proof.see(made.code == 0, "A backup was taken before", f"No backup: {made.err[:200]}")
    stranger = ask(world, "erase", somebody())
    refused = decide_refused(world, stranger)
    proof.see(
        refused, "An erasure that nobody proved is not carried out", "An unproved erasure was carried out"
    )
    asking = proved(world, proof, "erase", planted)
    subject = str(desk(world, asking.reference)["subject"])
    proof.see(_key(world, subject) == "here", "Their key is in the keyring", "They have no key to destroy")
    carried_out(world, proof, asking, "erase")
    _nobody_left(world, proof, subject, planted, planted.id, spoke.id)
    proof.see(
        conversation_of(world, planted.id) is None,
        "The chat is gone from the page",
        "The chat is still shown",
    )
    proof.see(
        conversation_of(world, spoke.id) is None, "The call is gone from the page", "The call is still shown"
    )
    world.mailbox.wait(planted.customer.email, count=2)
    left = world.eventually(lambda: world.cli("residue", *values, "--json").code == 0, seconds=20)
    proof.see(
        left,
        "Every table, object, mail store and log was searched: nothing of them is left",
        f"Left: {world.cli('residue', *values, '--json').out[:300]}",
    )
    rehearsed = world.cli(
        "restore",
        made.data["folder"],
        "--rehearse",
        *(part for value in values for part in ("--look-for", value)),
        "--json",
    )
    proof.see(
        rehearsed.code == 0,
        "The earlier backup was restored beside the live data",
        f"Not restored: {rehearsed.err[:200]}",
    )
    proof.see(rehearsed.data["erasures_replayed"] > 0, "The restore replayed the erasure")
    proof.see(
        not rehearsed.data["found"],
        "Nothing of them came back with it",
        f"The backup brought back: {rehearsed.data['found'][:3]}",
    )


# Where a pseudonym may stand after an erasure: the proof of it, which leads to nobody without the key.
PROOFS_OF_ERASURE = {
    "custody_ledgerentry",
    "custody_subject",
    "rights_request",
    "conversations_conversation",
}


def _nobody_left(world: World, proof: Proof, subject: str, planted: Planted, *calls: str) -> None:
    """Nobody is found by the address, no table refers to the pseudonym, and the key is gone."""
    sought = world.cli(
        "disclosures", "try", planted.customer.email, "--to", "nobody-inc", "--purpose", "rights.execute",
        "--category", "name", "--organisation", world.slug, "--json",
    )  # fmt: skip
    proof.see(sought.code == 2, "Nobody is found by their address", "They are still found by their address")
    named = world.cli("proving", "named", world.slug, subject, *calls, "--json").data["tables"]
    proof.see(named.get("rights_request"), "The record of the request names their pseudonym")
    left = sorted(set(named) - PROOFS_OF_ERASURE)
    proof.see(
        not left,
        "Only the record of the erasure names their pseudonym and their conversations",
        f"Still there: {', '.join(left)}",
    )
    proof.see(
        _key(world, subject) == "destroyed", "Their key is destroyed", "Their key still opens what it sealed"
    )


def _key(world: World, subject: str) -> str:
    """Whether the keyring has this key: here, destroyed or none."""
    return str(world.cli("proving", "key", world.slug, subject, "--json").data["key"])


def decide_refused(world: World, asking: Asking) -> bool:
    """Whether the desk refuses to decide on a request whose asker is not proved."""
    with world.api("officer") as api:
        planned = api.get(f"/requests/{asking.reference}/plan")
        decided = api.post(
            f"/requests/{asking.reference}/execute", json={"plan": "x", "typed": asking.reference}
        )
    return planned.status_code >= 400 and decided.status_code >= 400


# ---- restriction --------------------------------------------------------------------------------------------------


@proves("right.restrict")
def restrict(world: World, proof: Proof) -> None:
    """Restricts on each ground; looks at lists, measures and the purge, then lifts after telling the person."""
    fields = rule(world, "right.restrict")
    proof.see(fields["grounds"], f"The policy knows {len(fields['grounds'])} grounds")
    _crowd(world, len(fields["grounds"]))
    last: tuple[Planted, Asking] | None = None
    for ground in fields["grounds"]:
        planted = chat(world)
        before = _measured(world)
        proof.see(planted.id in listed(world), "A chat is listed before")
        asking = proved(world, proof, "restrict", planted, ground=ground)
        carried_out(world, proof, asking, "restrict", ground=ground)
        proof.see(
            planted.id not in listed(world),
            f"Restricted ({ground}): it is listed no more",
            f"A restricted chat is still listed ({ground})",
        )
        proof.see(
            _measured(world) == before - 1,
            "Dashboards count one less",
            "Dashboards still count a restricted person",
        )
        last = planted, asking
    assert last is not None
    planted, asking = last
    _purge_skips(world, proof, planted)
    _lift(world, proof, planted, asking)


def _measured(world: World) -> int:
    """What the dashboard counts; 0 while there are too few people for it to say."""
    with world.api("supervisor") as api:
        answered = api.get("/measures")
    answered.raise_for_status()
    return int(answered.json()["total"] or 0)


def _crowd(world: World, more: int) -> None:
    """Plant enough people for the dashboard to count at all, and some to spare."""
    with world.api("supervisor") as api:
        smallest = int(api.get("/measures").json()["smallest"])
    for _ in range(smallest + more):
        send(world)


def _purge_skips(world: World, proof: Proof, restricted: Planted) -> None:
    other = chat(world)
    world.cli("proving", "clock", world.slug, "--shift", "P20Y")
    try:
        purged = world.cli("retention", "purge", "--organisation", world.slug, "--json")
        proof.see(
            purged.code == 0, "Twenty years later, the purge ran", f"The purge failed: {purged.err[:200]}"
        )
    finally:
        world.cli("proving", "clock", world.slug, "--shift", "P0D")
    proof.see(
        conversation_of(world, other.id) is None,
        "It removed a chat that nobody restricted",
        "The purge removed nothing",
    )
    with world.api("officer") as api:
        kept = api.get(f"/conversations/{restricted.id}", params={"purpose": "claims.defend"})
    proof.see(
        kept.status_code == 200,
        "It left the restricted one, which is there for claims",
        f"The restricted chat is gone ({kept.status_code})",
    )


def _lift(world: World, proof: Proof, planted: Planted, asking: Asking) -> None:
    told = len(world.mailbox.to(planted.customer.email))
    with world.api("officer") as api:
        first = api.post(f"/requests/{asking.reference}/lift")
    proof.see(first.status_code == 200, "The officer asked to lift it", f"Not lifted: {first.text[:200]}")
    proof.see(planted.id not in listed(world), "It is not lifted before the person is told")
    mailed = world.eventually(lambda: len(world.mailbox.to(planted.customer.email)) > told, seconds=20)
    proof.see(mailed, "The person was told by mail first", "Nobody told the person before lifting")
    lifted = world.eventually(lambda: _try_lift(world, asking.reference), seconds=20)
    proof.see(
        lifted and planted.id in listed(world),
        "Then it was lifted, and the chat is listed again",
        "Lifting did not bring the chat back",
    )


def _try_lift(world: World, reference: str) -> bool:
    with world.api("officer") as api:
        answered = api.post(f"/requests/{reference}/lift")
    return answered.status_code == 200 and bool(answered.json().get("lifted"))


# ---- verification -------------------------------------------------------------------------------------------------


NO_REFERENCE = "R-1999-0001"


@proves("rights.verify")
def verify(world: World, proof: Proof) -> None:
    """Asks as the person and as an impostor; guesses codes; waits too long; compares answers for known and unknown people."""
    fields = rule(world, "rights.verify")
    planted = chat(world)
    real = ask(world, "access", planted.customer)
    unknown = ask(world, "access", somebody())
    with world.visitor() as visitor:
        impostor = visitor.get(f"/privacy/{world.slug}/track/{real.reference}/")
        nothing = visitor.get(f"/privacy/{world.slug}/track/{NO_REFERENCE}/")
    seen = _shape(impostor.text, real) == _shape(nothing.text, real)
    proof.see(
        seen and planted.customer.email not in impostor.text,
        "Who knows only the reference sees what anybody sees who made one up",
        "Who knows only the reference sees the request",
    )
    proof.see(
        _shape(real.tracked, real) == _shape(unknown.tracked, unknown),
        "A known and an unknown person get the same page",
        "The page tells whether we know somebody",
    )
    code = real.code()
    proof.see(
        len(code) == fields["code_digits"],
        f"A code of {fields['code_digits']} digits came to the address",
        f"The code has {len(code)} digits",
    )
    wrong = f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"
    for attempt in range(int(fields["attempts"])):
        real.enter(wrong)
        proof.see(
            desk(world, real.reference)["state"] in ("received", "proving"),
            f"Wrong code {attempt + 1} opens nothing",
        )
    real.enter(code)
    proof.see(
        desk(world, real.reference)["state"] in ("received", "proving"),
        f"After {fields['attempts']} wrong ones the right code opens nothing either",
        "Codes can be guessed without end",
    )
    late, old = _coded(world, planted.customer)
    world.cli("proving", "clock", world.slug, "--shift", surely_over(fields["code_expires_within"]))
    try:
        late.enter(old)
        proof.see(
            desk(world, late.reference)["state"] in ("received", "proving"),
            "An old code opens nothing",
            "An expired code was accepted",
        )
    finally:
        world.cli("proving", "clock", world.slug, "--shift", "P0D")
    again, fresh = _coded(world, planted.customer)
    again.enter(fresh)
    proof.see(
        desk(world, again.reference)["state"] not in ("received", "proving"),
        "The right code in time opens the request",
        "The right code opens nothing",
    )
    for kind in fields["without"]:
        proof.note(f"Needs no proof by the policy: {kind}")


def _coded(world: World, person: Somebody) -> tuple[Asking, str]:
    """One more request of somebody, with the code that came for it."""
    before = len(world.mailbox.to(person.email))
    asking = ask(world, "access", person)
    return asking, asking.code(nth=before + 1)


def _shape(html: str, asking: Asking) -> str:
    """The words of a page without what differs between two people by nature: reference, masked address, times."""
    text = words(html).replace(asking.reference, "").replace(NO_REFERENCE, "")
    return re.sub(r"\S*…\S*@\S+|\d{1,2}:\d{2}(:\d{2})?", "", text)
