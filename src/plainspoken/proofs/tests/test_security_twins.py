"""Break the safeguards, the purposes and the gate; each proof must say which."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.core.internal import ratelimit
from django.db import connections

from plainspoken.adapters.keyrings.files import FileKeyring
from plainspoken.adapters.postgres import dumps
from plainspoken.conversations import queries as conversations
from plainspoken.custody import exported, govern
from plainspoken.custody.keys import Sealer
from plainspoken.disclosures import services as gate
from plainspoken.disclosures.models import Release
from plainspoken.kernels.policy.containers import MapOf
from plainspoken.kernels.policy.kinds.use import ByGroup
from plainspoken.people.limits import PolicyLimits
from plainspoken.policies import middleware, notices
from plainspoken.policies.queries import rule
from plainspoken.proofs.tests.harness import broken, owner
from plainspoken.proofs.world import World
from plainspoken.rights import services as rights
from plainspoken.rights.services import restricting
from plainspoken.ui.shell import Purpose

Patch = pytest.MonkeyPatch
SAFEGUARDS = "security.safeguards"


@contextmanager
def otherwise(*statements: str) -> Iterator[None]:
    """The database's security changed for a while, by its owner; then governed again."""
    try:
        for statement in statements:
            owner(statement)
        yield
    finally:
        govern.govern()


# ---- sealed at rest ----


def test_identifiers_in_clear(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(Sealer, "seal", lambda self, plaintext, *, context: b"in clear:" + plaintext)
    monkeypatch.setattr(Sealer, "open", lambda self, sealed, *, context: bytes(sealed)[9:])
    seen = broken(SAFEGUARDS, world).text
    assert seen.startswith("In clear: ") and "people_identifier" in seen


def test_objects_in_clear(world: World, monkeypatch: Patch) -> None:
    from plainspoken.conversations.services import arriving

    kept = arriving._keep_sound

    def labelled(row: Any, *given: Any, **more: Any) -> None:
        from plainspoken.custody import ports
        from plainspoken.custody.models import Subject
        from plainspoken.people.queries import identifiers

        kept(row, *given, **more)
        known = [value for s in Subject.objects.all() for _, value in identifiers(subject=s.id)]
        name = f"{row.organisation_id}/{row.id}"
        ports.object_store().put(name=name, chunks=[json.dumps(known).encode()])

    monkeypatch.setattr(arriving, "_keep_sound", labelled)
    assert broken(SAFEGUARDS, world).text.startswith("In clear: ")


def test_a_log_that_names_people(world: World, monkeypatch: Patch) -> None:
    from django.conf import settings

    from plainspoken.exchange import services as exchange

    imported = exchange.import_sound

    def talkative(**given: Any) -> Any:
        logs = settings.DATA / "logs"
        logs.mkdir(exist_ok=True)
        (logs / "web.log").write_text(f"Let in {given['metadata']['customer_email']}")
        return imported(**given)

    monkeypatch.setattr(exchange, "import_sound", talkative)
    seen = broken(SAFEGUARDS, world).text
    (settings.DATA / "logs" / "web.log").unlink()
    assert seen.startswith("In clear: ") and "web.log" in seen


# ---- the ledger ----


def test_a_ledger_that_can_be_changed(world: World) -> None:
    with otherwise("DROP TRIGGER custody_fixed ON custody_ledgerentry"):
        assert broken(SAFEGUARDS, world).text == "The ledger was changed by ['owner']"


def test_a_check_of_copies_that_finds_nothing(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(exported, "check", lambda copy: iter(()))
    assert broken(SAFEGUARDS, world).text == "An altered copy passed for sound"


def test_an_entry_that_was_changed_behind_our_back(world: World) -> None:
    """After it was sealed: the signed batch no longer fits."""
    world.cli("ledger", "seal", "--organisation", world.slug)
    with otherwise("DROP TRIGGER custody_fixed ON custody_ledgerentry"):
        owner(
            "UPDATE custody_ledgerentry SET act = 'forged' WHERE id ="
            " (SELECT entry_id FROM custody_ledgerleaf WHERE organisation_id = %s ORDER BY number LIMIT 1)",
            world.organisation,
        )
    seen = broken(SAFEGUARDS, world).text
    assert seen in ("Not so: The exported copy is sound",) or seen.startswith("Not sound: ")


def test_a_ledger_that_nobody_seals(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr("plainspoken.custody.sealing.seal", lambda **given: 0)
    assert broken(SAFEGUARDS, world).text == "After PT5S entries of the ledger are not sealed"


# ---- closed without a purpose, and to others ----


OPENED = (
    "GRANT SELECT ON people_identifier TO plainspoken_app",
    "CREATE POLICY custody_hole ON people_identifier FOR SELECT TO plainspoken_app USING (true)",
)


@pytest.mark.parametrize("clause", [SAFEGUARDS, "use.purposes"])
@pytest.mark.parametrize("statements", [OPENED, OPENED[:1]], ids=["granted-with-policy", "granted"])
def test_a_table_that_is_open_without_a_purpose(
    world: World, clause: str, statements: tuple[str, ...]
) -> None:
    try:
        with otherwise(*statements):
            assert broken(clause, world).text == "Open without a purpose: ['people.Identifier']"
    finally:
        owner("DROP POLICY IF EXISTS custody_hole ON people_identifier")


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE people_identifier DISABLE ROW LEVEL SECURITY",
        "ALTER POLICY custody_read ON people_identifier USING (true)",
    ],
)
def test_rows_that_show_in_another_organisation(world: World, statement: str) -> None:
    with otherwise(statement):
        assert broken(SAFEGUARDS, world).text == "Rows of another organisation show: ['people.Identifier']"


def test_an_administrator_who_reads_everything(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(
        conversations, "chosen_purpose", lambda member, asked: (Purpose(asked or "service.answer", ""), ())
    )
    assert broken(SAFEGUARDS, world).text == "An administrator read conversations: 200"


def test_an_agent_who_reads_everything(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(conversations, "visible_to", lambda member: conversations.Conversation.objects.all())
    monkeypatch.setattr(conversations, "bounded", lambda wanted, member: wanted)
    assert "An agent finds no call of others" in broken(SAFEGUARDS, world).text


# ---- sessions and sign-in ----


def test_sessions_that_never_end(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(middleware, "idle_after", lambda organisation: None)
    assert broken(SAFEGUARDS, world).text == "After PT30M without a click they are still signed in"


def test_passwords_that_can_be_guessed(world: World, monkeypatch: Patch) -> None:
    limit = PolicyLimits.__getitem__
    monkeypatch.setattr(
        PolicyLimits,
        "__getitem__",
        lambda self, name: "1000000/1s/key" if name == "login_failed" else limit(self, name),
    )
    assert broken(SAFEGUARDS, world).text == "Passwords can be guessed without end"


def test_a_lock_out_that_never_ends(world: World, monkeypatch: Patch) -> None:
    limit = PolicyLimits.__getitem__

    def longer(self: Any, name: str) -> str:
        found = limit(self, name)
        return f"{found.partition('/')[0]}/9000000s/key" if name == "login_failed" else found

    monkeypatch.setattr(PolicyLimits, "__getitem__", longer)
    assert broken(SAFEGUARDS, world).text == "After PT15M sign-in is still closed"


def test_a_lock_out_for_an_instant(world: World, monkeypatch: Patch) -> None:
    """Failures count for half a second; the clock stands still, so that the machine's speed plays no part."""
    applied = ratelimit.apply_rate
    still = SimpleNamespace(time=lambda: 1e9, monotonic=time.monotonic, sleep=time.sleep)
    monkeypatch.setattr(ratelimit, "time", still)
    monkeypatch.setattr(
        ratelimit,
        "apply_rate",
        lambda history, now, rate, **more: applied(history, now, replace(rate, duration=0.5), **more),
    )
    assert broken(SAFEGUARDS, world).text == "It was closed for an instant only"


def test_a_sign_in_that_is_always_closed(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr("django.contrib.auth.backends.ModelBackend.authenticate", lambda *a, **k: None)
    monkeypatch.setattr(
        "allauth.account.auth_backends.AuthenticationBackend.authenticate", lambda *a, **k: None
    )
    assert broken(SAFEGUARDS, world).text == "Not so: A supervisor has signed in"


# ---- backups ----


def test_a_backup_without_rows(world: World, monkeypatch: Patch) -> None:
    dumped = dumps._run_dump
    monkeypatch.setattr(
        dumps,
        "_run_dump",
        lambda command, *rest: dumped([*command, "--exclude-table-data=custody_ledger*"], *rest),
    )
    assert broken(SAFEGUARDS, world).text == "The restored copy holds no ledger, or one that is not sound"


def test_a_late_backup_that_nobody_sees(world: World, monkeypatch: Patch) -> None:
    from plainspoken.config import health
    from plainspoken.custody import clock

    monkeypatch.setattr(
        health, "clock", SimpleNamespace(now=lambda organisation: clock.wall(), wall=clock.wall)
    )
    assert broken(SAFEGUARDS, world).text == "After P1D without a backup nothing is shown"


def test_a_backup_that_no_key_opens(world: World, monkeypatch: Patch) -> None:
    import os

    monkeypatch.setattr(FileKeyring, "backup_key", lambda self: os.urandom(32))
    assert broken(SAFEGUARDS, world).text.startswith("Not restored: ")


# ---- purposes ----


def test_a_purpose_of_another_role(world: World, monkeypatch: Patch) -> None:
    chosen = conversations.chosen_purpose

    def lenient(member: Any, asked: str) -> Any:
        return (Purpose(asked, ""), ()) if asked == "rights.execute" else chosen(member, asked)

    monkeypatch.setattr(conversations, "chosen_purpose", lenient)
    assert broken("use.purposes", world).text == "Reading for a purpose of another role answered 200"


def test_an_undeclared_purpose_is_taken_for_another(world: World, monkeypatch: Patch) -> None:
    chosen = conversations.chosen_purpose
    monkeypatch.setattr(
        conversations,
        "chosen_purpose",
        lambda member, asked: chosen(member, "" if asked == "nobody.knows" else asked),
    )
    assert broken("use.purposes", world).text == "Reading for an undeclared purpose answered 200"


def test_rows_that_know_no_restriction(world: World) -> None:
    policy = "organisation_id = (SELECT custody_organisation())"
    with otherwise(f"ALTER POLICY custody_read ON conversations_conversation USING ({policy})"):
        assert broken("use.purposes", world).text == "A restricted person's chat was read"


def test_an_objection_that_closes_nothing(world: World, monkeypatch: Patch) -> None:
    made = restricting.decide
    monkeypatch.setattr(
        restricting,
        "decide",
        lambda **asked: made(
            **{**asked, "purposes": [] if asked["kind"] == "objection" else asked["purposes"]}
        ),
    )
    assert broken("use.purposes", world).text == "After an objection it was read for quality.evaluate"


def test_an_objection_that_closes_too_much(world: World, monkeypatch: Patch) -> None:
    closed = restricting.closed_by_objection
    monkeypatch.setattr(
        restricting, "closed_by_objection", lambda **asked: (*closed(**asked), "service.answer")
    )
    assert broken("use.purposes", world).text == "An objection closed service.answer as well"


def test_an_objection_that_is_overruled_without_reasons(world: World, monkeypatch: Patch) -> None:
    lift = restricting.lift_restriction
    for module in (restricting, rights):
        monkeypatch.setattr(
            module,
            "lift_restriction",
            lambda **asked: lift(**{**asked, "reason": asked.get("reason") or "no"}),
        )
    assert broken("use.purposes", world).text == "It went on without reasons"


def test_a_notice_that_mixes_the_groups(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(ByGroup, "items", MapOf.items)
    notices._layers.clear()
    try:
        assert broken("use.purposes", world).text == "The notice does not list each purpose in its group"
    finally:
        notices._layers.clear()


# ---- the gate ----

GATE = "disclose.default-deny"


def test_a_gate_that_stands_open(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(gate, "check_release", lambda **asked: None)
    assert broken(GATE, world).text == "It was disclosed to a recipient that is not named"


@pytest.mark.parametrize(
    ("field", "seen"),
    [
        ("purposes", "It was disclosed to a purpose that the recipient lacks"),
        ("categories", "It was disclosed to a category that the recipient may not have"),
    ],
)
def test_a_gate_that_looks_at_less(world: World, monkeypatch: Patch, field: str, seen: str) -> None:
    class Anything(frozenset[str]):
        def __contains__(self, item: object) -> bool:
            return True

        def __rsub__(self, other: Any) -> set[str]:
            return set()

    def lenient(*, organisation: Any, clause: str) -> Any:
        found = rule(organisation=organisation, clause=clause)
        return replace(
            found,
            recipients={name: replace(one, **{field: Anything()}) for name, one in found.recipients.items()},
        )

    monkeypatch.setattr(gate, "rule", lenient)
    if field == "categories":
        check = gate.check_release
        monkeypatch.setattr(gate, "check_release", lambda **asked: check(**{**asked, "categories": ()}))
    assert broken(GATE, world).text == seen


def test_a_gate_that_records_no_refusal(world: World, monkeypatch: Patch) -> None:
    recorded = gate._record

    def silent(what: Any, outcome: Any, **more: Any) -> Any:
        return None if outcome == Release.Outcome.REFUSED else recorded(what, outcome, **more)

    monkeypatch.setattr(gate, "_record", silent)
    assert broken(GATE, world).text == "A refusal left no record"


def test_a_gate_that_lets_nothing_through(world: World, monkeypatch: Patch) -> None:
    def shut(**asked: Any) -> None:
        raise gate.Refused("recipient", "Nothing leaves.")

    monkeypatch.setattr(gate, "check_release", shut)
    assert broken(GATE, world).text == "The gate refuses what the policy names"


def test_nothing_of_a_twin_is_left(world: World) -> None:
    """The twins above mended what they broke: the store is as it is declared."""
    assert connections["owner"].settings_dict["NAME"].startswith("test_")
    assert not list(govern.database_gaps())
