"""Conversations arrive whole or not at all, once, and sealed."""

import io
import struct
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from plainspoken.conversations import services
from plainspoken.conversations.arrival import ArrivalRefused, Person, Utterance
from plainspoken.conversations.models import Conversation, Participation, ReceivedWords, Recording
from plainspoken.conversations.tests.makers import ME, arrived, opus, wav
from plainspoken.custody import keys, objects, ports
from plainspoken.custody.models import LedgerEntry, Organisation, Subject
from plainspoken.custody.sessions import purpose
from plainspoken.people.models import Identifier, MergeProposal
from plainspoken.policies.services import publish


def everything(house: Organisation) -> dict[str, int]:
    """How many rows and objects there are of what an arrival can leave."""
    with purpose("ingest.write", organisation=house.id, by=ME), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'transcripts.transcribe'"
            " AND args ->> 'organisation' = %s",
            [str(house.id)],
        )
        return {
            "conversations": Conversation.objects.count(),
            "people": Participation.objects.count(),
            "subjects": Subject.objects.count(),
            "recordings": Recording.objects.count(),
            "words": ReceivedWords.objects.count(),
            "objects": len(list(ports.object_store().names(prefix=str(house.id)))),
            "jobs": cursor.fetchone()[0],
        }


def arrive(house: Organisation, facts: dict[str, Any], **more: Any) -> services.Arrival:
    more.setdefault("words", [Utterance("Hello", "customer")])
    more.setdefault("point", "conversation.upload")
    return services.arrive(organisation=house.id, facts=facts, by=ME, **more)


# ---- the collection point decides ----


@pytest.mark.parametrize(
    ("facts", "more", "code", "says"),
    [
        ({"source_id": "1", "shoe_size": "9"}, {}, "undeclared", "Allowed are agent_account,"),
        ({"source_id": "1", "shoe_size": ""}, {}, "undeclared", "shoe_size"),
        ({"queue": "Returns"}, {"point": "conversation.vcon"}, "missing", "source_id"),
        ({"source_id": ""}, {"point": "conversation.vcon"}, "missing", "source_id"),
        ({"source_id": 7}, {}, "wrong", "source_id must be text"),
        ({"source_id": "1", "customer_phone": 4915112345678}, {}, "wrong", "customer_phone must be text"),
        ({"source_id": "1", "duration": "long"}, {}, "wrong", "number of seconds"),
        ({"source_id": "1", "duration": -1}, {}, "wrong", "number of seconds"),
        ({"source_id": "1", "duration": True}, {}, "wrong", "number of seconds"),
        ({"source_id": "1", "duration": float("nan")}, {}, "wrong", "number of seconds"),
        ({"source_id": "1", "direction": "sideways"}, {}, "wrong", "one of in, out, internal"),
        ({"source_id": "1", "started_at": "yesterday"}, {}, "wrong", "a time such as"),
        ({"source_id": "1", "started_at": 12}, {}, "wrong", "a time such as"),
        ({"source_id": "1", "queue": "ada@lovelace.example"}, {}, "wrong", "short name"),
        ({"source_id": "1", "queue": "Ada 0151 12345678"}, {}, "wrong", "short name"),
        ({"source_id": "1", "language": "Klingon!"}, {}, "wrong", "language code"),
        ({"source_id": "1", "subject_line": "x" * 501}, {}, "wrong", "at most 500"),
        ({"source_id": "1", "customer_name": ["Ada"]}, {}, "wrong", "must be text"),
        ({"source_id": "1"}, {"words": None}, "empty", "neither sound nor words"),
        ({"source_id": "1"}, {"words": [Utterance("x", 5)]}, "wrong", "Speaker 5 is none"),
        ({"source_id": "1"}, {"words": [Utterance("x", start_s=-1)]}, "wrong", "timed in seconds"),
    ],
)
def test_what_the_point_does_not_take_is_refused_and_leaves_nothing(
    house: Organisation, facts: dict[str, Any], more: dict[str, Any], code: str, says: str
) -> None:
    before = everything(house)
    with pytest.raises(ArrivalRefused, match=says) as refused:
        arrive(house, facts, **more)
    assert refused.value.code == code
    assert everything(house) == before


def test_other_points_are_refused(house: Organisation) -> None:
    for point in ("privacy.request", "conversation.nowhere"):
        with pytest.raises(ArrivalRefused, match=r"collection point|do not arrive"):
            services.arrive(
                organisation=house.id, point=point, facts={"source_id": "1"}, words=[Utterance("x")], by=ME
            )


def test_a_changed_policy_changes_what_is_taken(house: Organisation) -> None:
    """The rule decides: a field that the next version does not name is refused, one that it requires
    is missed.
    """
    from conftest import POLICY

    source = POLICY.read_text("utf-8")
    first = arrive(house, {"source_id": "1", "queue": "Returns"})
    queue = "      queue: {category: call, required: false}\n"
    publish(organisation=house.id, source=source.replace(queue, "", 1), file="p", by=ME)
    with pytest.raises(ArrivalRefused, match="queue"):
        arrive(house, {"source_id": "2", "queue": "Returns"})
    second = arrive(house, {"source_id": "2"}, words=[Utterance("Bye", "customer")])
    needed = source.replace(queue, queue.replace("false", "true"), 1)
    publish(organisation=house.id, source=needed, file="p", by=ME)
    with pytest.raises(ArrivalRefused, match="queue") as refused:
        arrive(house, {"source_id": "3"})
    assert refused.value.code == "missing"
    assert (first.conversation.policy_version, second.conversation.policy_version) == (1, 2)


# ---- people ----


def test_people_are_resolved_by_what_identifies_them(house: Organisation) -> None:
    one = arrived(house, source="1", customer_phone="0151 12345678", customer_email="")
    two = arrived(
        house, source="2", customer_phone="+49 151 123 456 78", customer_email="", subject_line="again"
    )
    three = arrived(
        house, source="3", customer_phone="+4915187654321", customer_email="", subject_line="other"
    )
    with purpose("ingest.write", organisation=house.id, by=ME):
        people = {
            row.conversation_id: row.subject_id for row in Participation.objects.filter(role="customer")
        }
        agents = set(Participation.objects.filter(role="agent").values_list("subject_id", flat=True))
        assert people[one.id] == people[two.id] != people[three.id]
        assert len(agents) == 1, "the same e-mail address is the same agent"
        assert Subject.objects.get(id=agents.pop()).kind == "staff"


def test_an_agent_with_an_account_is_that_member_of_staff(house: Organisation, staff: Any) -> None:
    member, _ = staff("agent", login="jo.kim", name="Jo Kim")
    by_mail = arrived(house, source="1", agent_email=f"Jo.Kim@{house.slug}.Example")
    by_name = arrived(house, source="2", agent_email="", subject_line="only the name")
    with purpose("ingest.write", organisation=house.id, by=ME):
        for row in (by_mail, by_name):
            assert Participation.objects.get(conversation=row, role="agent").subject_id == member.subject_id


def test_two_agents_of_one_name_are_not_guessed(house: Organisation, staff: Any) -> None:
    staff("agent", login="jo1", name="Jo Kim")
    staff("agent", login="jo2", name="Jo Kim")
    row = arrived(house, agent_email="")
    with purpose("ingest.write", organisation=house.id, by=ME):
        subject = Participation.objects.get(conversation=row, role="agent").subject_id
        assert Subject.objects.filter(kind="staff").count() == 3
        assert Identifier.objects.filter(subject_id=subject).count() == 1


def test_the_line_that_all_agents_share_makes_nobody_one_person(house: Organisation) -> None:
    for place, agent in enumerate(("jo", "max", "ida")):
        arrived(
            house,
            source=str(place),
            agent_name=agent.capitalize(),
            agent_phone="+496912345",
            agent_email=f"{agent}@larkfield.example",
            subject_line=agent,
        )
    with purpose("ingest.write", organisation=house.id, by=ME):
        agents = Participation.objects.filter(role="agent").values_list("subject_id", flat=True)
        assert len(set(agents)) == 3
        assert MergeProposal.objects.count() == 0


def test_an_unknown_caller_is_a_new_pseudonym_each_time(house: Organisation) -> None:
    for place in range(2):
        arrive(house, {"source_id": str(place)}, words=[Utterance(f"Hello {place}", "customer")])
    with purpose("ingest.write", organisation=house.id, by=ME):
        assert Subject.objects.count() == 2
        assert Identifier.objects.count() == 0


def test_several_people_and_where_they_speak(house: Organisation) -> None:
    people = (
        Person("agent", email="jo@larkfield.example"),
        Person("customer", email="ann@home.example"),
        Person("customer", email="bob@home.example"),
    )
    row = arrived(house, sound=wav(), people=people)
    with purpose("ingest.write", organisation=house.id, by=ME):
        held = services.take(row.id)
        assert [(p.role, p.channel, p.alone) for p in held.parties] == [
            ("agent", 0, True),
            ("customer", 1, False),
            ("customer", 1, False),
        ]
        assert len(Conversation.objects.select_related("content_key").get().content_key.holders) == 2


# ---- twice makes one ----


def test_the_same_source_and_the_same_sound_are_the_same_conversation(house: Organisation) -> None:
    one = arrive(house, {"source_id": "1"}, media=io.BytesIO(wav()), words=None)
    assert one.created
    before = everything(house)
    again = arrive(house, {"source_id": "1"}, media=io.BytesIO(wav()), words=None)
    renamed = arrive(house, {"source_id": "other"}, media=io.BytesIO(wav()), words=None)
    corrected = arrive(house, {"source_id": "1"}, media=io.BytesIO(wav(300.0, 600.0)), words=None)
    assert {a.conversation.id for a in (again, renamed, corrected)} == {one.conversation.id}
    assert not (again.created or renamed.created or corrected.created)
    assert everything(house) == before


def test_the_same_silence_at_another_time_is_another_call(house: Organisation) -> None:
    silence = wav(0.0, 0.0, seconds=2.0)
    first = arrived(house, source="silent-1", sound=silence, started_at="2026-03-01T09:00:00Z")
    other = arrived(house, source="silent-2", sound=silence, started_at="2026-03-01T10:00:00Z")
    again = arrived(house, source="silent-3", sound=silence, started_at="2026-03-01T09:00:00+00:00")
    assert other.id != first.id and again.id == first.id


def test_the_same_conversation_sent_by_many_at_once_is_kept_once(house: Organisation) -> None:
    sound, gate, done, errors = wav(), threading.Barrier(6, timeout=30), [], []

    def send(place: int) -> None:
        try:
            gate.wait()
            facts = {
                "source_id": "same" if place % 2 else f"own-{place}",
                "customer_email": "ada@lovelace.example",
            }
            done.append(arrive(house, facts, media=io.BytesIO(sound), words=None))
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(place,)) for place in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not errors
    assert sum(one.created for one in done) == 1
    now = everything(house)
    assert (now["conversations"], now["recordings"], now["objects"], now["subjects"], now["jobs"]) == (
        1,
        1,
        1,
        1,
        1,
    )


def test_different_calls_of_one_new_customer_at_once_make_one_person(house: Organisation) -> None:
    gate, errors = threading.Barrier(6, timeout=30), []

    def send(place: int) -> None:
        try:
            gate.wait()
            ways = {"customer_email": "ada@lovelace.example", "customer_phone": "+4915112345678"}
            arrive(house, {"source_id": str(place), **ways}, words=[Utterance(f"Call {place}", "customer")])
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(place,)) for place in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not errors
    now = everything(house)
    assert (now["conversations"], now["subjects"]) == (6, 1)


# ---- what is kept, and how ----


def test_one_transaction_keeps_everything_sealed_and_says_so(house: Organisation, tmp_path: Path) -> None:
    path = tmp_path / "call.opus"
    path.write_bytes(opus())
    started = datetime(2026, 1, 5, 9, 30)
    row = arrived(
        house, sound=path, started_at=started.isoformat(), direction="inbound", subject_line="Lamp for Ada"
    )
    with purpose("ingest.write", organisation=house.id, by=ME):
        recording = Recording.objects.get()
        assert (recording.codec, recording.channels, recording.container) == ("opus", 2, "ogg")
        assert row.direction == "in" and row.duration_s == pytest.approx(3.0, abs=0.1)
        assert row.started_at == datetime(2026, 1, 5, 8, 30, tzinfo=UTC), (
            "a time without a zone is the house's own"
        )
        stored = ports.object_store()._path(recording.original).read_bytes()
        assert path.read_bytes()[:40] not in stored and b"OggS" not in stored
        held = services.take(row.id)
        assert held.subject_line == "Lamp for Ada"
        with services.sound_of(held) as sound:
            assert sound.read() == path.read_bytes()
        entry = LedgerEntry.objects.using("owner").get(act="conversation.arrived", organisation=house)
        assert entry.about == f"conversation:{row.id}" and entry.subject is not None
        assert entry.detail == {"point": "conversation.upload", "policy": 1, "people": 2, "seconds": 3}
    assert everything(house)["jobs"] == 1
    for clear in ("Lamp for Ada", "call-1", "lovelace"):
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT conversations_conversation::text FROM conversations_conversation")
            assert clear not in cursor.fetchone()[0]


def test_without_the_customers_key_nothing_can_be_opened(house: Organisation) -> None:
    row = arrived(house, sound=wav())
    with purpose("ingest.write", organisation=house.id, by=ME):
        customer = Participation.objects.get(role="customer").subject_id
    keys.destroy(organisation=house.id, subject=customer)
    with purpose("ingest.write", organisation=house.id, by=ME), pytest.raises(keys.KeyGone):
        services.take(row.id)


def test_a_failure_after_the_sound_was_stored_leaves_nothing(
    house: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(house)
    monkeypatch.setattr(
        "plainspoken.conversations.services.arriving.queue_writing", lambda row, **more: 1 / 0
    )
    with pytest.raises(ZeroDivisionError):
        arrived(house, sound=wav())
    assert everything(house) == before


# ---- sounds that are none ----


def header_that_lies(seconds: int) -> bytes:
    """A WAV of one second whose header promises more."""
    size = seconds * 16000
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + size,
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        8000,
        16000,
        2,
        16,
        b"data",
        size,
    )
    return head + b"\0\0" * 8000


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty", b""),
        ("text", b"this is no sound at all" * 100),
        ("only a header", wav()[:44]),
        (
            "absurd header",
            b"RIFF\xff\xff\xff\x7fWAVEfmt \x10\0\0\0\x01\0" + b"\xff" * 12 + b"data" + b"\xff" * 400,
        ),
        ("zeros", bytes(5000)),
        ("random ogg", b"OggS" + bytes(range(256)) * 20),
        ("a play list", b"#EXTM3U\nhttp://127.0.0.1:9/x.wav\n"),
        ("concat", b"ffconcat version 1.0\nfile /etc/passwd\n"),
    ],
)
def test_what_is_no_sound_is_refused_in_a_sentence(house: Organisation, name: str, data: bytes) -> None:
    before = everything(house)
    with pytest.raises(ArrivalRefused) as refused:
        arrive(house, {"source_id": name}, media=io.BytesIO(data), words=None)
    assert refused.value.code == "sound-unreadable" and refused.value.sentence.endswith(".")
    assert everything(house) == before


def test_a_truncated_sound_is_kept(house: Organisation) -> None:
    whole = wav()
    done = arrive(house, {"source_id": "1"}, media=io.BytesIO(whole[: len(whole) // 2]), words=None)
    assert done.created


def test_a_file_that_changes_while_it_is_read_is_refused(house: Organisation, tmp_path: Path) -> None:
    from plainspoken.conversations import media

    path = tmp_path / "growing.wav"
    path.write_bytes(wav())
    original = media.bytes_of

    def grow(source: Any) -> Any:
        yield from original(source)
        yield b"more"

    before = everything(house)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("plainspoken.conversations.services.arriving.media.bytes_of", grow)
        with pytest.raises(ArrivalRefused, match="changed while we read it"):
            arrive(house, {"source_id": "1"}, media=path, words=None)
    assert everything(house) == before


def test_four_hours_arrive_in_bounded_memory(house: Organisation, tmp_path: Path) -> None:
    """230 MB of sound; the peak grows by a small part of that."""
    import resource
    import wave

    path = tmp_path / "long.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        minute = bytes(8000 * 2 * 60)
        for _ in range(4 * 60):
            out.writeframes(minute)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    done = arrive(house, {"source_id": "long"}, media=path, words=None)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert done.conversation.duration_s == 4 * 3600
    assert grown < 60, f"{grown} MB"


def test_a_header_that_lies_is_not_believed(house: Organisation) -> None:
    done = arrive(house, {"source_id": "1"}, media=io.BytesIO(header_that_lies(13 * 3600)), words=None)
    assert done.conversation.duration_s == pytest.approx(1.0, abs=0.1)


def test_hostile_text_is_made_harmless(house: Organisation) -> None:
    row = arrived(
        house,
        customer_name="Ada\0\ud800 Love\u202elace\nX",
        subject_line="a\0b\ud800c",
        customer_email="",
        words=[Utterance("Bad \0 text \udfff here \x1b[31m", "customer")],
    )
    with purpose("ingest.write", organisation=house.id, by=ME):
        held = services.take(row.id)
        assert held.subject_line == "abc"
        assert services.words_of(held)[0].text == "Bad  text  here [31m"
    assert objects.plain_size(held.words) > 0
    assert row.arrived_at - row.started_at < timedelta(seconds=5)
