"""Text and rule cannot disagree: every value that a text says comes from the rule."""

import dataclasses
import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plainspoken.kernels.policy import Duration, FrozenMap, fill, html, unquoted
from plainspoken.kernels.policy.containers import ListOf, MapOf, Maybe
from plainspoken.kernels.policy.filling import UnknownPath, fill_text, roots_of, say
from plainspoken.kernels.policy.markdown import first_sentence, is_safe_link, render
from plainspoken.kernels.policy.reading import Speech
from plainspoken.kernels.policy.records import KINDS, Record, specifications
from plainspoken.kernels.policy.shapes import Day, Flag, Shape, Span, Whole, Word
from plainspoken.kernels.policy.tests.specimens import compile_policy, records_of, shipped, source

PIECES = [*"ab <>&\"'[]()!#:/*_`~\n\\{}|-", "javascript:", "http://a.b", "<script>", "](", "](javascript:x)"]
CONTROLLER = shipped().controller


def other(shape: Shape, value: Any) -> Any:
    """Another value of the same shape."""
    match shape:
        case Flag():
            return not value
        case Whole():
            return value + 1
        case Span():
            return Duration(value.months, value.days + 1, value.seconds)
        case Day():
            return value + timedelta(days=1)
        case Word(words=words):
            return next((word for word in words if word != value), None)
        case Maybe(shape=inner):
            return other(inner, value)
        case ListOf(item=Record() as item):
            return (_other_or_same(item, value[0]), *value[1:])
        case ListOf(item=Word(words=words)) if len(words) == 1:
            return ()
        case ListOf(item=item):
            return value[1:] or (other(item, value[0]),)
        case MapOf(value=inner):
            return FrozenMap({name: _other_or_same(inner, item) for name, item in value.items()})
    return f"other {value}"


def _other_or_same(shape: Shape, value: Any) -> Any:
    if isinstance(shape, Record):
        first = "title"
        return dataclasses.replace(value, **{first: f"other {getattr(value, first)}"})
    return other(shape, value)


def every_value() -> list[Any]:
    return [
        pytest.param(clause.id, name, id=f"{clause.id}-{name}")
        for clause in shipped().clauses
        for name, spec in specifications(type(clause.rule)).items()
        if spec.belongs_to(getattr(clause.rule, "kind", None))
        # There is only one taxonomy so far, so its field has no other value.
        and name not in {"kind", "laws", "partner", "taxonomy"}
        and getattr(clause.rule, name) not in (None, ())
    ]


@pytest.mark.parametrize(("clause_id", "name"), every_value())
def test_another_value_makes_another_text(clause_id: str, name: str) -> None:
    policy = shipped()
    clause = policy.clause(clause_id)
    shape = specifications(type(clause.rule))[name].shape
    rule = dataclasses.replace(clause.rule, **{name: other(shape, getattr(clause.rule, name))})
    assert rule != clause.rule
    altered = dataclasses.replace(clause, rule=rule)
    changed_policy = dataclasses.replace(
        policy, clauses=tuple(altered if item is clause else item for item in policy.clauses)
    )
    assert fill(altered, policy=changed_policy) != fill(clause, policy=policy)


def test_our_policy_says_every_value() -> None:
    assert unquoted(shipped()) == []


def test_what_is_not_said_is_named() -> None:
    text = source().replace("The file is {{ tagged }}.", "The file is tagged.")
    assert unquoted(compile_policy(text, file="x")) == [("notice.pdf", "tagged")]


@pytest.mark.parametrize("language", ["en", "de", "fr-CH", "ja"])
def test_nothing_is_left_unfilled(language: str) -> None:
    policy = shipped()
    for part in (*policy.sections, *policy.clauses):
        filled = fill(part, policy=policy, language=language)
        assert "{{" not in filled
        assert "}}" not in filled
        assert part.summary
        assert "{{" not in part.summary


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(KINDS)).flatmap(lambda word: records_of(KINDS[word])))
def test_any_value_of_any_rule_leaves_no_braces(rule: Any) -> None:
    roots = roots_of(rule, CONTROLLER)
    for name in roots:
        try:
            said = say(name, roots, Speech("en"))
        except UnknownPath:
            continue
        assert "{{" not in said
        text = fill_text(f"x {{{{ {name} }}}} y\n- {{{{{name}}}}}", roots, Speech("en"))
        assert "{{" not in text
        assert "}}" not in text


def test_values_are_said_as_people_say_them() -> None:
    policy = shipped()
    roots = roots_of(policy.rule("right.erase"), policy.controller)
    speech = policy.speech()
    assert say("answer_within.gdpr", roots, speech) == "1 month"
    assert say("answer_within.ccpa", roots, Speech("de")) == "45 Tage"
    assert say("backups_end_within", roots, speech) == "35 days"
    assert say("second_person", roots, speech) == "a second person agrees"
    assert say("controller.telephone", roots, speech) == "+49 69 90009 214"
    restrict = roots_of(policy.rule("right.restrict"), policy.controller)
    assert say("still_used_for", restrict, speech) == (
        "bring or defend a claim, receive what you ask about your data, find and stop misuse "
        "and manage accounts and settings"
    )
    keep = roots_of(policy.rule("retain.as-needed"), policy.controller)
    assert say("periods.conversation.sound", keep, speech) == "6 months"
    assert (
        say("ladder.us.answered_within", roots_of(policy.rule("recourse.ladder"), policy.controller), speech)
        == "30 days"
    )


def test_a_list_entry_becomes_one_for_each_item() -> None:
    policy = shipped()
    lines = fill(policy.clause("basis.register"), policy=policy).split("\n")
    assert "- contract: GDPR Art. 6(1)(b)" in lines
    assert "- consent: GDPR Art. 6(1)(a)" in lines


VOID = {"br", "hr"}
HARMLESS = VOID | {"p", "ul", "ol", "li", "a", "em", "strong", "code", "pre", "blockquote"}
HARMLESS |= {"table", "thead", "tbody", "tr", "th", "td"}


class Tags(HTMLParser):
    """Checks that tags nest, and gathers names and links."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.names: set[str] = set()
        self.links: list[dict[str, str | None]] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        if tag == "a":
            self.links.append(dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag in VOID or self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def parsed(markup: str) -> Tags:
    tags = Tags()
    tags.feed(markup)
    tags.close()
    assert tags.open == []
    return tags


def test_html_of_our_policy_is_safe_and_says_the_same() -> None:
    policy = shipped()
    ids = {clause.id for clause in policy.clauses}
    for clause in policy.clauses:
        tags = parsed(html(clause, policy=policy))
        assert tags.names <= {"p", "ul", "li", "a"}
        assert all((link["href"] or "").removeprefix("#") in ids for link in tags.links)
        assert " ".join(tags.words.split()).startswith(clause.summary)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_markdown_gives_safe_html(text: str) -> None:
    tags = parsed(render(text))
    assert tags.names <= HARMLESS
    # An empty address leads to the page itself.
    assert all(not link["href"] or is_safe_link(link["href"]) for link in tags.links)


def test_links_that_leave_are_marked() -> None:
    tags = parsed(render("[a](https://a.example/x) [b](#right.erase) [c](mailto:a@b.example)"))
    assert tags.links[0] == {
        "href": "https://a.example/x",
        "rel": "external noopener noreferrer",
        "class": "external",
    }
    assert tags.links[1:] == [{"href": "#right.erase"}, {"href": "mailto:a@b.example"}]


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://a.example", True),
        ("http://a.example/p?q=1#r", True),
        ("mailto:privacy@a.example", True),
        ("#right.erase", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        ("data:text/html,x", False),
        ("//a.example", False),
        ("/path", False),
        ("https://", False),
        ('https://a.example/" onclick=x', False),
        ("file:///etc/passwd", False),
        ("mailto:a@b.example?subject=x", False),
    ],
)
def test_which_links_are_safe(address: str, safe: bool) -> None:
    assert is_safe_link(address) is safe


@pytest.mark.parametrize(
    ("paragraph", "sentence"),
    [
        ("One. Two.", "One."),
        ("By Art. 15 of the law we answer. Soon.", "By Art. 15 of the law we answer."),
        ("Things, e.g. cookies, are listed. Yes.", "Things, e.g. cookies, are listed."),
        ("He said “stop.” Then nothing.", "He said “stop.”"),
        ("Without an end", "Without an end"),
        ("It costs 1.50 euros. More.", "It costs 1.50 euros."),
        ("Where are we? Here.", "Where are we?"),
        ("The U.S. Congress decides. Later.", "The U.S. Congress decides."),
    ],
)
def test_the_first_sentence(paragraph: str, sentence: str) -> None:
    assert first_sentence(paragraph) == sentence


def test_a_value_cannot_smuggle_a_quotation() -> None:
    assert re.search(r"\{\{", fill(shipped().clause("notice.controller"), policy=shipped())) is None


def test_purposes_are_listed_by_their_group() -> None:
    lines = fill(shipped().clause("use.purposes"), policy=shipped()).split("\n")
    listed = [line for line in lines if line.startswith("- ")]
    assert [line.partition(":")[0].removeprefix("- ") for line in listed] == [
        "provide the service",
        "send service notices",
        "improve the service",
        "send information of interest",
        "run the service lawfully and safely",
    ]
    assert "check how well we served you" in listed[2] and "improve our service" in listed[2]
