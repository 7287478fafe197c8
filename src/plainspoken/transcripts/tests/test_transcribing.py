"""From sound to words that may be read, heard and found; each step may be cut off and run again."""

import io
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from plainspoken.config.work import drain
from plainspoken.conversations import services as conversations
from plainspoken.conversations.arrival import TimedWord, Utterance
from plainspoken.conversations.models import Conversation, PlayCopy, ReceivedWords, Recording
from plainspoken.conversations.tests.makers import ME, Fake, arrived, loudness, recogniser, wav, written
from plainspoken.custody import ports
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.kernels.sound import read
from plainspoken.transcripts import queries
from plainspoken.transcripts.models import Transcript, Turn, Words
from plainspoken.transcripts.services import again, storing, transcribe
from plainspoken.transcripts.services.hearing import HearingFailed

AGENT = "Returns department this is Jo Kim how can I help you"
CUSTOMER = "my name is Ada Lovelace and my card is 4111 1111 1111 1111 thank you so much"


def states(house: Organisation, row: Conversation) -> tuple[str, str]:
    with purpose("ingest.write", organisation=house.id, by=ME):
        found = Conversation.objects.get(id=row.id)
        return found.state, found.reason


def playable(house: Organisation, row: Conversation) -> Any:
    """The play copy, decoded."""
    with purpose("service.answer", organisation=house.id, by=ME):
        sound = conversations.open_sound(conversation=row.id, subject=None, by=ME)
        return read(b"".join(sound.read(0, sound.size)), rate=16000)


def cut_times(house: Organisation, row: Conversation) -> list[tuple[int, str, float, float]]:
    with purpose("service.answer", organisation=house.id, by=ME):
        return [
            (turn.channel, cut["type"], cut["start_s"], cut["end_s"])
            for turn in Turn.objects.filter(transcript__conversation=row).order_by("ordinal")
            for cut in turn.cuts
        ]


def test_a_stereo_call_is_written_redacted_silenced_and_found(house: Organisation) -> None:
    with recogniser({0: AGENT, 1: CUSTOMER}) as calls:
        row = arrived(house, sound=wav())
        assert states(house, row) == ("waiting", "")
        drain()
        assert len(calls) == 2, "each channel is heard once"
    assert states(house, row) == ("ready", "")
    with purpose("service.answer", organisation=house.id, by=ME):
        script = queries.script(row.id)
        text = " ".join(line.text for line in script.lines)
        assert "Lovelace" not in text and "4111" not in text and "Kim" not in text
        assert "my name is [name] and my card is [card number] thank you" in text
        assert {line.position for line in script.lines} == {0, 1} and script.made_by == "fake"
        assert script.sure == pytest.approx(0.9)
    cuts = cut_times(house, row)
    assert {(channel, kind) for channel, kind, _, _ in cuts} == {(0, "PERSON"), (1, "PERSON"), (1, "CARD")}
    sound = playable(house, row)
    for channel, _, start, end in cuts:
        low, high = max(0.0, start - 0.35), end + 0.35
        assert loudness(sound.samples[channel], low, high, 16000) < 0.002, "silent, and 0.4 s to either side"
        assert loudness(sound.samples[1 - channel], low, high, 16000) > 0.15, "the other channel is not"
    assert loudness(sound.samples[1], 0.2, 0.6, 16000) > 0.15


def test_pieces_follow_the_sound_and_never_hold_what_was_removed(house: Organisation) -> None:
    with recogniser({0: AGENT, 1: CUSTOMER}):
        row = arrived(house, sound=wav())
        written(house, row)
    with purpose("service.answer", organisation=house.id, by=ME):
        lines = queries.script(row.id).lines
    customer = next(line for line in lines if line.channel == 1)
    words = [piece for piece in customer.pieces if "word" in piece]
    assert words[0] == {"word": "my", "start_s": 1.0, "end_s": 1.4}
    assert [p["removed"] for p in customer.pieces if "removed" in p] == ["PERSON", "CARD"]
    assert "Lovelace" not in str([line.pieces for line in lines])
    assert not any("at" in cut or "start" in cut for line in lines for cut in line.cuts), (
        "no hint of a length"
    )


def test_a_mono_call_is_silenced_whoever_speaks(house: Organisation) -> None:
    with recogniser({0: CUSTOMER}):
        row = arrived(house, sound=wav(330.0))
        written(house, row)
    sound = playable(house, row)
    assert sound.samples.shape[0] == 1
    for _, _, start, end in cut_times(house, row):
        assert loudness(sound.samples[0], start, end, 16000) < 0.002


def test_the_agents_channel_comes_first_whatever_the_source_does(house: Organisation) -> None:
    with recogniser({0: CUSTOMER, 1: AGENT}):
        done = conversations.arrive(
            organisation=house.id,
            point="conversation.upload",
            by=ME,
            agent_channel=1,
            facts={"source_id": "1", "agent_name": "Jo Kim", "customer_name": "Ada Lovelace"},
            media=io.BytesIO(wav(300.0, 900.0)),
        )
        written(house, done.conversation)
    sound = playable(house, done.conversation)
    first = abs(_spectrum_peak(sound.samples[0][16000 * 10 :], 16000) - 900)
    assert first < 20, "the agent's 900 Hz, which came on the right, are on the left"
    card = next(c for c in cut_times(house, done.conversation) if c[1] == "CARD")
    assert loudness(sound.samples[1], card[2], card[3], 16000) < 0.002
    assert loudness(sound.samples[0], card[2], card[3], 16000) > 0.15


def _spectrum_peak(samples: Any, rate: int) -> float:
    import numpy as np

    spectrum = np.abs(np.fft.rfft(samples[:rate]))
    return float(np.fft.rfftfreq(len(samples[:rate]), 1 / rate)[spectrum.argmax()])


def test_words_that_came_without_times_do_not_do_beside_a_sound(house: Organisation) -> None:
    untimed = [Utterance("my card is 4111 1111 1111 1111", "customer")]
    with recogniser({0: AGENT, 1: CUSTOMER}) as calls:
        row = arrived(house, sound=wav(), words=untimed)
        written(house, row)
        assert len(calls) == 2


def test_words_that_came_with_times_are_taken_and_their_copy_goes(house: Organisation) -> None:
    text = "my card is 4111 1111 1111 1111 thanks"
    words = tuple(TimedWord(w, 2 + n * 0.5, 2.4 + n * 0.5) for n, w in enumerate(text.split()))
    said = [Utterance(text, "customer", 2.0, 6.0, words), Utterance("Goodbye Jo Kim", "agent", 7.0, 8.0)]
    with recogniser({}) as calls:
        row = arrived(house, sound=wav(), words=said)
        written(house, row)
        assert not calls
    with purpose("ingest.write", organisation=house.id, by=ME):
        assert not ReceivedWords.objects.filter(conversation=row).exists()
        held = conversations.take(row.id)
        assert held.words == ""
        names = set(ports.object_store().names(prefix=str(house.id)))
        named = {
            Recording.objects.get(conversation=row).original,
            PlayCopy.objects.get(conversation=row).sound,
            Words.objects.get(transcript__conversation=row).words,
        }
        assert names == named, "no object is left that no row names"
    sound = playable(house, row)
    assert loudness(sound.samples[1], 3.2, 5.6, 16000) < 0.002
    assert loudness(sound.samples[0], 7.1, 7.9, 16000) < 0.002, (
        "without word times the whole utterance is silent"
    )


# ---- failing, and going on ----


def test_a_recogniser_that_fails_leaves_the_conversation_listed_with_a_reason(house: Organisation) -> None:
    with recogniser({}, fails=RuntimeError("no memory")):
        row = arrived(house, sound=wav())
        with pytest.raises(HearingFailed):
            written(house, row)
    assert states(house, row) == ("failed", "recogniser-failed")
    with purpose("service.answer", organisation=house.id, by=ME):
        assert Conversation.objects.filter(id=row.id).exists()
        assert not PlayCopy.objects.filter(conversation=row).exists(), "nothing may be heard before redaction"
    with recogniser({1: CUSTOMER}):
        assert again(organisation=house.id, by=ME).conversations == 1
        drain()
    assert states(house, row) == ("ready", "")


def test_a_job_that_fails_is_tried_again_by_itself(house: Organisation) -> None:
    with recogniser({}, fails=RuntimeError("no memory")):
        row = arrived(house, sound=wav())
        drain()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status::text, attempts, scheduled_at > now() FROM procrastinate_jobs"
            " WHERE args ->> 'conversation' = %s",
            [str(row.id)],
        )
        assert cursor.fetchone() == ("todo", 1, True)


def test_a_run_that_was_cut_off_after_hearing_does_not_hear_again(
    house: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with recogniser({0: AGENT, 1: CUSTOMER}) as calls:
        row = arrived(house, sound=wav())
        with monkeypatch.context() as patch:
            patch.setattr("plainspoken.transcripts.services.writing.redact", lambda **_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                written(house, row)
        assert states(house, row) == ("failed", "writing-failed")
        assert len(calls) == 2
        assert written(house, row) == "ready"
        assert len(calls) == 2
    with purpose("service.answer", organisation=house.id, by=ME):
        assert Turn.objects.filter(transcript__conversation=row).count() == 2


def test_running_twice_changes_nothing_that_shows(house: Organisation) -> None:
    with recogniser({0: AGENT, 1: CUSTOMER}):
        row = arrived(house, sound=wav())
        written(house, row)
        with purpose("service.answer", organisation=house.id, by=ME):
            before = queries.script(row.id)
        written(house, row)
    with purpose("service.answer", organisation=house.id, by=ME):
        assert queries.script(row.id) == before
        assert PlayCopy.objects.filter(conversation=row).count() == 1
    assert len(list(ports.object_store().names(prefix=str(house.id)))) == 3


def test_a_failure_while_redacting_leaves_no_half(
    house: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with recogniser({0: AGENT, 1: CUSTOMER}):
        row = arrived(house, sound=wav())
        monkeypatch.setattr("plainspoken.transcripts.services.redacting._index", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            written(house, row)
    with purpose("ingest.write", organisation=house.id, by=ME):
        assert not Turn.objects.exists() and not PlayCopy.objects.filter(conversation=row).exists()
        names = {
            Recording.objects.get(conversation=row).original,
            Words.objects.get(transcript__conversation=row).words,
        }
    assert set(ports.object_store().names(prefix=str(house.id))) == names


def test_a_broken_sound_says_so(house: Organisation) -> None:
    whole = bytearray(wav())
    row = arrived(house, sound=bytes(whole))
    with purpose("ingest.write", organisation=house.id, by=ME):
        path = ports.object_store()._path(Recording.objects.get(conversation=row).original)
        path.write_bytes(path.read_bytes()[:-50])
    with recogniser({0: AGENT}), pytest.raises(HearingFailed):
        written(house, row)
    assert states(house, row) == ("failed", "sound-unreadable")


def test_an_erased_conversation_is_left_alone(house: Organisation) -> None:
    row = arrived(house, sound=wav())
    with purpose("rights.execute", organisation=house.id, by=ME):
        conversations.to_measure(Conversation.objects.get(id=row.id))
    with recogniser({0: AGENT}) as calls:
        assert transcribe(conversation=row.id, organisation=house.id, by=ME) == "gone"
        assert not calls


def test_silence_and_music_make_a_ready_call_without_words(house: Organisation) -> None:
    with recogniser({}):
        row = arrived(house, sound=wav())
        assert written(house, row) == "ready"
    with purpose("service.answer", organisation=house.id, by=ME):
        assert queries.script(row.id).lines == ()


def test_raw_words_are_sealed_and_only_for_purposes_that_need_them(house: Organisation) -> None:
    with recogniser({0: AGENT, 1: CUSTOMER}):
        row = arrived(house, sound=wav())
        written(house, row)
    with purpose("conversation.reveal", organisation=house.id, by=ME):
        words = Words.objects.select_related("content_key").get(transcript__conversation=row)
        assert "Lovelace" in " ".join(said.text for said in storing.raw(words))
        assert b"Lovelace" not in ports.object_store()._path(words.words).read_bytes()
    for name in ("service.answer", "quality.evaluate"):
        with pytest.raises(Exception, match="may not use"), purpose(name, organisation=house.id, by=ME):
            list(Words.objects.all())
    with (
        pytest.raises(Exception, match="may not use"),
        purpose("service.answer", organisation=house.id, by=ME),
    ):
        list(Recording.objects.all())
    for model in (Turn, Transcript, PlayCopy):
        with (
            pytest.raises(Exception, match="may not use"),
            purpose("service.improve", organisation=house.id, by=ME),
        ):
            list(model.objects.all())


def test_the_subject_line_is_redacted_too(house: Organisation) -> None:
    row = arrived(house, subject_line="Refund for Ada Lovelace, card 4111 1111 1111 1111")
    written(house, row)
    with purpose("service.answer", organisation=house.id, by=ME):
        assert queries.script(row.id).title == "Refund for [name], card [card number]"


def test_where_the_recogniser_lost_the_thread_nobody_reads_or_hears(house: Organisation) -> None:
    with recogniser({0: AGENT, 1: "well I want a LOOP refund of it"}):
        row = arrived(house, sound=wav())
        written(house, row)
    with purpose("service.answer", organisation=house.id, by=ME):
        lines = queries.script(row.id).lines
        text = " ".join(line.text for line in lines)
    assert "[unclear]" in text and "ha ha" not in text and "refund" in text
    sound = playable(house, row)
    assert loudness(sound.samples[1], 2.8, 3.6, 16000) < 0.002
    assert loudness(sound.samples[1], 4.2, 6.0, 16000) > 0.15


def test_speech_that_no_word_tells_of_is_marked_and_silent(
    house: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hears(self: Any, samples: Any, *, language: str | None = None) -> Any:
        return replace(plainly(self, samples, language=language), unheard=((8.0, 9.0),))

    plainly = Fake.hear
    monkeypatch.setattr(Fake, "hear", hears)
    with recogniser({0: AGENT, 1: "the card please? four one one one"}):
        row = arrived(house, sound=wav())
        written(house, row)
    with purpose("service.answer", organisation=house.id, by=ME):
        lines = [line for line in queries.script(row.id).lines if line.text == "[not understood]"]
        assert [(line.channel, line.start_s, line.end_s) for line in lines] == [(0, 8.0, 9.0), (1, 8.0, 9.0)]
        assert lines[0].cuts[0]["reason"] == "recogniser: speech without words"
    sound = playable(house, row)
    for channel in (0, 1):
        assert loudness(sound.samples[channel], 7.65, 9.35, 16000) < 0.002
        assert loudness(sound.samples[channel], 9.6, 11.0, 16000) > 0.15
    with purpose("conversation.reveal", organisation=house.id, by=ME):
        assert "" not in queries.revealed(row.id).values(), "there are no words to show"


def test_a_language_that_the_recogniser_does_not_know_is_not_guessed(house: Organisation) -> None:
    row = arrived(house, sound=wav(), language="sv")
    with recogniser({0: AGENT}) as calls, pytest.raises(HearingFailed):
        written(house, row)
    assert not calls and states(house, row) == ("failed", "language-unknown")
