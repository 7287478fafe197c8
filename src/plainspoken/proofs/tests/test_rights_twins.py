"""Break the rights, their verification and the end of what is kept; each proof must say what it saw."""

import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import POLICY

from plainspoken.adapters.keyrings.files import FileKeyring, _overwrite
from plainspoken.config import backups
from plainspoken.conversations.services import copying as sounds
from plainspoken.conversations.services import ending as parts
from plainspoken.custody import acts
from plainspoken.custody.govern import govern
from plainspoken.custody.places import Ending, Place
from plainspoken.kernels.policy import Duration
from plainspoken.policies.queries import rule
from plainspoken.portal import views as portal
from plainspoken.portal.visits import Visit, visit
from plainspoken.proofs.tests import harness
from plainspoken.proofs.tests.harness import broken, owner
from plainspoken.proofs.world import World
from plainspoken.retention import queries as due
from plainspoken.rights import api, claims
from plainspoken.rights.services import archiving, deciding, erasing, proving, restricting
from plainspoken.transcripts.services import copying as words

Patch = pytest.MonkeyPatch


@pytest.fixture(scope="module")
def system(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[harness.System]:
    """With a policy whose dashboards count three people already: the crowd that a proof needs is soon there."""
    text = POLICY.read_text("utf-8").replace("group_of_at_least: 12", "group_of_at_least: 3")
    with harness.system(module_database, tmp_path_factory.mktemp("system"), policy=text) as running:
        yield running


def skipping(act: Callable[..., Any], instead: Callable[[], Any], *models: str) -> Callable[..., Any]:
    """An act of the data map that passes these places by."""

    def acting(declared: Place, *given: Any, **more: Any) -> Any:
        return instead() if declared.model in models else act(declared, *given, **more)

    return acting


# ---- access ----


def test_a_copy_that_passes_a_place_by(world: World, monkeypatch: Patch) -> None:
    """The product compares rows with a count of its own, so that has to be broken too."""
    monkeypatch.setattr(acts, "copy", skipping(acts.copy, lambda: iter(()), "people.Identifier"))
    monkeypatch.setattr(archiving, "check", lambda *a, **k: None)
    seen = broken("right.access", world).text
    assert seen == "An account that came beside a recording is missing from the archive"


def test_a_copy_that_passes_a_place_by_is_never_called_done(world: World, monkeypatch: Patch) -> None:
    from plainspoken.proofs import requesting

    monkeypatch.setattr(
        requesting, "done", lambda world, reference: world.eventually(lambda: False, seconds=1)
    )
    monkeypatch.setattr("plainspoken.proofs.rights.done", requesting.done)
    monkeypatch.setattr(acts, "copy", skipping(acts.copy, lambda: iter(()), "people.Identifier"))
    assert broken("right.access", world).text == "The request was never done"


def test_a_copy_without_the_words(world: World, monkeypatch: Patch) -> None:
    places = ("transcripts.Words", "transcripts.Turn", "transcripts.Transcript", "conversations.Conversation")
    monkeypatch.setattr(acts, "copy", skipping(acts.copy, lambda: iter(()), *places))
    monkeypatch.setattr(archiving, "check", lambda *a, **k: None)
    assert broken("right.access", world).text == "Their account is missing from the archive"


def test_a_copy_without_a_promised_form(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(
        archiving._Writer,
        "__post_init__",
        lambda self: self.__dict__.update(written=[], formats=("html", "json")),
    )
    assert "It holds CSV, as promised" in broken("right.access", world).text


def test_a_copy_without_the_sound(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setitem(archiving.MEDIA, "sound", ())
    assert broken("right.access", world).text == "The recorded sound is missing"


def test_a_copy_that_hides_nobody(world: World, monkeypatch: Patch) -> None:
    for module in (sounds, words):
        monkeypatch.setattr(module, "hides_others", lambda: False)
    assert broken("right.access", world).text == "The agent's name is shown"


def test_a_copy_of_somebody_elses_words(world: World, monkeypatch: Patch) -> None:
    everybody = words.Turn.objects.order_by("transcript_id", "ordinal").values_list(
        "id",
        "transcript__conversation_id",
        "start_s",
        "text",
        "participation__subject_id",
        "participation__role",
    )
    monkeypatch.setattr(words, "_TURNS", lambda subject: everybody.all())
    monkeypatch.setattr(archiving, "check", lambda *a, **k: None)
    monkeypatch.setattr(
        acts, "counts", lambda subject: dict.fromkeys((p.model for p in acts.personal_places()), 9)
    )
    assert broken("right.access", world).text.startswith("Another customer's ")


def test_a_copy_that_was_changed_on_its_way(world: World, monkeypatch: Patch) -> None:
    downloaded = portal.services.download

    def changed(**given: Any) -> Any:
        found = downloaded(**given)
        with zipfile.ZipFile(BytesIO(b"".join(found.chunks))) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        out = BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content + b" " if name.endswith("README.txt") else content)
        return replace(found, chunks=iter([out.getvalue()]), size=len(out.getvalue()))

    monkeypatch.setattr(portal.services, "download", changed)
    assert broken("right.access", world).text == "A digest does not hold"


def test_a_copy_with_a_signature_of_something_else(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(archiving, "canonical", lambda signed: b"something else")
    assert broken("right.access", world).text == "The signature of the manifest does not hold"


def no_key_needed(monkeypatch: Patch) -> None:
    """Pages of a request open to everybody who knows its reference."""
    monkeypatch.setattr(claims, "token_fits", lambda request, token: True)
    monkeypatch.setattr(portal, "visit", lambda *where: visit(*where) or Visit("any"))


def test_a_copy_for_everybody(world: World, monkeypatch: Patch) -> None:
    no_key_needed(monkeypatch)
    assert broken("right.access", world).text == "A stranger downloaded the archive"


# ---- erasure ----


def test_an_erasure_that_nobody_proved(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(deciding, "UNPROVED", ())
    assert broken("right.erase", world).text == "An unproved erasure was carried out"


def test_one_person_alone_may_erase(world: World, monkeypatch: Patch) -> None:
    approved = api.services.approve

    def lenient(**given: Any) -> Any:
        owner("UPDATE rights_request SET decided_by = 'person:else' WHERE reference = %s", given["reference"])
        return approved(**given)

    monkeypatch.setattr(api.services, "approve", lenient)
    assert broken("right.erase", world).text == "One person alone could erase"


@pytest.mark.parametrize(
    ("models", "seen"),
    [
        (("people.Identifier",), "people_identifier"),
        (("conversations.Recording",), "conversations_recording"),
        (("conversations.PlayCopy",), "conversations_playcopy"),
    ],
)
def test_an_erasure_that_passes_a_place_by(
    world: World, monkeypatch: Patch, models: tuple[str, ...], seen: str
) -> None:
    monkeypatch.setattr(acts, "erase", skipping(acts.erase, lambda: Ending(count=0, verb="erase"), *models))
    monkeypatch.setattr(erasing, "look", lambda **given: None)
    end_nothing_along(monkeypatch)
    text = broken("right.erase", world).text
    assert text.startswith("Still there: ") and seen in text


def end_nothing_along(monkeypatch: Patch) -> None:
    """The end of a conversation takes along what is still beside it: that has to be broken, too."""
    monkeypatch.setattr(parts, "_end_parts", lambda conversation: None)
    monkeypatch.setattr(parts, "drop_keys", lambda keys: None)


def test_an_erasure_that_passes_the_words_by_is_never_done(world: World, monkeypatch: Patch) -> None:
    words_ = ("transcripts.Turn", "transcripts.Words", "transcripts.Transcript")
    monkeypatch.setattr(acts, "erase", skipping(acts.erase, lambda: Ending(count=0, verb="erase"), *words_))
    monkeypatch.setattr(erasing, "look", lambda **given: None)
    end_nothing_along(monkeypatch)
    assert broken("right.erase", world).text.startswith("The request was never done")


def test_an_erasure_that_leaves_words_elsewhere(world: World, monkeypatch: Patch) -> None:
    """Somebody keeps what was said in a place that no declaration names."""
    owner("CREATE TABLE notes (said text)")
    owner("GRANT SELECT ON notes TO plainspoken_search")
    erased = erasing.run_steps

    def noted(**given: Any) -> Any:
        owner("INSERT INTO notes SELECT text FROM transcripts_turn")
        return erased(**given)

    monkeypatch.setattr(erasing, "run_steps", noted)
    try:
        assert broken("right.erase", world).text.startswith("Left: ")
    finally:
        owner("DROP TABLE notes")


def test_an_erasure_that_leaves_the_key(world: World, monkeypatch: Patch) -> None:
    """The tombstone is written, the key stays: every backup can still be read."""
    monkeypatch.setattr(
        FileKeyring,
        "destroy",
        lambda self, *, organisation, name, at: (
            (name.startswith("subject/") and self._bury(organisation, name, at) is None)
            or _overwrite(self._path(organisation, name), 60) is None
        ),
    )
    assert broken("right.erase", world).text == "Their key still opens what it sealed"


def test_a_restore_that_replays_no_erasure(world: World, monkeypatch: Patch) -> None:
    """Restoring runs in a process of its own, which is broken there."""
    ran = subprocess.run
    careless = (
        "from plainspoken.config import replay; from plainspoken.config.boot import boot; boot();"
        " import plainspoken.rights.services as rights; rights.replay_erasures = lambda **given: 0;"
        " replay.main()"
    )

    def run(command: list[str], **more: Any) -> Any:
        if command[-1] == "plainspoken.config.replay":
            command = [sys.executable, "-c", careless]
        return ran(command, **more)

    monkeypatch.setattr(backups, "subprocess", SimpleNamespace(run=run))
    assert "The restore replayed the erasure" in broken("right.erase", world).text


# ---- restriction ----


def closing(*left_out: str) -> Callable[..., tuple[str, ...]]:
    """What a restriction closes, without some purposes."""
    made = restricting.closed_by_restriction
    return lambda **given: tuple(name for name in made(**given) if name not in left_out)


def test_a_restriction_that_closes_nothing(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(restricting, "closed_by_restriction", closing("service.answer"))
    assert broken("right.restrict", world).text.startswith("A restricted chat is still listed")


def test_a_restriction_that_reaches_no_rows(world: World) -> None:
    (trigger, table), *_ = owner(
        "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE t.tgname = 'custody_follow_conversations_participation'"
    )
    owner(f"DROP TRIGGER {trigger} ON {table}")
    try:
        assert broken("right.restrict", world).text.startswith("A restricted chat is still listed")
    finally:
        govern()


def test_a_dashboard_that_counts_everybody(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(restricting, "closed_by_restriction", closing("service.improve"))
    assert broken("right.restrict", world).text == "Dashboards still count a restricted person"


def test_a_purge_that_spares_nobody_restricted(world: World, monkeypatch: Patch) -> None:
    spared = due.spared
    monkeypatch.setattr(due, "spared", lambda **given: replace(spared(**given), restricted=frozenset()))
    assert broken("right.restrict", world).text.startswith("The restricted chat is gone")


def test_a_restriction_that_is_lifted_without_a_word(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(restricting, "_is_told", lambda request, by, reason: True)
    assert "It is not lifted before the person is told" in broken("right.restrict", world).text


# ---- verification ----


def ruled(**changes: Any) -> Callable[..., Any]:
    """The published rule, but with fields that code wrote itself."""

    def asked(*, organisation: Any, clause: str) -> Any:
        found = rule(organisation=organisation, clause=clause)
        return replace(found, **changes) if clause == "rights.verify" else found

    return asked


def test_any_code_will_do(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(proving, "_digest", lambda challenge, code: b"the same for all")
    assert "Wrong code 1 opens nothing" in broken("rights.verify", world).text


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({"code_digits": 8}, "The code has 8 digits"),
        ({"attempts": 1000}, "Codes can be guessed without end"),
        ({"code_expires_within": Duration.parse("P9Y")}, "An expired code was accepted"),
    ],
)
def test_codes_of_another_rule(world: World, monkeypatch: Patch, changes: dict[str, Any], seen: str) -> None:
    monkeypatch.setattr(proving, "rule", ruled(**changes))
    monkeypatch.setattr(portal, "_code_form", lambda house, data: portal.CodeForm(data, digits=6))
    assert broken("rights.verify", world).text == seen


def test_no_code_will_do(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(proving, "_judge", lambda *a: proving.Verdict("closed", attempts_left=0))
    assert broken("rights.verify", world).text == "The right code opens nothing"


def test_a_page_that_tells_whom_we_know(world: World, monkeypatch: Patch) -> None:
    track = portal.rights.track
    first: list[str] = []

    def telling(*, reference: str, **given: Any) -> Any:
        first.append(reference)
        found = track(reference=reference, **given)
        return replace(found, state_text="We hold data about you.") if reference == first[0] else found

    monkeypatch.setattr(portal.rights, "track", telling)
    assert broken("rights.verify", world).text == "The page tells whether we know somebody"


def test_a_request_that_is_open_to_its_reference(world: World, monkeypatch: Patch) -> None:
    no_key_needed(monkeypatch)
    assert broken("rights.verify", world).text == "Who knows only the reference sees the request"


# ---- the end of what is kept ----

KEPT = "retain.as-needed"


def after(period: str) -> Callable[..., Any]:
    """Everything is kept as long as code says, whatever the policy says."""
    made = due.boundary
    return lambda *, now, zone, **given: made(period=Duration.parse(period), now=now, zone=zone)


@pytest.mark.parametrize(
    ("period", "seen"),
    [
        ("PT1S", "A purge removed something before its time"),
        ("P4M", "The sound of a call: gone before P6M"),
        ("P5Y", "The sound of a call: still there after P6M"),
    ],
)
def test_times_that_code_decides(world: World, monkeypatch: Patch, period: str, seen: str) -> None:
    monkeypatch.setattr(due, "boundary", after(period))
    assert broken(KEPT, world).text == seen


def test_a_purge_that_forgets_the_words(world: World, monkeypatch: Patch) -> None:
    ending = due.ending_places
    monkeypatch.setattr(
        due,
        "ending_places",
        lambda **given: [(p, at) for p, at in ending(**given) if p.retention != "conversation.words"],
    )
    assert broken(KEPT, world).text == "The words of a chat: still there after P1Y"


def test_a_purge_that_keeps_the_facts(world: World, monkeypatch: Patch) -> None:
    ending = due.ending_places
    monkeypatch.setattr(
        due,
        "ending_places",
        lambda **given: [(p, at) for p, at in ending(**given) if p.retention != "conversation.facts"],
    )
    assert broken(KEPT, world).text == "The facts of a chat: still there after P2Y"


def test_a_purge_that_leaves_the_sound(world: World, monkeypatch: Patch) -> None:
    ending = due.ending_places
    monkeypatch.setattr(
        due,
        "ending_places",
        lambda **given: [(p, at) for p, at in ending(**given) if p.retention != "conversation.sound"],
    )
    assert broken(KEPT, world).text == "The sound of a call: still there after P6M"


def test_a_purge_that_asks_for_no_hold(world: World, monkeypatch: Patch) -> None:
    spared = due.spared
    monkeypatch.setattr(due, "spared", lambda **given: replace(spared(**given), held=frozenset()))
    assert broken(KEPT, world).text == "A held conversation was purged"
