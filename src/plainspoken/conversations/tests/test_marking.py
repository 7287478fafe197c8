"""Pauses for card data: nothing of what is said in one stays, whenever it is told of."""

import io
import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from conftest import POLICY
from django.test import Client
from django.urls import reverse

from plainspoken.config.work import drain
from plainspoken.conversations import services
from plainspoken.conversations.arrival import Utterance
from plainspoken.conversations.models import Conversation, Mark, PlayCopy, Recording, TelephonyEvent
from plainspoken.conversations.services.marking import Event, EventKind, fold
from plainspoken.conversations.tests.fixtures import Staff
from plainspoken.conversations.tests.makers import ME, arrived, loudness, recogniser, wav, written
from plainspoken.custody import keys, objects
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.kernels.sound import read
from plainspoken.people.services import issue_token
from plainspoken.policies.services import publish
from plainspoken.transcripts.models import Turn, Words
from plainspoken.transcripts.services.storing import raw

BEGAN = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
SAID = "one two three four five six seven eight nine ten"  # a word each half second from second 1 on


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def stretches(*events: tuple[str, float], within: float = 120) -> list[tuple[str, float, float, bool]]:
    told = [Event(EventKind(kind), at(seconds)) for kind, seconds in events]
    found = fold(told, began=BEGAN, duration_s=60, ends_within=timedelta(seconds=within))
    return [(str(one.kind), one.start_s, one.end_s, one.alone) for one in found]


def test_events_fold_into_stretches() -> None:
    assert stretches(("resume", 9), ("pause", 3)) == [("pause", 3, 9, False)]
    assert stretches(("pause", 3), within=20) == [("pause", 3, 23, True)], "it ends by itself"
    assert stretches(("pause", 3), within=300) == [("pause", 3, 60, True)], "not beyond the call"
    assert stretches(("pause", 3), ("pause", 5), ("resume", 7)) == [("pause", 3, 7, False)]
    assert stretches(("pause", 3), ("pause", 40), ("resume", 45), within=10) == [
        ("pause", 3, 13, True), ("pause", 40, 45, False)]  # fmt: skip
    assert stretches(("hold", 10), ("pause", 12), ("resume", 14), ("retrieve", 20)) == [
        ("hold", 10, 20, False), ("pause", 12, 14, False)]  # fmt: skip
    assert stretches(("pause", -20), ("resume", -10)) == [], "before the call"
    assert stretches(("resume", 5)) == []


def original(house: Organisation, row: Conversation) -> "np.ndarray":
    with purpose("conversation.reveal", organisation=house.id, by=ME):
        kept = Recording.objects.select_related("content_key").get(conversation=row)
        data = b"".join(objects.read(kept.original, sealer=keys.content_sealer(kept.content_key)))
    return read(io.BytesIO(data)).samples


def copy(house: Organisation, row: Conversation) -> "np.ndarray":
    with purpose("service.answer", organisation=house.id, by=ME):
        kept = PlayCopy.objects.select_related("content_key").get(conversation=row)
        data = b"".join(objects.read(kept.sound, sealer=keys.content_sealer(kept.content_key)))
    return read(io.BytesIO(data)).samples


def assert_silent(sound: "np.ndarray", start: float, end: float) -> None:
    for channel in sound:
        assert loudness(channel, start + 0.1, end - 0.1, 16000) < 0.005
        assert loudness(channel, end + 1.5, end + 2.5, 16000) > 0.1, "the rest is there"


def marks(house: Organisation) -> list[tuple[str, float, float, bool, bool]]:
    with purpose("service.answer", organisation=house.id, by=ME):
        return [
            (one.kind, one.start_s, one.end_s, one.ended_by_itself, one.applied)
            for one in Mark.objects.filter(organisation=house).order_by("start_s")
        ]


def test_a_pause_told_before_the_call_arrives_is_never_stored(house: Organisation) -> None:
    done = services.mark_call(
        organisation=house.id,
        source_id="pbx-7",
        events=[Event(EventKind.PAUSE, at(3)), Event(EventKind.RESUME, at(6))],
        by=ME,
    )
    assert (done.waiting, done.applied) == (2, 0)
    words = [
        Utterance("Here is my card four one one one", "customer", 3.2, 5.5),
        Utterance("Thank you", "agent", 8.0, 9.0),
    ]
    row = arrived(house, source="pbx-7", sound=wav(), words=words, started_at=BEGAN.isoformat())
    assert_silent(original(house, row), 3, 6)
    written(house, row)
    assert_silent(copy(house, row), 3, 6)
    with purpose("service.answer", organisation=house.id, by=ME):
        texts = list(Turn.objects.values_list("text", flat=True))
    assert texts == ["Thank you"]
    assert marks(house) == [("pause", 3, 6, False, True)]
    with purpose("ingest.write", organisation=house.id, by=ME):
        assert not TelephonyEvent.objects.filter(organisation=house).exists()


def test_a_pause_told_after_the_call_is_taken_out_of_everything(house: Organisation, staff: Staff) -> None:
    with recogniser({0: SAID, 1: SAID}):
        row = arrived(house, source="pbx-8", sound=wav(), started_at=BEGAN.isoformat())
        written(house, row)
    member, _ = staff("administrator")
    token = issue_token(membership=member, name="pbx", by=ME).secret
    given = {"source_id": "pbx-8", "events": [{"event": "pause", "at": at(2.9).isoformat()},
                                               {"event": "resume", "at": at(4.2).isoformat()}]}  # fmt: skip
    answer = Client().post(
        "/api/conversations/marks", json.dumps(given), content_type="application/json",
        headers={"authorization": f"Bearer {token}"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.content
    assert answer.json() == {"waiting": 0, "applied": 2}
    with purpose("service.answer", organisation=house.id, by=ME):
        assert not PlayCopy.objects.filter(conversation=row).exists(), "nobody hears it until it is silenced"
    drain()
    assert_silent(original(house, row), 2.9, 4.2)
    assert_silent(copy(house, row), 2.9, 4.2)
    with purpose("conversation.reveal", organisation=house.id, by=ME):
        texts = list(Turn.objects.values_list("text", flat=True))
        kept = [item.text for item in raw(Words.objects.get(transcript__conversation=row))]
        timed = [
            word.text for item in raw(Words.objects.get(transcript__conversation=row)) for word in item.words
        ]
    for text in (*texts, *kept):
        assert "five" not in text and "six" not in text, "not even sealed"
        assert "[recording paused]" in text and "one two" in text and "ten" in text
    assert "five" not in timed
    assert marks(house) == [("pause", 2.9, 4.2, False, True)]
    drain()


def test_an_unfinished_pause_ends_as_the_policy_says(house: Organisation) -> None:
    row = arrived(house, source="pbx-9", sound=wav(seconds=200), started_at=BEGAN.isoformat())
    services.mark_call(
        organisation=house.id, source_id="pbx-9", events=[Event(EventKind.PAUSE, at(10))], by=ME
    )
    assert marks(house) == [("pause", 10, 130, True, False)], "PT2M of our policy"
    services.mark_call(
        organisation=house.id, source_id="pbx-9", events=[Event(EventKind.RESUME, at(150))], by=ME
    )
    assert marks(house) == [("pause", 10, 150, False, False)], "somebody ended it later"
    assert row.id


def test_a_changed_policy_changes_when_a_pause_ends(house: Organisation) -> None:
    source = POLICY.read_text("utf-8")
    assert source.count("recording_pause_ends_within: PT2M") == 1
    changed = source.replace("recording_pause_ends_within: PT2M", "recording_pause_ends_within: PT30S")
    publish(organisation=house.id, source=changed, file=POLICY.name, by=ME)
    row = arrived(house, source="pbx-11", sound=wav(seconds=200), started_at=BEGAN.isoformat())
    services.mark_call(
        organisation=house.id, source_id="pbx-11", events=[Event(EventKind.PAUSE, at(10))], by=ME
    )
    assert marks(house) == [("pause", 10, 40, True, False)]
    assert row.id


def test_the_agents_button_pauses_the_call_that_arrives_later(house: Organisation, staff: Staff) -> None:
    from plainspoken.custody import clock

    member, browser = staff("agent", login="jo.kim", name="Jo Kim")
    began = clock.now(house.id) - timedelta(seconds=5)
    page = browser.get(reverse("conversations:pausing")).content.decode()
    assert (
        "Pause the recording" in page
        and "2 min"
        in browser.post(reverse("conversations:pausing"), {"event": "pause"}, follow=True).content.decode()
    )
    row = arrived(
        house,
        sound=wav(seconds=30),
        started_at=began.isoformat(),
        agent_email=member.account.email,
        source="later",
    )
    (mark,) = marks(house)
    assert mark[0] == "pause" and 4 < mark[1] < 12 and mark[2] == pytest.approx(30, abs=0.1) and mark[3]
    assert row.id


def test_a_call_whose_start_nobody_knows_is_silent_all_through(house: Organisation) -> None:
    services.mark_call(
        organisation=house.id, source_id="pbx-10", events=[Event(EventKind.PAUSE, at(3))], by=ME
    )
    row = arrived(house, source="pbx-10", sound=wav())
    assert float(np.abs(original(house, row)).max()) < 0.01


def test_marks_need_a_token_of_somebody_who_may(house: Organisation, staff: Staff) -> None:
    member, _ = staff("agent")
    token = issue_token(membership=member, name="x", by=ME).secret
    given = {"source_id": "s", "events": [{"event": "pause", "at": at(1).isoformat()}]}
    answer = Client().post("/api/conversations/marks", json.dumps(given), content_type="application/json",
                           headers={"authorization": f"Bearer {token}"})  # fmt: skip
    assert answer.status_code == 403


def test_what_slipped_through_is_counted_by_queue_and_pseudonym(house: Organisation, staff: Staff) -> None:
    member, _ = staff("agent", login="jo.kim", name="Jo Kim")
    with recogniser({0: "hello", 1: "my card is 4111 1111 1111 1111"}):
        row = arrived(house, sound=wav(), agent_email=member.account.email, queue="Billing")
        written(house, row)
    _, browser = staff("supervisor")
    text = browser.get(reverse("conversations:slipped")).content.decode()
    assert "1 card number or code in 1 call" in text and "Billing" in text
    assert "Jo Kim" not in text.partition("<main")[2], "agents stand there by pseudonym"
    assert member.account.name not in text.partition("By agent")[2]
