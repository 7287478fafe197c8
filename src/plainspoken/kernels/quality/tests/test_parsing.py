"""Forms from JSON: round trips, and every mistake with its place and what to do."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given as each
from hypothesis import settings
from hypothesis import strategies as st

from plainspoken.kernels.quality import Form, FormErrors, changes, digest, parse, to_json

from .forms import SERVICE, forms, service


def broken(path: str, value: Any) -> dict[str, Any]:
    """The service form with one value put in at a path; `...` takes it out."""
    made: Any = copy.deepcopy(SERVICE)
    at = made
    *way, last = path.split(".")
    for step in way:
        at = at[int(step)] if step.isdigit() else at[step]
    key: Any = int(last) if last.isdigit() else last
    if value is ...:
        del at[key]
    else:
        at[key] = value
    return made  # type: ignore[no-any-return]


FIRST = "sections.0.questions.0"
SCALE = "sections.1.questions.0"
CHOICE = "sections.1.questions.2"


@pytest.mark.parametrize(
    ("path", "value", "where", "said"),
    [
        ("title", ..., "title", "The title is missing. Write one."),
        ("title", 4, "title", "This is no text. Write it in quotes."),
        ("title", "x" * 121, "title", "It has 121 characters. Use 120 at most."),
        ("counting", "stars", "counting", "This counting is not known. Choose from points, percent."),
        ("channels", ["fax"], "channels", "These are not channels. Choose from call, chat."),
        ("pass_at", 101, "pass_at", "This number cannot be used. Write one from 0 to 100."),
        ("colour", "red", "colour", "This is not known here."),
        ("sections", [], "sections", "There are 0 sections. Have 1 to 20 of them."),
        ("sections", {}, "sections", "The sections are a list. Write [ and ] around them."),
        ("sections.0", 3, "sections.0", "This is no object. Write { and } around it."),
        ("sections.0.weight", -1, "sections.0.weight", "This number cannot be used."),
        ("sections.1.id", "opening", "sections.1.id", "There are two sections opening. Make their ids differ."),
        ("sections.0.questions", [], "sections.0.questions", "There are 0 questions."),
        (f"{FIRST}.id", "Two Words", f"{FIRST}.id", "This is no id. Use small letters, digits and hyphens"),
        (f"{FIRST}.id", "solved", f"{SCALE}.id", "There are two questions solved."),
        (f"{FIRST}.kind", "stars", f"{FIRST}.kind", "Choose from yes-no, scale, choice, text."),
        (f"{FIRST}.right", "maybe", f"{FIRST}.right", "The right answer is neither. Write yes or no."),
        (f"{FIRST}.points", "ten", f"{FIRST}.points", "This number cannot be used. Write one from 0 to 1000."),
        (f"{FIRST}.required", "yes", f"{FIRST}.required", "Write true or false."),
        (f"{FIRST}.options", [{}], f"{FIRST}.options", "A yes-no question has no options."),
        (f"{FIRST}.error", "fatal", f"{FIRST}.error", "This error is not known."),
        (f"{FIRST}.shown_when", {"question": "solved", "is": ["1"]}, f"{FIRST}.shown_when.question",
         "No earlier question has this id. Name one that comes before."),
        (f"{SCALE}.most", 1, f"{SCALE}.most", "A scale from 1 to 1 cannot be used."),
        (f"{SCALE}.fails_at", ..., f"{SCALE}.fails_at", "No answer is the error. Say up to which step it fails."),
        (f"{SCALE}.error", ..., f"{SCALE}.error", "An answer fails, but at nothing. Say which error it is."),
        (f"{CHOICE}.shown_when.is", ["perhaps"], f"{CHOICE}.shown_when.is",
         "These are not answers of that question. It takes yes, no."),
        (f"{CHOICE}.options.1.value", "well", f"{CHOICE}.options.1.value", "There are two options well."),
        (f"{CHOICE}.options.2.fails", False, f"{CHOICE}.options", "No answer is the error. Mark the option that fails."),
        ("bands.1.from", 0, "bands", "Two bands begin at the same percent."),
        ("terms", {"dispute_days": 0}, "terms.dispute_days", "Write a whole one from 1 to 365."),
    ],
)  # fmt: skip
def test_a_mistake_is_said_where_it_is(path: str, value: Any, where: str, said: str) -> None:
    with pytest.raises(FormErrors) as caught:
        parse(broken(path, value))
    found = {error.path: f"{error.wrong} {error.do}" for error in caught.value.errors}
    assert said in found[where], found


def test_all_mistakes_are_said_at_once() -> None:
    made = broken("title", "")
    made["sections"][0]["questions"][0]["points"] = -1
    made["sections"][1]["questions"][0]["id"] = ""
    with pytest.raises(FormErrors) as caught:
        parse(made)
    assert [e.path for e in caught.value.errors] == [
        f"{FIRST}.points", f"{SCALE}.id", "title",
    ] or len(caught.value.errors) == 3  # fmt: skip


@pytest.mark.parametrize("source", ["", "[1", "[]", '"form"', "null", "[" * 100_000])
def test_what_is_no_form_at_all(source: str) -> None:
    with pytest.raises(FormErrors):
        parse(source)


def test_nothing_that_counts_is_refused() -> None:
    with pytest.raises(FormErrors, match="Nothing counts"):
        parse({"title": "T", "sections": [{"id": "s", "title": "S", "questions": [
            {"id": "q", "text": "Q?", "kind": "text"}]}]})  # fmt: skip


@settings(max_examples=60, deadline=None)
@each(forms())
def test_what_is_written_reads_the_same(form: Form) -> None:
    again = parse(json.dumps(to_json(form)))
    assert again == form and digest(again) == digest(form) and changes(form, again) == ()


@settings(max_examples=100, deadline=None)
@each(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["title", "sections", "questions", "id", "kind", "options", "shown_when", "is", "bands"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_anything_else_is_refused_and_never_breaks(data: Any) -> None:
    with pytest.raises(FormErrors):
        parse(data if isinstance(data, dict) else json.dumps(data))


def test_what_changed_between_two_versions() -> None:
    made = copy.deepcopy(SERVICE)
    made["pass_at"] = 85
    made["sections"].reverse()
    opening = made["sections"][1]
    opening["questions"] = [
        {**opening["questions"][1], "points": 15},
        {"id": "name", "text": "Was the name used?", "kind": "yes-no", "points": 5},
    ]
    found = {(c.kind, c.where, c.field, c.before, c.after) for c in changes(service(), parse(made))}
    assert found == {
        ("changed", "The form", "pass_at", "80", "85"),
        ("moved", "Section: Opening", "", "", ""),
        ("removed", "Question: Did the agent greet?", "", "", ""),
        ("added", "Question: Was the name used?", "", "", ""),
        ("changed", "Question: Was the caller verified before account data was given?", "points", "10", "15"),
        ("moved", "Question: Was the caller verified before account data was given?", "", "", ""),
    }
