"""What must hold for any text at all."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plainspoken.kernels.redaction import TYPES, Known, Span, TextTooLong, detect, mask
from plainspoken.kernels.redaction.detection import CHUNK, LONGEST
from plainspoken.kernels.redaction.spans import Finding, merge
from plainspoken.kernels.redaction.view import view

PIECES = [
    "4111 1111 1111 1111",
    "my card number is",
    "four one one one",
    "double five",
    "ann.lee@example.com",
    "ann at example dot com",
    "12 Main Street",
    "Springfield, IL 62704",
    "born on 3/4/1988",
    "pin is 4411",
    "AB 12 34 56 C",
    "DE89 3704 0044 0532 0130 00",
    "My name is Zoë Ñandú",
    "Thanks, Zoë.",
    "+44 20 7946 0018",
    "[card number]",
    "😀",
    "\u200b",
    "e\u0301",
    "\n",
    "?",
    "the last four",
    "192.0.2.1",
    "S I O B H A N",
    "account number",
    "uh",
    "Straße 5",
    "CVV",
    "twenty",
    "and",
    "oh",
    ".",
    ",",
    "Крылова",
    "\u0664\u0661",
]
texts = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=14).map("".join),
)
knowns = st.builds(
    Known,
    names=st.lists(st.sampled_from(["Zoë Ñandú", "Will May", "Крылова"]), max_size=2).map(tuple),
    phones=st.lists(st.sampled_from(["+442079460018", "4111"]), max_size=1).map(tuple),
)


@settings(max_examples=300, deadline=None)
@given(texts, knowns)
def test_spans_are_sorted_apart_inside_and_the_same_each_time(text: str, known: Known) -> None:
    spans = detect(text, known=known)
    assert detect(text, known=known) == spans
    assert list(spans) == sorted(spans)
    assert all(0 <= span.start < span.end <= len(text) and span.type in TYPES for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert all(span.reason for span in spans)


@settings(max_examples=300, deadline=None)
@given(texts, knowns)
def test_masking_takes_out_the_spans_and_nothing_else(text: str, known: Known) -> None:
    spans = detect(text, known=known)
    result = mask(text, spans)
    kept = [
        text[a:b]
        for a, b in zip([0, *(s.end for s in spans)], [*(s.start for s in spans), len(text)], strict=True)
    ]
    rest = result.text
    for label in reversed(result.labels):
        rest = rest[: label.start] + "\x00" + rest[label.end :]
    assert rest.split("\x00") == kept or "\x00" in text
    assert [s.type for s in result.labels] == [s.type for s in result.spans]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([p for p in PIECES if "[" not in p]), min_size=1, max_size=10))
def test_masked_text_holds_no_checked_identifier(pieces: list[str]) -> None:
    text = "\n\n".join(pieces)
    result = mask(text, detect(text)).text
    for secret in (
        "4111 1111 1111 1111",
        "ann.lee@example.com",
        "AB 12 34 56 C",
        "0532 0130",
        "7946 0018",
        "192.0.2.1",
        "Ñandú",
    ):
        assert secret not in result


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8))
def test_masking_again_finds_no_surer_thing(pieces: list[str]) -> None:
    once = mask(text := ". ".join(pieces), detect(text))
    again = detect(once.text)
    labels = [(label.start, label.end) for label in once.labels]
    assert not any(a < span.end and span.start < b for span in again for a, b in labels)
    assert not any(span.reason in ("card: luhn", "email: form", "iban: check digits") for span in again)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=120))
def test_the_ascii_reading_leads_back(text: str) -> None:
    seen = view(text)
    assert seen.plain.isascii() and len(seen.plain) <= len(text)
    last = 0
    for at in range(len(seen.plain)):
        start, end = seen.original(at, at + 1)
        assert last <= start < end <= len(text)
        last = end


findings = st.builds(
    lambda start, length, kind, weight: Finding(start, start + length, kind, f"r{start}", weight),
    st.integers(0, 40),
    st.integers(0, 12),
    st.sampled_from(TYPES),
    st.integers(1, 4),
)


@given(st.lists(findings, max_size=12), st.randoms(use_true_random=False))
def test_merging_keeps_every_character_and_does_not_depend_on_order(
    found: list[Finding], random: Any
) -> None:
    spans = merge(found)
    covered = {at for span in spans for at in range(span.start, span.end)}
    assert covered == {at for finding in found for at in range(finding.start, finding.end)}
    shuffled = list(found)
    random.shuffle(shuffled)
    assert merge(shuffled) == spans


def test_the_stronger_type_wins() -> None:
    person = Finding(0, 8, "PERSON", "name: model", 1)
    card = Finding(4, 20, "CARD", "card: luhn", 4)
    phone = Finding(18, 24, "PHONE", "phone: groups of digits", 2)
    assert merge([person, phone, card]) == (Span(0, 24, "CARD", "card: luhn"),)
    assert [s.type for s in merge([Finding(0, 4, "PIN", "a", 3), Finding(4, 8, "PIN", "b", 3)])] == [
        "PIN",
        "PIN",
    ]


def test_mask_refuses_spans_that_overlap_or_lie_outside() -> None:
    for spans in (
        [Span(0, 3, "PIN", ""), Span(2, 4, "PIN", "")],
        [Span(0, 9, "PIN", "")],
        [Span(2, 2, "PIN", "")],
    ):
        with pytest.raises(ValueError, match="merge them first"):
            mask("abcd", spans)


@pytest.mark.parametrize("shift", [0, 1, 7, 19, 500, 997])
def test_nothing_is_lost_where_two_chunks_meet(shift: int) -> None:
    filler = "so and then "
    before = (filler * (CHUNK // len(filler) + 1))[: CHUNK - shift]
    text = before + " my card is four one one one, 4111 1111 1111 1111, é " + filler * 2000
    spans = detect(text)
    assert [text[s.start : s.end] for s in spans if s.reason == "card: luhn"] == ["4111 1111 1111 1111"]
    solid = "x" * CHUNK + "4111111111111111" + "x" * CHUNK
    assert detect("a " + solid.replace("4", " 4", 1))[0].start == CHUNK + 3


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(TextTooLong, match="split it"):
        detect("a" * (LONGEST + 1))


def test_threads_do_not_disturb_each_other() -> None:
    texts_ = [f"my pin is {n:04} and 4111 1111 1111 1111 " * 200 for n in range(8)]
    alone = [detect(text) for text in texts_]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(detect, texts_ * 3))
    assert together == alone * 3
