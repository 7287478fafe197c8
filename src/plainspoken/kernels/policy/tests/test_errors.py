"""Each thing that can be wrong is said with its file, its line, its clause, and what is allowed there."""

import pytest

from plainspoken.kernels.policy import PolicyError, PolicyErrors, compile_policy
from plainspoken.kernels.policy.catalogue import CLAUSES
from plainspoken.kernels.policy.tests.specimens import (
    FILE,
    changed,
    errors_of,
    in_clause,
    source,
    the_error,
)


def test_the_specimen_has_no_error() -> None:
    assert errors_of(source()) == ()


def test_a_missing_clause_is_said_where_it_belongs() -> None:
    start = source().index("### Children {#collect.minors}")
    text = source()[:start] + source()[source().index("## How we keep it safe") :]
    error = the_error(
        changed("## What we collect {#B}", "@@## What we collect {#B}", text=text),
        "collect.minors",
        "The notice lacks collect.minors",
    )
    assert error.allowed == ("### Title {#collect.minors} with a ```rule age",)


def test_ignoring_privacy_control_while_selling_does_not_compile() -> None:
    selling = in_clause("disclose.no-sale", "sells: false", "sells: true")
    text = in_clause(
        "cookies.signals",
        "global_privacy_control: honoured",
        "@@global_privacy_control: ignored",
        text=selling,
    )
    assert the_error(text, "cookies.signals", "11 CCR 7025").allowed == ("honoured",)
    assert (
        errors_of(
            in_clause(
                "cookies.signals", "global_privacy_control: honoured", "global_privacy_control: ignored"
            )
        )
        == ()
    )


@pytest.mark.parametrize(
    ("old", "new", "clause", "message", "allowed"),
    [
        (
            "### Children {#collect.minors}",
            "@@### Children {#collect.minor}",
            "collect.minor",
            "Did you mean “collect.minors”",
            "",
        ),
        (
            "### Children {#collect.minors}",
            "@@### Children",
            "collect.recording-consent",
            "neither a section nor a clause",
            "### Title {#clause.id}",
        ),
        (
            "### Children {#collect.minors}",
            "@@### Children {#Minors!}",
            None,
            "is not the id of a clause",
            "notice.scope",
        ),
        (
            "### Children {#collect.minors}",
            "@@### Children {#notice.pdf}",
            "notice.pdf",
            "stands here twice; first on line",
            "",
        ),
        (
            "### Children {#collect.minors}",
            "@@### Children {#ccpa.know}",
            "ccpa.know",
            "belongs to section J",
            "section J (california-and-nevada)",
        ),
        (
            "## How we keep it safe {#C}",
            "@@## How we keep it safe {#Z}",
            None,
            "There is no section “Z”",
            "security",
        ),
        (
            "## How we keep it safe {#C}",
            "@@## How we keep it safe {#A}",
            None,
            "Section A stands after section B",
            "sections in the order A to K, each once",
        ),
        (
            "  telephone: +49 69 90009 214\n",
            "",
            None,
            "The field “telephone” is missing",
            "one line of 1 to 60 characters, without {{ or }}",
        ),
        (
            "  telephone: +49 69 90009 214\n",
            "@@  telephon: +49 69 90009 214\n",
            None,
            "Did you mean “telephone”",
            "telephone",
        ),
        ("language: en", "@@language: klingon-x", None, "is not a language we can write", "de"),
        ("title: How Larkfield", "titel: How Larkfield", None, "The field “title” is missing", ""),
        (
            "last_updated: 2026-01-15",
            "@@last_updated: yesterday",
            None,
            "is not a date",
            "a date such as 2026-01-31",
        ),
        (
            "## What we collect {#B}",
            "```rule download\nformats: [pdf]\n@@```text\n\n## What we collect {#B}",
            "notice.regulator",
            "has 2 rules",
            "```rule authorities",
        ),
        (
            "## What this notice is {#A}",
            "@@Some words.\n\n## What this notice is {#A}",
            None,
            "Text stands before the first section",
            "## Title {#A}",
        ),
    ],
)
def test_what_is_wrong_in_the_outline(
    old: str, new: str, clause: str | None, message: str, allowed: str
) -> None:
    text = changed(old, new)
    if "has 2 rules" in message:
        found = [error for error in errors_of(text.replace("@@", "")) if message in error.message]
        assert [error.clause for error in found] == [clause]
    elif "@@" in new:
        error = the_error(text, clause, message)
        assert not allowed or allowed in error.allowed
    else:
        assert any(message in error.message and error.clause is None for error in errors_of(text))


def test_a_rule_outside_a_clause_is_refused() -> None:
    text = changed(
        "### Where this notice holds", "@@```rule links\nmarked: true\n```\n\n### Where this notice holds"
    )
    assert the_error(text, None, "A rule stands outside a clause").allowed == (
        "a rule below ### Title {#clause.id}",
    )


def test_a_block_without_end_is_refused() -> None:
    text = source().rstrip().removesuffix("```").replace("```rule recourse", "@@```rule recourse")
    assert the_error(text, "recourse.ladder", "This fenced block has no end").allowed == ("```",)


def test_a_file_without_front_matter_is_refused() -> None:
    found = errors_of("## What this notice is {#A}\n")
    assert (found[0].line, found[0].message) == (1, "The file does not start with its front matter.")
    assert "The front matter has no end." in [error.message for error in errors_of("---\ntitle: x\n")]


def test_a_clause_without_words_is_refused() -> None:
    start = source().index("### Our safeguards")
    rule = source().index("```rule safeguards")
    text = source()[:start] + "@@### Our safeguards {#security.safeguards}\n\n" + source()[rule:]
    the_error(text, "security.safeguards", "“Our safeguards” has no text for people")


def test_all_errors_are_said_at_once_in_the_order_of_lines() -> None:
    text = in_clause("notice.pdf", "formats: [pdf]", "formats: [doc]")
    text = in_clause("right.erase", "second_person: true", "second_person: maybe", text=text)
    text = in_clause("right.erase", "within {{ answer_within.gdpr }}", "within 30 days", text=text)
    text = in_clause("recourse.ladder", "(#right.complain)", "(#right.complaint)", text=text)
    text = in_clause("transfer.region", "home: eea", "home: mars", text=text)
    found = errors_of(text)
    assert [(error.clause, error.line) for error in found] == sorted(
        ((error.clause, error.line) for error in found), key=lambda pair: pair[1]
    )
    assert {error.clause for error in found} == {
        "notice.pdf",
        "right.erase",
        "recourse.ladder",
        "transfer.region",
    }
    assert len(found) == 5


def test_a_clause_that_cannot_be_read_makes_no_noise_elsewhere() -> None:
    """If use.purposes is not YAML, nobody knows which purposes exist: the references to them are not called
    wrong.
    """
    text = in_clause("use.purposes", "purposes:\n  service.answer:", "purposes: [\n  service.answer:")
    assert {error.clause for error in errors_of(text)} == {"use.purposes"}


def test_an_error_reads_as_one_line() -> None:
    error = PolicyError("a.md", 7, "notice.pdf", "“doc” is not a format.", ("pdf", "html"))
    assert str(error) == "a.md:7: notice.pdf: “doc” is not a format. Allowed here: pdf, html."
    assert str(PolicyErrors([error, error])).count("\n") == 1


def test_required_says_which_clauses_may_not_be_missing() -> None:
    end = source().index("### A copy to keep")
    part = source()[:end]
    assert errors_of(part, required={"notice.scope", "notice.layered"}) == ()
    assert [error.clause for error in errors_of(part, required={"notice.pdf"})] == ["notice.pdf"]
    assert len(errors_of(part)) == len(CLAUSES) - 2


def test_an_agreement_may_name_what_the_site_declares() -> None:
    site = compile_policy(source(), file=FILE)
    front = source()[: source().index("## What this notice is")]
    start = source().index("### Have its use suspended")
    clause = source()[start : source().index("### No machine decides alone")]
    agreement = f"{front}## Your rights {{#H}}\n\nOur client asked for this.\n\n{clause}"
    assert errors_of(agreement, required=(), site=site) == ()
    assert "is not a purpose declared in use.purposes" in errors_of(agreement, required=())[0].message
