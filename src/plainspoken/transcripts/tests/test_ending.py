"""How conversations end for one person: whole, in part, by channel, or by losing their name; and by age."""

import io
import wave
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from plainspoken.conversations import services as conversations
from plainspoken.conversations.arrival import Person, TimedWord, Utterance
from plainspoken.conversations.models import Conversation, Participation, PlayCopy, Recording
from plainspoken.conversations.ports import Wanted
from plainspoken.conversations.tests.makers import ME, arrived, loudness, recogniser, wav, written
from plainspoken.custody import acts, keys, objects, ports
from plainspoken.custody.models import ContentKey, Organisation
from plainspoken.custody.places import Ending, place
from plainspoken.custody.sessions import purpose
from plainspoken.kernels.sound import read
from plainspoken.policies.services import publish
from plainspoken.transcripts import queries
from plainspoken.transcripts.models import Transcript, Turn, Words
from plainspoken.transcripts.services import storing

OURS = ("conversations.", "transcripts.")
ANN, BOB = (
    Person("customer", name="Ann Archer", email="ann@home.example"),
    Person("customer", name="Bob Baker", email="bob@home.example"),
)
JO = Person("agent", name="Jo Kim", email="jo@larkfield.example")


def our_places() -> list[Any]:
    return [p for p in acts.personal_places() if p.model.startswith(OURS)]


def plan(house: Organisation, subject: UUID) -> dict[str, Ending]:
    with purpose("rights.execute", organisation=house.id, by=ME):
        return {p.model: acts.plan(p, subject) for p in our_places()}


def erase(house: Organisation, subject: UUID, *, stop_after: str = "") -> dict[str, Ending]:
    """As `rights` does it: each place in a transaction of its own, then the key."""
    done = {}
    for where in our_places():
        with purpose("rights.execute", organisation=house.id, by=ME):
            done[where.model] = acts.erase(where, subject, by=ME)
        if where.model == stop_after:
            return done
    with purpose("rights.execute", organisation=house.id, by=ME):
        acts.erase(place("people.Identifier"), subject, by=ME)
    keys.destroy(organisation=house.id, subject=subject)
    return done


def subject_of(house: Organisation, row: Conversation, position: int) -> UUID:
    with purpose("ingest.write", organisation=house.id, by=ME):
        return Participation.objects.get(conversation=row, position=position).subject_id


def stored(house: Organisation) -> int:
    return len(list(ports.object_store().names(prefix=str(house.id))))


def call_of_two(house: Organisation) -> Conversation:
    """Ann and Bob on one channel, Jo on the other; every word has its time."""

    def said(speaker: int, start: float, text: str) -> Utterance:
        words = tuple(
            TimedWord(w, start + n * 0.4, start + n * 0.4 + 0.3) for n, w in enumerate(text.split())
        )
        return Utterance(text, speaker, words[0].start_s, words[-1].end_s, words)

    row = arrived(
        house,
        sound=wav(seconds=24.0),
        people=(JO, ANN, BOB),
        subject_line="Ann Archer and the lamp",
        queue="Returns",
        words=[
            said(0, 1.0, "hello this is Jo Kim"),
            said(1, 4.0, "I am Ann Archer and my card is 4111 1111 1111 1111"),
            said(0, 11.0, "thank you Ann Archer I see a lamp"),
            said(2, 16.0, "and I am Bob Baker about the sofa for Ann"),
        ],
    )
    written(house, row)
    return row


def raw_text(house: Organisation, row: Conversation) -> str:
    with purpose("claims.defend", organisation=house.id, by=ME):
        words = Words.objects.select_related("content_key").get(transcript__conversation=row)
        return " | ".join(f"{s.text}~{' '.join(w.text for w in s.words)}" for s in storing.raw(words))


def original_of(house: Organisation, row: Conversation) -> Any:
    """The original sound, as it is now."""
    with purpose("rights.execute", organisation=house.id, by=ME):
        held = conversations.take(row.id)
    with conversations.sound_of(held) as sound:
        return read(sound, rate=16000).samples


# ---- a sole customer ----


def test_a_sole_customers_conversation_becomes_a_measure(house: Organisation) -> None:
    with recogniser({0: "this is Jo Kim", 1: "I am Ada Lovelace and want a refund"}):
        row = arrived(house, sound=wav(), started_at="2026-03-04T15:30:00+01:00", subject_line="For Ada")
        written(house, row)
    arrived(
        house, source="other", customer_email="z@home.example", customer_name="Zed", subject_line="another"
    )
    customer = subject_of(house, row, 1)
    planned = plan(house, customer)
    counts = {name: ending.count for name, ending in planned.items() if ending.count}
    assert counts == {
        "conversations.Conversation": 1,
        "conversations.Participation": 1,
        "conversations.Recording": 1,
        "conversations.PlayCopy": 1,
        "transcripts.Transcript": 1,
        "transcripts.Words": 1,
        "transcripts.Turn": 2,
    }
    before = stored(house)
    done = erase(house, customer)
    assert {name: ending.count for name, ending in done.items() if ending.count} == counts
    assert not any(ending.count for ending in plan(house, customer).values())
    assert stored(house) == before - 3
    with purpose("service.answer", organisation=house.id, by=ME):
        left = Conversation.objects.get(id=row.id)
        assert not Participation.objects.filter(conversation=row).exists()
        assert queries.search(Wanted(q="refund")).total == 0
    assert (left.queue, left.state) == ("Returns", "erased")
    assert left.duration_s == pytest.approx(12.0, abs=0.1)
    assert left.started_at == datetime(2026, 3, 3, 23, 0, tzinfo=UTC), (
        "the day alone, in the house's own zone"
    )
    assert not any(
        (left.source_id, left.source_blind, left.content_blind, left.subject_line, left.content_key_id)
    )
    with purpose("rights.execute", organisation=house.id, by=ME):
        assert not ContentKey.objects.filter(holders__contains=[customer]).exists()


def test_a_queue_that_nobody_else_was_in_goes_too(house: Organisation) -> None:
    row = arrived(house, queue="Lovelace special")
    erase(house, subject_of(house, row, 1))
    with purpose("service.answer", organisation=house.id, by=ME):
        assert Conversation.objects.get(id=row.id).queue == ""


def test_before_it_was_written_it_goes_just_as_well(house: Organisation) -> None:
    row = arrived(house)
    customer = subject_of(house, row, 1)
    assert plan(house, customer)["conversations.ReceivedWords"].count == 1
    erase(house, customer)
    assert stored(house) == 0
    assert written(house, row) == "gone"


def test_it_may_arrive_again_afterwards_and_is_a_new_one(house: Organisation) -> None:
    first = arrived(house, sound=wav())
    erase(house, subject_of(house, first, 1))
    second = arrived(house, sound=wav())
    assert second.id != first.id and subject_of(house, second, 1) is not None


@pytest.mark.parametrize(
    "stop", ["transcripts.Turn", "transcripts.Words", "conversations.Recording", "conversations.Conversation"]
)
def test_an_erasure_that_was_cut_off_goes_on(house: Organisation, stop: str) -> None:
    with recogniser({0: "this is Jo Kim", 1: "I am Ada Lovelace"}):
        row = arrived(house, sound=wav())
        written(house, row)
    customer = subject_of(house, row, 1)
    erase(house, customer, stop_after=stop)
    erase(house, customer)
    assert not any(ending.count for ending in plan(house, customer).values())
    assert stored(house) == 0


def test_it_works_when_the_key_is_gone_already(house: Organisation) -> None:
    """A restore brought the rows back; the keyring remembers that the key was destroyed."""
    with recogniser({1: "I am Ada Lovelace"}):
        row = arrived(house, sound=wav())
        written(house, row)
    customer = subject_of(house, row, 1)
    keys.destroy(organisation=house.id, subject=customer)
    erase(house, customer)
    assert not any(ending.count for ending in plan(house, customer).values())
    assert stored(house) == 0


# ---- one of several customers ----


def test_one_of_two_customers_leaves_and_the_other_stays(house: Organisation) -> None:
    row = call_of_two(house)
    ann, bob = subject_of(house, row, 1), subject_of(house, row, 2)
    assert "Archer" in raw_text(house, row)
    planned = plan(house, ann)
    done = erase(house, ann)
    assert {n: e.count for n, e in done.items()} == {n: e.count for n, e in planned.items()}
    assert done["transcripts.Words"].verb == "rewrite"
    assert not any(ending.count for ending in plan(house, ann).values())

    text = raw_text(house, row)
    for word in ("Archer", "Ann", "4111", "card"):
        assert word not in text, f"{word} is still in the raw words: {text}"
    assert "Bob Baker" in text and "about the sofa" in text, "the other one's words stay"
    with purpose("service.answer", organisation=house.id, by=ME):
        script = queries.script(row.id)
        assert [line.gone for line in script.lines] == [False, True, False, False]
        assert script.lines[1].text == "" and script.lines[1].pieces == []
        assert script.title == "" and "Archer" not in str(script)
        assert queries.search(Wanted(q="card")).total == 0
        assert queries.search(Wanted(q="sofa")).total == 1
        assert {p.subject_id for p in Participation.objects.filter(conversation=row, role="customer")} == {
            bob
        }
        key = Conversation.objects.select_related("content_key").get(id=row.id).content_key
        assert key.holders == [bob]


def test_the_sound_of_who_left_is_silent_in_the_original_too(house: Organisation) -> None:
    row = call_of_two(house)
    erase(house, subject_of(house, row, 1))
    original = original_of(house, row)
    assert loudness(original[1], 3.7, 9.5, 16000) < 0.002, "Ann's words, and around them"
    assert loudness(original[1], 16.2, 19.0, 16000) > 0.15, "Bob is still there"
    assert loudness(original[0], 11.9, 12.8, 16000) < 0.002, "what the agent called her by is gone"
    assert loudness(original[0], 14.0, 16.0, 16000) > 0.15, "the rest of the agent is not"
    with purpose("service.answer", organisation=house.id, by=ME):
        playable = conversations.open_sound(conversation=row.id, subject=None, by=ME)
        copy = read(b"".join(playable.read(0, playable.size)), rate=16000).samples
    assert loudness(copy[1], 3.7, 9.5, 16000) < 0.002 and loudness(copy[1], 18.5, 19.0, 16000) > 0.15


def test_destroying_the_key_of_who_left_does_not_hurt_the_other(house: Organisation) -> None:
    row = call_of_two(house)
    erase(house, subject_of(house, row, 1))
    assert "sofa" in raw_text(house, row)
    erase(house, subject_of(house, row, 2))
    assert stored(house) == 0
    with purpose("service.answer", organisation=house.id, by=ME):
        assert Conversation.objects.get(id=row.id).state == "erased"


def test_the_old_sound_is_unreadable_even_from_a_copy(house: Organisation) -> None:
    """A backup of object store and database, taken before the erasure, and the keyring of after."""
    row = call_of_two(house)
    with purpose("claims.defend", organisation=house.id, by=ME):
        recording = Recording.objects.select_related("content_key").get(conversation=row)
        old_key, old_name = recording.content_key, recording.original
    backup = ports.object_store()._path(old_name).read_bytes()
    erase(house, subject_of(house, row, 1))
    path = ports.object_store()._path(old_name)
    assert not path.exists()
    path.write_bytes(backup)
    with purpose("claims.defend", organisation=house.id, by=ME), pytest.raises(keys.KeyGone):
        list(objects.read(old_name, sealer=keys.content_sealer(old_key)))


def test_a_channel_that_customers_share_without_attribution_is_silenced_whole(house: Organisation) -> None:
    with recogniser({0: "this is Jo Kim", 1: "I am Ann Archer and this is Bob"}):
        row = arrived(house, sound=wav(), people=(JO, ANN, BOB))
        written(house, row)
    erase(house, subject_of(house, row, 1))
    original = original_of(house, row)
    assert loudness(original[1], 0.1, 11.5, 16000) < 0.002
    assert loudness(original[0], 5.0, 11.5, 16000) > 0.15
    with purpose("claims.defend", organisation=house.id, by=ME):
        assert [t.gone for t in Turn.objects.filter(transcript__conversation=row).order_by("ordinal")] == [
            False,
            True,
        ]


@pytest.mark.parametrize("stop", ["transcripts.Turn", "transcripts.Words", "conversations.PlayCopy"])
def test_leaving_in_part_goes_on_where_it_was_cut_off(house: Organisation, stop: str) -> None:
    row = call_of_two(house)
    ann = subject_of(house, row, 1)
    erase(house, ann, stop_after=stop)
    assert any(ending.count for ending in plan(house, ann).values())
    erase(house, ann)
    assert not any(ending.count for ending in plan(house, ann).values())
    assert "Archer" not in raw_text(house, row) and "sofa" in raw_text(house, row)


def test_after_a_restore_what_cannot_be_opened_any_more_goes_whole(house: Organisation) -> None:
    row = call_of_two(house)
    ann = subject_of(house, row, 1)
    keys.destroy(organisation=house.id, subject=ann)
    erase(house, ann)
    assert not any(ending.count for ending in plan(house, ann).values())
    with purpose("claims.defend", organisation=house.id, by=ME):
        assert not Recording.objects.filter(conversation=row).exists()
        assert not Words.objects.exists()
    assert stored(house) == 0


# ---- staff ----


def staff_ground(house: Organisation, ground: str) -> None:
    from plainspoken.conversations.tests.fixtures import POLICY

    source = POLICY.read_text("utf-8")
    old = (
        "    basis: {customer: contract, staff: contract}\n"
        "    maintenance: false\n"
        "    closed_by: [restriction]\n"
        "    roles: [agent, supervisor, program]"
    )
    assert old in source
    changed = source.replace(old, old.replace("staff: contract", f"staff: {ground}"), 1)
    changed = changed.replace(
        "balancing:\n", "balancing:\n  service.answer: Customers expect us to know what was agreed.\n", 1
    )
    publish(
        organisation=house.id,
        source=changed,
        file="p",
        by=ME,
        notified=datetime(2026, 1, 1, tzinfo=UTC),
        told=1,
    )


def test_an_agent_loses_their_name_and_the_customers_conversation_stays(house: Organisation) -> None:
    with recogniser({0: "this is Jo Kim", 1: "I am Ada Lovelace and want a refund"}):
        row = arrived(house, sound=wav())
        written(house, row)
    agent, customer = subject_of(house, row, 0), subject_of(house, row, 1)
    planned = plan(house, agent)
    assert {n: e.count for n, e in planned.items() if e.count} == {"conversations.Participation": 1}
    kept = planned["conversations.Participation"].kept
    assert planned["conversations.Participation"].verb == "unlink"
    assert kept[0].count == 1 and kept[0].reason.startswith("claims:")
    erase(house, agent)
    assert not any(ending.count for ending in plan(house, agent).values())
    with purpose("service.answer", organisation=house.id, by=ME):
        assert Participation.objects.get(conversation=row, role="agent").subject_id is None
        assert Participation.objects.get(conversation=row, role="customer").subject_id == customer
        assert PlayCopy.objects.filter(conversation=row).exists()
        assert queries.search(Wanted(q="refund")).total == 1


def test_where_the_policy_has_no_ground_for_it_the_agents_channel_goes(house: Organisation) -> None:
    with recogniser({0: "this is Jo Kim of returns", 1: "I am Ada Lovelace and want a refund"}):
        row = arrived(house, sound=wav())
        written(house, row)
    staff_ground(house, "legitimate-interests")
    agent = subject_of(house, row, 0)
    planned = plan(house, agent)
    done = erase(house, agent)
    assert {n: e.count for n, e in done.items()} == {n: e.count for n, e in planned.items()}
    assert done["conversations.Recording"].count == done["transcripts.Turn"].count == 1
    assert not any(ending.count for ending in plan(house, agent).values())
    assert "Kim" not in raw_text(house, row) and "refund" in raw_text(house, row)
    original = original_of(house, row)
    assert loudness(original[0], 0.1, 11.5, 16000) < 0.002 and loudness(original[1], 8.0, 11.5, 16000) > 0.15


# ---- by age ----


def purge(house: Organisation, model: str, before: datetime, spared: list[UUID]) -> int:
    with purpose("retention.purge", organisation=house.id, by=ME):
        return place(model).acts.purge(before, spared, ME)


def test_sound_words_and_facts_end_each_in_their_time(house: Organisation) -> None:
    with recogniser({1: "I want a refund"}):
        old = arrived(house, sound=wav(), started_at="2025-01-10T10:00:00Z")
        new = arrived(
            house,
            source="2",
            sound=wav(300.0, 700.0),
            started_at="2026-06-10T10:00:00Z",
            customer_email="b@home.example",
            customer_name="Bob Hall",
        )
        written(house, old)
        written(house, new)
    before = datetime(2026, 1, 1, tzinfo=UTC)
    customer = subject_of(house, old, 1)
    for model in (
        "conversations.Recording",
        "conversations.PlayCopy",
        "transcripts.Words",
        "transcripts.Turn",
        "transcripts.Transcript",
        "conversations.Conversation",
    ):
        assert purge(house, model, before, [customer]) == 0, f"{model}: a held or restricted person's stay"
    assert purge(house, "conversations.Recording", before, []) == 1
    assert purge(house, "conversations.PlayCopy", before, []) == 1
    assert stored(house) == 1 + 3
    assert purge(house, "transcripts.Words", before, []) == 1
    assert purge(house, "transcripts.Turn", before, []) == 1
    assert purge(house, "transcripts.Transcript", before, []) == 1
    assert stored(house) == 3
    assert purge(house, "conversations.Conversation", before, []) == 1
    with purpose("service.answer", organisation=house.id, by=ME):
        assert Conversation.objects.get(id=old.id).state == "erased"
        assert not Participation.objects.filter(conversation=old).exists()
        assert queries.search(Wanted(q="refund")).conversations == (new.id,)
    assert all(purge(house, p.model, before, []) == 0 for p in our_places() if p.acts.purge)


def test_facts_take_everything_with_them(house: Organisation) -> None:
    row = arrived(house, started_at="2025-01-10T10:00:00Z")
    written(house, row)
    assert purge(house, "conversations.Conversation", datetime(2026, 1, 1, tzinfo=UTC), []) == 1
    assert stored(house) == 0
    with purpose("claims.defend", organisation=house.id, by=ME):
        assert not Turn.objects.exists() and not Transcript.objects.exists()


# ---- the rest of the database ----


def test_nothing_of_an_erased_customer_is_left_in_any_row(house: Organisation) -> None:
    """An independent look: every text of every one of our tables, as the owner sees it."""
    said = "my name is Zenobia Quackenbush, I live at 12 Nutmeg Lane"
    row = arrived(
        house,
        source="zq-77",
        subject_line="Zenobia Quackenbush",
        customer_name="Zenobia Quackenbush",
        customer_email="zenobia@quack.example",
        words=[Utterance(said, "customer"), Utterance("hello", "agent")],
    )
    written(house, row)
    erase(house, subject_of(house, row, 1))
    dump: Callable[[str], str] = lambda table: _text(table)  # noqa: E731
    everything = "".join(dump(p.table) for p in our_places())
    for canary in ("Zenobia", "Quackenbush", "Nutmeg", "zq-77", "quack.example"):
        assert canary.lower() not in everything.lower()


def _text(table: str) -> str:
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM {table} t")
        return str(cursor.fetchone()[0])


def test_the_copy_that_stays_has_no_tags_of_the_old_one(house: Organisation) -> None:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000))
    tagged = out.getvalue() + b"LIST\x1a\0\0\0INFOIART\x0d\0\0\0Ann Archer\0\0\0"
    row = arrived(house, sound=tagged, people=(JO, ANN, BOB))
    with recogniser({}):
        written(house, row)
    erase(house, subject_of(house, row, 1))
    with purpose("rights.execute", organisation=house.id, by=ME):
        held = conversations.take(row.id)
    with conversations.sound_of(held) as sound:
        assert b"Archer" not in sound.read()
