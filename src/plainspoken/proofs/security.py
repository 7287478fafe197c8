"""Proofs about safeguards: sealed at rest, tamper-evident, restorable, closed to roles without the purpose."""

import json
import time
from contextlib import closing
from datetime import timedelta

import httpx

from plainspoken.proofs.notice import rule
from plainspoken.proofs.planting import call, listed
from plainspoken.proofs.registry import Proof, proves
from plainspoken.proofs.world import World, span, surely_over, token_of


@proves("security.safeguards")
def safeguards(world: World, proof: Proof) -> None:
    """Searches every store for what was planted, tampers, restores a backup beside the live data, and guesses passwords."""
    planted = call(world)
    proof.see(planted.id in listed(world), "A call with a known person is kept and found")
    _sealed_at_rest(world, proof, planted.customer.email, planted.customer.account, planted.customer.phone)
    _sealed_in_time(world, proof)
    _ledger(world, proof)
    _closed(world, proof)
    _idle(world, proof)
    _throttled(world, proof)
    _restores(world, proof)


def _sealed_at_rest(world: World, proof: Proof, *values: str) -> None:
    residue = world.cli("residue", *values, "--json")
    proof.see(
        residue.code == 0,
        "Their identifiers are in no table, object or log in clear",
        f"In clear: {residue.out[:200]}",
    )


# A proof waits no longer than this for a promise about time to come true by itself.
PATIENCE = timedelta(minutes=1)


def _sealed_in_time(world: World, proof: Proof) -> None:
    within = str(rule(world, "security.safeguards")["ledger_sealed_within"])
    if span(within) > PATIENCE:
        proof.note(f"Entries are sealed within {within}: longer than a proof waits")
        return
    started = time.monotonic()
    there = _entries(world)
    asked = time.monotonic() - started
    known = sum(there)
    sealed = world.eventually(
        lambda: _entries(world)[0] >= known, seconds=span(within).total_seconds() + asked
    )
    proof.see(
        known and sealed,
        f"Every entry of the ledger was sealed within {within}",
        f"After {within} entries of the ledger are not sealed",
    )


def _entries(world: World) -> tuple[int, int]:
    """How many entries of the ledger are sealed, and how many wait."""
    verified = world.cli("ledger", "verify", "--organisation", world.slug, "--json").data
    return int(verified["entries"]), int(verified["pending"])


def _ledger(world: World, proof: Proof) -> None:
    tried = world.cli("proving", "tamper", world.slug, "--json").data
    proof.see(
        not tried["changed"] and tried["refused"],
        "A live change of a ledger row is refused to application and owner",
        f"The ledger was changed by {tried['changed']}",
    )
    world.cli("ledger", "seal", "--organisation", world.slug)
    path = world.folder / "ledger.json"
    exported = world.cli("ledger", "export", str(path), "--organisation", world.slug)
    proof.see(
        exported.code == 0 and path.exists(), "The ledger is exported", f"Export failed: {exported.err[:200]}"
    )
    sound = world.cli("ledger", "verify", "--file", str(path), "--json")
    proof.see(sound.code == 0, "The exported copy is sound")
    copy = json.loads(path.read_text())
    entries = [entry for batch in copy["batches"] for entry in batch["entries"]]
    proof.see(entries, f"It holds {len(entries)} entries")
    entries[0]["act"] = "forged"
    path.write_text(json.dumps(copy))
    altered = world.cli("ledger", "verify", "--file", str(path), "--json")
    proof.see(
        altered.code == 1, "One altered entry in the copy is detected", "An altered copy passed for sound"
    )
    live = world.cli("ledger", "verify", "--organisation", world.slug, "--json")
    proof.see(
        live.code == 0,
        "The live ledger verifies from the first entry to its anchor",
        f"Not sound: {live.out[:200]}",
    )


def _closed(world: World, proof: Proof) -> None:
    scanned = world.cli("proving", "scan", world.slug, "--json").data
    proof.see(
        scanned["asked"] and not scanned["open"],
        f"All {scanned['asked']} governed tables refuse a query without a purpose",
        f"Open without a purpose: {scanned['open']}",
    )
    proof.see(
        scanned["foreign"] and not scanned["seen"],
        f"Under purposes of another organisation none of our rows shows in {scanned['foreign']} tables",
        f"Rows of another organisation show: {scanned['seen']}",
    )
    with world.api("administrator") as api:
        looked = api.get("/conversations", params={"purpose": "service.answer"})
    proof.see(
        looked.status_code == 403,
        "An administrator, who lacks the purpose, is refused conversations",
        f"An administrator read conversations: {looked.status_code}",
    )
    proof.see(listed(world, who="agent") == [], "An agent finds no call of others")
    with world.visitor() as visitor:
        stranger = visitor.get("/api/conversations")
    proof.see(stranger.status_code == 401, "A stranger is refused")


def _restores(world: World, proof: Proof) -> None:
    folder = world.folder / "backups"
    made = world.cli("backup", str(folder), "--json")
    proof.see(made.code == 0, "A backup is made", f"No backup: {made.err[:200]}")
    where = made.data["folder"]
    rehearsed = world.cli("restore", where, "--rehearse", "--json")
    proof.see(
        rehearsed.code == 0,
        "The backup is restored beside the live data",
        f"Not restored: {rehearsed.err[:200]}",
    )
    tables = rehearsed.data["tables"]
    proof.see(
        tables.get("custody_ledgerentry", 0) > 0 and rehearsed.data["ledgers_sound"],
        f"It holds {sum(tables.values())} rows, and its ledgers are sound",
        "The restored copy holds no ledger, or one that is not sound",
    )
    _backups_in_time(world, proof)


def _backups_in_time(world: World, proof: Proof) -> None:
    every = rule(world, "security.safeguards")["backup_every"]
    proof.see(
        _health(world, "Backups") == "held",
        "Now that a backup is made, none is late",
        "A backup is late at once",
    )
    world.cli("proving", "clock", world.slug, "--shift", surely_over(every))
    try:
        proof.see(
            _health(world, "Backups") == "broken",
            f"After {every} without another one it is shown as late",
            f"After {every} without a backup nothing is shown",
        )
    finally:
        world.cli("proving", "clock", world.slug, "--shift", "P0D")


def _health(world: World, title: str) -> str:
    """How `plainspoken doctor` finds what this organisation promises."""
    found = world.cli("doctor", "--organisation", world.slug, "--json").data["checks"]
    return next((str(check["status"]) for check in found if check["title"] == title), "")


def _throttled(world: World, proof: Proof) -> None:
    field = rule(world, "security.safeguards")
    target = world.people["second"]
    attempts = int(field["sign_in_attempts"])
    with closing(world.browser("second")) as browser:
        proof.see(_signed_in(browser), "With the right password one signs in")
    with world.visitor() as visitor:
        answers = [_wrong_password(visitor, target.email) for _ in range(attempts + 2)]
    proof.see(not _is_closed(answers[0]), "A first wrong password closes nothing")
    proof.see(
        _is_closed(answers[-1]),
        f"After {attempts} wrong passwords sign-in is closed for a while",
        "Passwords can be guessed without end",
    )
    with closing(world.browser("second")) as browser:
        proof.see(
            not _signed_in(browser),
            "Meanwhile the right password opens nothing either",
            "The right password opens although sign-in is closed",
        )
    _opens_again(world, proof, field["lock_out_for"])


def _opens_again(world: World, proof: Proof, closed_for: str) -> None:
    """Lets the failures be older, for sign-in counts by the clock on the wall."""
    host = httpx.URL(world.url).netloc.decode()
    for shift, opens in (("PT1S", False), (surely_over(closed_for), True)):
        aged = world.cli("proving", "failures", world.slug, "--host", host, "--older-by", shift, "--json")
        proof.see(aged.data["failures"], f"The wrong passwords are {shift} older")
        with closing(world.browser("second")) as browser:
            proof.see(
                _signed_in(browser) == opens,
                f"After {closed_for} the right password opens again" if opens else "It is still closed",
                f"After {closed_for} sign-in is still closed"
                if opens
                else "It was closed for an instant only",
            )


def _idle(world: World, proof: Proof) -> None:
    within = rule(world, "security.safeguards")["idle_sign_out_after"]
    with closing(world.browser("supervisor")) as browser:
        proof.see(_signed_in(browser), "A supervisor has signed in")
        world.cli("proving", "clock", world.slug, "--shift", surely_over(within))
        try:
            proof.see(
                not _signed_in(browser),
                f"After {within} without a click they are signed out",
                f"After {within} without a click they are still signed in",
            )
        finally:
            world.cli("proving", "clock", world.slug, "--shift", "P0D")


def _signed_in(browser: httpx.Client) -> bool:
    """Whether the promises page opens; it needs an account."""
    return "/account/login/" not in str(browser.get("/promises/").url)


def _is_closed(answered: str) -> bool:
    return "too many" in answered or answered.startswith("429")


def _wrong_password(visitor: httpx.Client, email: str) -> str:
    page = visitor.get("/account/login/")
    answered = visitor.post(
        "/account/login/",
        data={"csrfmiddlewaretoken": token_of(page.text), "login": email, "password": "not the password"},
        headers={"Referer": f"{visitor.base_url}/account/login/"},
    )
    return f"{answered.status_code} {answered.text.lower()}"
