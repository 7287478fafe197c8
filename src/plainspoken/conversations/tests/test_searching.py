"""The query language: what is typed, what it means, and where it cannot be understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plainspoken.conversations.ports import Scored, Wanted
from plainspoken.conversations.searching import Asked, QueryError, built, understood


def read(q: str) -> Wanted:
    return understood(Wanted(q=q))


def test_plain_words_phrases_alternatives_and_exclusions_stay_as_they_are() -> None:
    assert read('refund "broken lamp" OR sofa -chair').q == 'refund "broken lamp" OR sofa -chair'
    assert not read("refund").near


def test_near_takes_both_orders_within_the_distance() -> None:
    (raw,) = read("lamp NEAR/2 broken").near
    assert (
        raw
        == "(('lamp' <1> 'broken') | ('broken' <1> 'lamp') | ('lamp' <2> 'broken') | ('broken' <2> 'lamp'))"
    )
    assert len(read("lamp NEAR broken").near[0].split("|")) == 10


def test_fields_become_filters_and_leave_the_words() -> None:
    wanted = read(
        'silence>10 duration>600 duration<900 queue:"Late returns" kind:call score<70 lamp from:2026-01-31'
    )
    assert (wanted.silence_over, wanted.longer, wanted.shorter) == (10, 600, 900)
    assert (wanted.queue, wanted.kind, wanted.human.under, wanted.q) == ("Late returns", "call", 70, "lamp")
    assert wanted.since is not None and wanted.since.isoformat().startswith("2026-01-31T00:00")


def test_what_people_and_rules_found_is_asked_apart() -> None:
    wanted = read("score>60 score<80 result:failed question:greeting=no autoscore<50 autoresult:passed lamp")
    assert wanted.human == Scored(over=60, under=80, passed=False, answers=(("greeting", "no"),))
    assert wanted.automatic == Scored(under=50, passed=True)
    assert wanted.by_score and wanted.q == "lamp" and not read("score lamp").by_score
    assert read('autoquestion:"hold=not explained"').automatic.answers == (("hold", "not explained"),)


@pytest.mark.parametrize("query", ["result:bad", "question:greeting", "question:=no", "autoscore>much"])
def test_a_score_that_cannot_be_read_is_said(query: str) -> None:
    with pytest.raises(QueryError) as caught:
        read(f"lamp {query}")
    assert caught.value.start == 5


def test_the_form_asks_for_scores_in_the_same_words() -> None:
    asked = Asked(score_under="70", result="failed", question="greeting", answer="no", scored_by="auto")
    wanted = read(built(asked))
    assert wanted.automatic == Scored(under=70, passed=False, answers=(("greeting", "no"),))
    assert not wanted.human.asked
    assert read(built(Asked(score_over="90"))).human == Scored(over=90)


def test_a_speaker_holds_for_what_follows() -> None:
    wanted = read('hello speaker:customer "broken lamp" refund speaker:agent sorry speaker:any thanks')
    assert wanted.customer_said == ("'broken' <-> 'lamp'", "'refund'")
    assert wanted.agent_said == ("'sorry'",)
    assert wanted.q == 'hello "broken lamp" refund sorry thanks', "the index narrows by all of them first"


def test_a_star_finds_beginnings() -> None:
    wanted = read("lam*")
    assert (wanted.q, wanted.near, wanted.prefixes) == ("", ("'lam':*",), ("lam",))


@pytest.mark.parametrize(
    ("query", "said", "where"),
    [
        ("NEAR/5 lamp", "NEAR stands between two words: lamp NEAR/5 broken.", "NEAR/5"),
        ("lamp NEAR/99 sofa", "After NEAR/ stands a number from 1 to 10.", "NEAR/99"),
        ("lamp NEAR/x sofa", "After NEAR/ stands a number from 1 to 10.", "NEAR/x"),
        ("sofa silence>long", "After silence> stands a number.", "silence>long"),
        ("speaker:boss hi", "After speaker: stands agent, customer or any.", "speaker:boss"),
        ("from:yesterday", "A day is written 2026-01-31.", "from:yesterday"),
        ("OR lamp", "OR stands between two words: refund OR return.", "OR"),
        ("lamp silence<3", "", "silence<3"),
        ("queue: lamp", "After queue: something is missing.", "queue:"),
    ],
)
def test_what_cannot_be_understood_says_where(query: str, said: str, where: str) -> None:
    with pytest.raises(QueryError) as error:
        read(query)
    assert query[error.value.start : error.value.end] == where
    assert not said or str(error.value) == said


def test_what_people_say_is_not_taken_for_a_field() -> None:
    assert read("at 11:30 note:yes e-mail").q == "at 11:30 note yes e-mail"


@given(st.text(max_size=80))
def test_any_text_is_understood_or_refused_within_itself(text: str) -> None:
    try:
        wanted = read(text)
    except QueryError as error:
        assert 0 <= error.start < error.end <= len(text)
    else:
        assert understood(wanted) == wanted


def test_the_builder_writes_what_one_would_type() -> None:
    asked = Asked(
        all_words="refund now", phrase="broken lamp", without="sofa", near_first="late", near_second="parcel",
        apart="3", speaker="customer", silence="10 s", longer="60", shorter="",
    )  # fmt: skip
    query = built(asked)
    assert (
        query == 'silence>10 duration>60 -sofa speaker:customer refund now "broken lamp" late NEAR/3 parcel'
    )
    assert read(query).customer_said[-1].startswith("(('late' <1> 'parcel')")
    assert built(Asked()) == ""
