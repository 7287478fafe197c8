"""Whatever is said, answers keep their shape; and hostile conversations take linear time."""

import time
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plainspoken.kernels.scoring import Conversation, Turn, Word, read_rules, score
from plainspoken.kernels.scoring.tests.scripts import call

RULES = read_rules(
    resources.files("plainspoken.kernels.scoring").joinpath("standard.json").read_text("utf-8")
)
SAID = ["hold", "thank", "you", "for", "holding", "anything", "else", "no", "sorry", "complaint", "name", "your",
        "balance", "is", "terrible", "great", "not", "[x]", "ÄÖ", "1234", "'", "\0", ""]  # fmt: skip
WORDS = st.builds(
    Word, st.sampled_from(SAID) | st.text(max_size=8), st.none(), st.none(),
    st.none() | st.floats(0, 1), st.sampled_from(["", "", "PERSON"]),
)  # fmt: skip


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    turns, at = [], 0.0
    timed = draw(st.booleans())
    for number in range(draw(st.integers(0, 8))):
        at += draw(st.floats(-2, 40))
        start = max(0.0, at)
        at = start + draw(st.floats(0, 20))
        turns.append(
            Turn(
                number, draw(st.sampled_from(["agent", "customer", "unknown"])),  # type: ignore[arg-type]
                tuple(draw(st.lists(WORDS, max_size=8))), start if timed else None, at if timed else None,
                draw(st.booleans()) and draw(st.booleans()), draw(st.booleans()) and draw(st.booleans()),
            )
        )  # fmt: skip
    language = draw(st.sampled_from(["en", "en-US", "de", "sv", "fr", ""]))
    return Conversation(tuple(turns), language, draw(st.booleans()), draw(st.none() | st.floats(0, 500)), 0.9)


@given(conversations())
@settings(max_examples=150, deadline=None)
def test_answers_keep_their_shape(conversation: Conversation) -> None:
    found = score(conversation, RULES)
    assert [a.question for a in found] == [q.id for q in RULES.questions]
    numbers = {turn.number for turn in conversation.turns}
    for answer in found:
        assert 0 <= answer.confidence <= 1
        assert answer.reason and answer.digest == RULES.digest
        assert (answer.value == "cannot_say") == bool(answer.code)
        assert answer.value != "cannot_say" or answer.confidence == 0
        for piece in answer.evidence:
            assert piece.turn is None or piece.turn in numbers
            assert piece.start is None or piece.end is None or piece.end >= piece.start - 1e-9
        if answer.value == "yes" and answer.kind in ("verification", "resolution", "empathy"):
            assert answer.evidence, "what is found is shown"


@pytest.mark.parametrize(
    "pair",
    [
        ("a: can I put you on hold what is your name", "c: complaint terrible no thanks"),
        ("a: hold hold hold anything else anything else", "c: no no no"),
        ("c: complaint complaint awful", "c: this is a complaint"),
        ("a: your balance is what is your name", "a: your name please"),
    ],
    ids=["mixed", "anchors", "only the customer", "only the agent"],
)
def test_time_is_linear_in_the_turns(pair: tuple[str, str]) -> None:
    def seconds(times: int) -> float:
        conversation = call(*(pair * times), gaps=dict.fromkeys(range(0, 2 * times, 3), 9.0))
        best = 99.0
        for _ in range(2):
            started = time.perf_counter()
            score(conversation, RULES)
            best = min(best, time.perf_counter() - started)
        return best

    small, large = seconds(120), seconds(960)
    assert large < 24 * small + 0.05
