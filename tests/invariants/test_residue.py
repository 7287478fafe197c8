"""Two people stand in every field there is; they get their copies; they are erased; nothing of them is left.

The search knows no declaration: it looks into every column, every file, the dump, the server's own files and its
log, and what the application logged. Each check has a twin that goes red.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from conftest import _fresh
from django import forms
from django.conf import settings

from plainspoken.custody import acts, clock, places
from plainspoken.custody.actors import program
from plainspoken.custody.models import Decision, Organisation
from plainspoken.custody.sessions import PurposeRefused, purpose
from plainspoken.people.models import Identifier
from plainspoken.people.resolution import Given, resolve
from plainspoken.retention import rewriting
from plainspoken.rights import services as rights
from plainspoken.rights.services import erasing

from . import stores
from .canaries import Canary, canary
from .fields import enumerated
from .planting import ME, Planted
from .stores import Found, Seeker

# Places whose rows no copy shows, each with its reason. Everything else must be in somebody's copy.
NOT_COPIED = {
    "exchange.Upload": "nobody knows whose it is before it is whole; then it is a conversation, and this row is gone",
    "exchange.UploadPart": "the same: sealed with a key of its own that ends with the upload",
    "sessions.Session": "A session holds a secret that opens the account; the copy names none.",
}


@dataclass
class Lived:
    """What was seen of the two people, from planting to the end."""

    planted: Planted
    fields: set[str]
    subjects: dict[str, UUID] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    copies: dict[str, dict[str, Any]] = field(default_factory=dict)
    before: list[Found] = field(default_factory=list)
    after: list[Found] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)
    files: dict[str, list[Found]] = field(default_factory=dict)
    samples: list[str] = field(default_factory=list)


def _copy(planted: Planted, reference: str) -> dict[str, Any]:
    """data.json of the copy that was made for a request, by place."""
    from plainspoken.custody import keys, objects
    from plainspoken.rights.models import Archive

    with purpose("rights.execute", organisation=planted.house.id, by=ME):
        row = Archive.objects.select_related("request").get(request__reference=reference)
        sealer = keys.subject_sealer(row.subject_id)
        content = b"".join(objects.read(row.stored, sealer=sealer))
    with zipfile.ZipFile(io.BytesIO(content)) as copy:
        data = json.loads(copy.read("data.json"))
    return {one["place"]: one["rows"] for one in data["places"] if one["rows"]}


def _counted(planted: Planted, subjects: dict[str, UUID]) -> dict[str, int]:
    found: dict[str, int] = {}
    with purpose("rights.execute", organisation=planted.house.id, by=ME):
        for subject in subjects.values():
            for place in acts.personal_places():
                found[place.model] = found.get(place.model, 0) + acts.count(place, subject)
    return found


def _refusals(planted: Planted) -> list[str]:
    """Places that answered a purpose which is not in their list, where there were rows to show."""
    from plainspoken.policies.queries import policy_in_force

    found = []
    for name in policy_in_force(organisation=planted.house.id).purposes:
        try:
            with purpose(name, organisation=planted.house.id, by=ME):
                pass
        except PurposeRefused:
            continue
        for place in places.places():
            if not place.governed or name in place.purposes or not place.is_personal:
                continue
            try:
                with purpose(name, organisation=planted.house.id, by=ME):
                    place.model_class._default_manager.first()
                found.append(f"{place.model} for {name}")
            except Exception as error:
                if "may not use" not in str(error):
                    found.append(f"{place.model} for {name}: {error}")
    return found


def _own_files(seeker: Seeker) -> list[Found]:
    found = []
    for path in sorted(Path(settings.DATA).iterdir()):
        if path.is_dir() and path.name not in ("postgres", "static", "models"):
            found += seeker.files(path, path.name)
    for name in ("OBJECTS_FOLDER", "KEYRING_FOLDER", "ANCHORS_FOLDER"):
        found += seeker.files(Path(getattr(settings, name)), name)
    return found


def _server_files(seeker: Seeker) -> dict[str, list[Found]]:
    """The server's own files, as they come to rest: after a checkpoint, a vacuum, and with tables written anew as
    the worker does at night; the server's own next checkpoint ends the write-ahead log before it.
    """
    own = stores.cluster()
    if own is None:
        return {}
    found = {}
    stores.settle()
    for name in ("at rest", "vacuumed"):
        found[name] = [
            Found(stores.relation(one.where), one.value) for one in seeker.files(stores.data_files(), "base")
        ]
        stores.vacuum()
        stores.settle()
    done = rewriting.rewrite(everything=True)
    assert {one.table for one in done} == set(rewriting.tables()) and not any(one.left for one in done), done
    stores.server("CHECKPOINT")
    found["written anew"] = [
        Found(stores.relation(one.where), one.value) for one in seeker.files(stores.data_files(), "base")
    ]
    found["write-ahead log"] = seeker.files(own.cluster / "pg_wal", "pg_wal")
    found["log of the server"] = seeker.files(own.log, "log")
    return found


@pytest.fixture(scope="module")
def lived(template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """One life, looked at from outside before and after; the tests below ask about what was seen."""
    folder = tmp_path_factory.mktemp("lived")
    fresh = _fresh(template_database, folder)
    next(fresh)
    planted = Planted().everywhere(folder / "calls")
    seen = Lived(planted, enumerated(planted.house))
    seen.subjects = {"customer": planted.subject(planted.customer), "worker": planted.subject(planted.worker)}
    seen.counts = _counted(planted, seen.subjects)
    seen.refused = _refusals(planted)
    seen.copies = {
        "customer": _copy(planted, planted.references["access"]),
        "worker": _copy(planted, planted.references["own access"]),
    }
    seeker = Seeker([*planted.customer.everything, *planted.worker.everything])
    seen.before = seeker.tables()
    if stores.cluster() is not None:
        stores.vacuum()
        seen.samples = stores.sampled(seeker.values)
    planted.erased()
    seen.left = _left(planted.house, seen.subjects.values())
    seen.after = seeker.tables() + seeker.dump() + _own_files(seeker)
    seen.after += seeker.text("log of the application", planted.log.getvalue())
    seen.files = _server_files(seeker)
    yield seen
    fresh.close()


def _left(house: Organisation, subjects: Any) -> dict[str, int]:
    """What an erasure would still find."""
    found = {}
    with purpose("rights.execute", organisation=house.id, by=ME):
        for subject in subjects:
            for place in acts.personal_places():
                if count := acts.plan(place, subject).count:
                    found[place.model] = count
    return found


# ---- planted everywhere ----


def test_every_field_of_every_form_and_api_was_planted_in(lived: Lived) -> None:
    assert len(lived.fields) > 100
    assert lived.fields - lived.planted.sown == set()


def test_twin_a_new_field_that_nobody_planted_in_is_found(
    lived: Lived, monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    from plainspoken.people import forms as people_forms

    class Nickname(forms.Form):
        nickname = forms.CharField()
        agreed = forms.BooleanField()

    Nickname.__module__ = people_forms.__name__
    house = Planted(slug="twin").house
    assert enumerated(house) - lived.planted.sown == {"form:Nickname.nickname"}
    # Only its class counts, so it must be gone before anybody else looks.
    Nickname.__module__ = "elsewhere"


def test_every_personal_place_held_something_of_them(lived: Lived) -> None:
    """A new place without a planted row fails here, so that whoever adds it extends the planting."""
    empty = {model for model, count in lived.counts.items() if not count} - set(NOT_COPIED)
    assert empty == set()


def test_every_personal_place_is_in_a_copy(lived: Lived) -> None:
    everything = {place.model for place in acts.personal_places()}
    copied = {place for copy in lived.copies.values() for place in copy}
    assert everything - copied == set(NOT_COPIED)


def test_each_got_their_own_and_nobody_elses(lived: Lived) -> None:
    planted = lived.planted
    for name, who, other in (
        ("customer", planted.customer, planted.worker),
        ("worker", planted.worker, planted.customer),
    ):
        text = json.dumps(lived.copies[name], ensure_ascii=False)
        for value in (who.name, who.email):
            assert value in text, (name, value)
        # A card that the agent reads aloud to the only customer counts as the customer's own.
        hidden = (other.email, other.phone, other.account, *([other.card] if name == "worker" else []))
        for value in hidden:
            told = {
                place: json.dumps(rows, ensure_ascii=False)[:700]
                for place, rows in lived.copies[name].items()
                if value in json.dumps(rows, ensure_ascii=False)
            }
            assert told == {}, (name, value)
    assert planted.customer.card in json.dumps(lived.copies["customer"])


def test_a_purpose_outside_the_list_of_a_place_sees_none_of_its_rows(lived: Lived) -> None:
    assert lived.refused == []


# ---- in clear only where it is declared ----


def _undeclared(found: list[Found]) -> set[str]:
    """Columns in which somebody stood in clear without a declaration that says so."""
    said = {}
    for place in places.places():
        for name, column in place.columns.items():
            from plainspoken.custody.ddl import column_of

            said[f"{place.table}.{column_of(place, name)}"] = bool(column.category) and not column.sealed
    return {one.where for one in found if not said.get(one.where, False)}


def test_where_somebody_stood_in_clear_is_declared_so(lived: Lived) -> None:
    assert {one.where for one in lived.before} >= {"people_account.email", "transcripts_turn.text"}
    assert _undeclared(lived.before) == set()


def test_twin_a_clear_column_that_is_not_declared_is_found(
    lived: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    turn = places.place("transcripts.Turn")
    silent = {**turn.columns, "text": places.TECHNICAL, "pieces": places.personal("words", sealed=True)}
    monkeypatch.setitem(places._places, turn.key, replace(turn, columns=silent))
    assert _undeclared(lived.before) == {"transcripts_turn.text", "transcripts_turn.pieces"}


def test_redacted_words_held_no_identifier_of_theirs(lived: Lived) -> None:
    """What may be searched is redacted: only the rare word, which identifies nobody by itself, stood there."""
    planted = lived.planted
    shown = {one.value for one in lived.before if one.where.startswith("transcripts_")}
    assert shown == {planted.customer.word, planted.worker.word}


def test_the_planner_keeps_no_samples_of_what_was_said_or_of_who_signs_in(lived: Lived) -> None:
    if not lived.files:
        pytest.skip("The files of an external server are not ours to read.")
    assert {where for where in lived.samples if not where.endswith(".search")} <= {
        "conversations_conversation.queue"
    }


# ---- gone ----


def test_after_the_erasure_no_store_knows_them(lived: Lived) -> None:
    assert lived.after == []


def test_after_the_erasure_no_place_has_anything_left_to_erase(lived: Lived) -> None:
    assert lived.left == {}


def test_the_logs_were_not_empty(lived: Lived) -> None:
    """A search in nothing finds nothing."""
    lines = lived.planted.log.getvalue().splitlines()
    assert len(lines) > 10 and "debug" in {json.loads(line)["level"] for line in lines}


# What a customer wrote or was asked never stands in clear, so that deleted bytes hold none of it. Free text of our
# own staff does (a queue), and the redacted words.
FREE_TEXT = ("conversatio", "pg_statistic")


def test_the_servers_own_files(lived: Lived) -> None:
    """Honest about deleted bytes: they stay in freed room until it is used again or the table is written anew."""
    if not lived.files:
        pytest.skip("The files of an external server are not ours to read.")
    who = lived.planted.customer
    assert lived.files["log of the server"] == []
    for name in ("at rest", "vacuumed", "written anew", "write-ahead log"):
        values = {one.value for one in lived.files[name]}
        assert not values & {who.phone, who.account, who.card}, name
    for name in ("at rest", "vacuumed"):
        told = {one.where for one in lived.files[name] if one.value in (who.name, who.email)}
        assert all(where.startswith(FREE_TEXT) for where in told), told
    written = {one.where for one in lived.files["written anew"]}
    assert written <= {"pg_statistic"}, "VACUUM FULL leaves nothing of the tables"


def test_twin_deleted_bytes_are_seen_in_the_servers_files(house: Organisation) -> None:
    """The search does read those files: what stood in clear is found there after it was deleted."""
    if stores.cluster() is None:
        pytest.skip("The files of an external server are not ours to read.")
    who = canary()
    subject = _small(house, who)
    erasing.everywhere(organisation=house.id, subject=subject, by=ME)
    stores.settle()
    seeker = Seeker([who.name])
    assert seeker.tables() == []
    found = {stores.relation(one.where) for one in seeker.files(stores.data_files(), "base")}
    assert found == {"custody_decision"}


# ---- twins of the search ----


def _small(house: Organisation, who: Canary) -> UUID:
    """Somebody with a decision whose ground names them in clear."""
    with purpose("ingest.write", organisation=house.id, by=ME):
        subject = resolve(
            given=[Given(Identifier.Kind.EMAIL, who.email)], region="DE", source="conversation.upload", by=ME
        ).id
    with purpose("rights.execute", organisation=house.id, by=ME):
        Decision.objects.create(
            organisation=house, subject_id=subject, kind=Decision.Kind.RESTRICTION, purposes=[], ground=who.name,
            made_at=clock.now(house.id),
        )  # fmt: skip
    return subject


def test_twin_a_place_that_the_erasure_leaves_out_is_found(
    house: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, by = canary(), program("twin")
    subject = _small(house, who)
    real = acts.erase

    def forgetful(place: places.Place, subject: UUID, *, by: Any) -> places.Ending:
        if place.model == "custody.Decision":
            return places.Ending(count=0, verb="keep")
        return real(place, subject, by=by)

    seeker = Seeker(who.everything)
    with monkeypatch.context() as patch:
        patch.setattr(acts, "erase", forgetful)
        with pytest.raises(rights.NotErased, match=r"custody\.Decision"):
            erasing.everywhere(organisation=house.id, subject=subject, by=by)
    assert {one.where for one in seeker.tables()} == {"custody_decision.ground"}
    assert {one.where for one in seeker.dump()} == {"pg_dump"}
    erasing.everywhere(organisation=house.id, subject=subject, by=by)
    assert seeker.tables() == [] and seeker.dump() == []


def test_twin_every_way_to_hide_a_value_is_seen(house: Organisation, tmp_path: Path) -> None:
    who = canary()
    seeker = Seeker(who.everything)
    assert seeker.files(tmp_path, "x") == []
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / f"{who.email}.wav").write_bytes(b"")
    (tmp_path / "b.bin").write_bytes(b"\0" * 5000 + who.card.replace(" ", "-").encode() + b"\0")
    (tmp_path / "c.log").write_text(who.name.upper())
    assert {one.value for one in seeker.files(tmp_path, "x")} == {who.email, who.card, who.name}
    with stores.line() as owner:
        owner.execute("CREATE TABLE hidden (packed bytea, nested jsonb)")
        owner.execute(
            "INSERT INTO hidden VALUES (%s, %s)",
            [who.phone.encode(), json.dumps({"deep": [{"er": who.account.lower()}]})],
        )
    assert {one.where for one in seeker.tables()} == {"hidden.packed", "hidden.nested"}


def test_twin_a_session_is_opened_before_it_is_searched(house: Organisation) -> None:
    from django.contrib.sessions.backends.db import SessionStore

    who = canary()
    session = SessionStore()
    session["note"] = who.text * 20
    session.save()
    seeker = Seeker([who.email])
    assert [one.where for one in seeker.tables()] == ["django_session.session_data"]


def test_a_proposed_merge_is_reached_from_both_sides(house: Organisation) -> None:
    """Which of two people stands first in a proposal is chance; both may ask about it, and erasing either ends it."""
    phone, people = canary().phone, [canary(), canary()]
    subjects = []
    with purpose("ingest.write", organisation=house.id, by=ME):
        for who in people:
            given = [Given(Identifier.Kind.EMAIL, who.email), Given(Identifier.Kind.PHONE, phone)]
            subjects.append(resolve(given=given, region="DE", source="conversation.upload", by=ME).id)
    place = places.place("people.MergeProposal")
    with purpose("rights.execute", organisation=house.id, by=ME):
        assert [acts.count(place, subject) for subject in subjects] == [1, 1]
    erasing.everywhere(organisation=house.id, subject=max(subjects), by=ME)
    with purpose("rights.execute", organisation=house.id, by=ME):
        assert [acts.count(place, subject) for subject in subjects] == [0, 0]
