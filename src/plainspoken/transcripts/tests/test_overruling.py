"""A person decides against the rules: text, sound, index and history follow, and the decision outlives the rules."""

import io
import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from plainspoken.conversations.models import Conversation, Recording
from plainspoken.conversations.ports import Wanted
from plainspoken.conversations.tests.makers import ME, arrived, loudness, recogniser, wav, written
from plainspoken.custody import keys, objects
from plainspoken.custody.models import LedgerEntry, Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.kernels.redaction import Span
from plainspoken.kernels.redaction.cases import Case
from plainspoken.kernels.sound import read
from plainspoken.transcripts import queries, removing, segments
from plainspoken.transcripts.models import Overruling, Turn, Words
from plainspoken.transcripts.services import CannotOverrule, hide, redact, show, storing
from plainspoken.transcripts.tests.test_transcribing import playable

AGENT = "Returns department this is Jo Kim how can I help you"
CUSTOMER = (
    "my name is Ada Lovelace and my account number is 55129 about the velvet chair from Zorbfield street"
)


def call(house: Organisation) -> Conversation:
    with recogniser({0: AGENT, 1: CUSTOMER}):
        row = arrived(house, sound=wav())
        written(house, row)
    return row


def turn_of(house: Organisation, row: Conversation, channel: int) -> Any:
    with purpose("service.answer", organisation=house.id, by=ME):
        return next(line for line in queries.script(row.id).lines if line.channel == channel)


def as_it_arrived(house: Organisation, row: Conversation) -> tuple[str, Any]:
    """The name of the original's object, and its sound, decoded."""
    with purpose("conversation.reveal", organisation=house.id, by=ME):
        kept = Recording.objects.select_related("content_key").get(conversation=row)
        sealer = keys.content_sealer(kept.content_key)
        return kept.original, read(io.BytesIO(b"".join(objects.read(kept.original, sealer=sealer)))).samples


def found(house: Organisation, q: str) -> tuple[UUID, ...]:
    with purpose("service.answer", organisation=house.id, by=ME):
        return queries.search(Wanted(q=q)).conversations


def number_of(line: Any, kind: str) -> int:
    return next(int(cut["n"]) for cut in line.cuts if cut["type"] == kind)


def test_what_somebody_shows_is_read_heard_and_found_and_stays_so(house: Organisation) -> None:
    row = call(house)
    line = turn_of(house, row, 1)
    cut = next(cut for cut in line.cuts if cut["type"] == "ACCOUNT")
    assert "55129" not in line.text and not found(house, "55129")
    assert loudness(playable(house, row).samples[1], cut["start_s"], cut["end_s"], 16000) < 0.002
    show(conversation=row.id, organisation=house.id, n=cut["n"], reason="It is our order number.", by=ME)
    for _ in range(2):
        line = turn_of(house, row, 1)
        assert "number is 55129 about" in line.text
        assert found(house, "55129") == (row.id,)
        assert loudness(playable(house, row).samples[1], cut["start_s"], cut["end_s"], 16000) > 0.15
        assert "Lovelace" not in line.text
        with purpose("ingest.write", organisation=house.id, by=ME):
            redact(conversation=row.id, by=ME)  # the decision outlives another run of the rules


def test_what_somebody_hides_is_gone_from_text_sound_and_index(house: Organisation) -> None:
    row = call(house)
    line = turn_of(house, row, 1)
    assert found(house, "velvet") == (row.id,)
    first = next(at for at, piece in enumerate(line.pieces) if piece.get("word") == "velvet")
    piece = line.pieces[first]
    hide(
        conversation=row.id, organisation=house.id, ordinal=line.ordinal, first=first, last=first + 1, kind="PERSON",
        reason="It is what she is called at work.", by=ME,
    )  # fmt: skip
    line = turn_of(house, row, 1)
    assert "about the [name] from" in line.text and not found(house, "velvet")
    cut = next(cut for cut in line.cuts if cut["reason"] == "a person's decision")
    assert cut["start_s"] == pytest.approx(piece["start_s"], abs=0.01)
    assert loudness(playable(house, row).samples[1], piece["start_s"], piece["end_s"] + 0.5, 16000) < 0.002
    with purpose("conversation.reveal", organisation=house.id, by=ME):
        assert queries.revealed(row.id)[cut["n"]] == "velvet chair"


def test_the_last_decision_counts_and_all_are_history(house: Organisation) -> None:
    row = call(house)
    line = turn_of(house, row, 1)
    show(
        conversation=row.id,
        organisation=house.id,
        n=number_of(line, "ACCOUNT"),
        reason="Not a number of hers.",
        by=ME,
    )
    line = turn_of(house, row, 1)
    at = next(n for n, piece in enumerate(line.pieces) if piece.get("word") == "55129")
    hide(
        conversation=row.id, organisation=house.id, ordinal=line.ordinal, first=at, last=at, kind="ACCOUNT",
        reason="It was hers.", by=ME,
    )  # fmt: skip
    assert "55129" not in turn_of(house, row, 1).text
    with purpose("service.answer", organisation=house.id, by=ME):
        history = queries.overrulings(row.id)
        rows = list(Overruling.objects.all())
    assert [(one.shown, one.type, one.rule, one.reason, one.by) for one in history] == [
        (False, "ACCOUNT", "", "It was hers.", str(ME)),
        (True, "ACCOUNT", "account number: context 'account number'", "Not a number of hers.", str(ME)),
    ]
    assert b"hers" not in b"".join(bytes(one.reason) for one in rows), "the sentence is sealed"
    with purpose("security.audit", organisation=house.id, by=ME):
        acts = [e.act for e in LedgerEntry.objects.order_by("at") if e.act.startswith("redaction.")]
    assert acts == ["redaction.shown", "redaction.hidden"]


def test_cases_hold_nobodys_words(house: Organisation) -> None:
    row = call(house)
    line = turn_of(house, row, 1)
    show(conversation=row.id, organisation=house.id, n=number_of(line, "ACCOUNT"), reason="An order.", by=ME)
    with purpose("service.answer", organisation=house.id, by=ME):
        (case,) = queries.overruled_cases()
    text = json.dumps(case)
    for said in ("Ada", "Lovelace", "55129", "velvet", "Zorbfield"):
        assert said not in text
    read = Case.read(case)
    assert read.text[read.start : read.end].isdigit() and len(read.text[read.start : read.end]) == 5
    assert "account number is" in read.text and read.shown and read.type == "ACCOUNT"


def test_words_that_the_recogniser_was_not_sure_of_are_neither_read_nor_heard() -> None:
    words = [("this", 0.2), ("is", 0.9), ("Harbor", 0.2), ("Row", 0.45), ("again", 0.9), ("1234567", 0.1)]
    said = segments.Said(
        " ".join(text for text, _ in words),
        words=tuple(segments.SaidWord(text, n, n + 0.5, sure) for n, (text, sure) in enumerate(words)),
    )
    found = (Span(said.text.index("1234567"), len(said.text), "PHONE", "phone: national form"),)
    spans = removing.with_unsure(said, found)
    assert [(said.text[s.start : s.end], s.type) for s in spans] == [
        ("Harbor Row", "UNCLEAR"),
        ("1234567", "PHONE"),
    ]
    assert [(cut.start_s, cut.end_s) for cut in segments.cuts(said, spans, first=1)] == [(2, 3.5), (5, 5.5)]
    sure = replace(said, words=tuple(replace(word, sure=0.9) for word in said.words))
    assert removing.with_unsure(sure, found) == found


def test_what_cannot_be_decided(house: Organisation) -> None:
    row = call(house)
    line = turn_of(house, row, 1)
    for wrong in ({"reason": " "}, {"n": 999}):
        with pytest.raises(CannotOverrule):
            show(
                **{
                    "conversation": row.id,
                    "organisation": house.id,
                    "n": 1,
                    "reason": "So.",
                    "by": ME,
                    **wrong,
                }
            )
    for wrong in ({"first": 3, "last": 2}, {"last": 10_000}, {"ordinal": 99}, {"kind": "HAIR"}):
        with pytest.raises(CannotOverrule):
            hide(**{
                "conversation": row.id, "organisation": house.id, "ordinal": line.ordinal, "first": 0, "last": 0,
                "reason": "So.", "by": ME, **wrong,
            })  # fmt: skip
    with purpose("ingest.write", organisation=house.id, by=ME):
        assert not Overruling.objects.exists()


def test_a_card_security_code_is_kept_nowhere_and_stays_silent(house: Organisation) -> None:
    with recogniser(
        {0: AGENT, 1: "my card is fine and the security code is 417 thank you for that then bye"}
    ):
        row = arrived(house, sound=wav())
        before = as_it_arrived(house, row)
        written(house, row)
    kept: set[str] = set()
    for _ in range(2):
        name, sound = as_it_arrived(house, row)
        kept.add(name)
        line = turn_of(house, row, 1)
        assert "the security code is [card security code] thank you" in line.text
        cut = next(cut for cut in line.cuts if cut["type"] == "CARD_CODE")
        assert loudness(playable(house, row).samples[1], cut["start_s"], cut["end_s"], 16000) < 0.002
        assert loudness(before[1][1], cut["start_s"], cut["end_s"], 16000) > 0.02
        assert loudness(sound[1], cut["start_s"], cut["end_s"], 16000) < 0.002
        # Nothing else is taken from it: the other side, and this one some seconds away.
        assert loudness(sound[0], cut["start_s"], cut["end_s"], 16000) > 0.02
        assert loudness(sound[1], 0.0, max(0.2, cut["start_s"] - 1.5), 16000) > 0.02
        with purpose("conversation.reveal", organisation=house.id, by=ME):
            words = Words.objects.select_related("content_key").get(transcript__conversation=row)
            assert "417" not in str([said.as_list() for said in storing.raw(words)])
            assert cut["n"] not in queries.revealed(row.id)
        with purpose("ingest.write", organisation=house.id, by=ME):
            redact(conversation=row.id, by=ME)
            assert not Turn.objects.filter(text__contains="417").exists()
    assert len(kept) == 1 and before[0] not in kept, "It is taken out once, and the sound before is gone."
    with pytest.raises(CannotOverrule, match="security codes"):
        show(conversation=row.id, organisation=house.id, n=cut["n"], reason="We want it.", by=ME)
