"""Nothing that anybody writes makes the compiler do anything but answer with a policy or with PolicyErrors,
and soon.
"""

import time
from unittest import mock

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from plainspoken.kernels.policy import PolicyErrors, compile_policy, html
from plainspoken.kernels.policy import blocks as blocks_module
from plainspoken.kernels.policy.blocks import read_block
from plainspoken.kernels.policy.errors import MOST_ERRORS, Problems, Refused
from plainspoken.kernels.policy.kinds.disclosure import Sale
from plainspoken.kernels.policy.reading import Reading
from plainspoken.kernels.policy.records import KINDS, read_fields
from plainspoken.kernels.policy.tests.specimens import FILE, changed, errors_of, in_clause, noise, source

LOOSE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
FRONT = "\n".join(source().split("\n")[:13]) + "\n\n"


def only_policy_errors(text: str) -> None:
    try:
        policy = compile_policy(text, file=FILE)
    except PolicyErrors as broken:
        assert broken.errors
        lines = text.count("\n") + 1
        assert all(
            1 <= error.line <= lines and error.message and error.file == FILE for error in broken.errors
        )
    else:
        assert len(policy.clauses) == 76


@settings(LOOSE, max_examples=100)
@given(st.text(max_size=400))
@example("---")
@example("---\n---")
@example("---\n: \n---\n")
@example("---\n? [a]\n: b\n---\n## x {#A}\n### {#}\n")
@example("\ud800")
def test_any_text_is_answered(text: str) -> None:
    only_policy_errors(text)


@settings(LOOSE, max_examples=100)
@given(st.lists(noise, max_size=6).map("\n".join))
def test_any_noise_after_a_front_matter_is_answered(text: str) -> None:
    only_policy_errors(FRONT + text)


@settings(LOOSE, max_examples=80)
@given(st.data())
def test_any_mutation_of_the_policy_is_answered(data: st.DataObject) -> None:
    text = source()
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        length = data.draw(st.sampled_from([0, 0, 1, 5, 60, 400]))
        put = data.draw(
            st.one_of(noise, st.integers(0, len(text)).map(lambda place, t=text: t[place : place + 80]))
        )
        text = text[:start] + put + text[start + length :]
    only_policy_errors(text)


@settings(LOOSE, max_examples=60)
@given(st.data())
def test_any_swap_of_lines_is_answered(data: st.DataObject) -> None:
    lines = source().split("\n")
    one, other = data.draw(st.integers(0, len(lines) - 1)), data.draw(st.integers(0, len(lines) - 1))
    lines[one], lines[other] = lines[other], lines[one]
    only_policy_errors("\n".join(lines))


yaml_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10**12)
    | st.floats(allow_nan=True)
    | st.text(max_size=12)
    | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("word", sorted(KINDS))
@settings(LOOSE, max_examples=10)
@given(data=st.data())
def test_any_values_in_any_fields_are_answered(word: str, data: st.DataObject) -> None:
    fields = list(KINDS[word].__dataclass_fields__)
    rule = data.draw(st.dictionaries(st.sampled_from([*fields, "kind", "other"]), yaml_values, max_size=6))
    problems = Problems(FILE)
    try:
        node = read_block(
            yaml.safe_dump(rule, allow_unicode=True), first_line=1, clause=word, problems=problems
        )
        read_fields(KINDS[word], node, Reading(problems, word))
    except Refused:
        assert problems.found


def test_a_billion_laughs_are_not_laughed() -> None:
    bomb = "a: &a [x, x, x]\n" + "\n".join(
        f"{b}: &{b} [*{a}, *{a}, *{a}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    started = time.perf_counter()
    found = errors_of(in_clause("notice.pdf", "formats: [pdf]", bomb))
    assert time.perf_counter() - started < 1
    assert any("Anchors and aliases" in error.message for error in found)


@pytest.mark.parametrize(
    "inner", ["[" * 5_000, "{a: " * 2_000, "- " * 3_000, "? " * 3_000, "'" * 9_001, "[a, " * 900 + "]" * 900]
)
def test_deep_nesting_is_refused_at_once(inner: str) -> None:
    started = time.perf_counter()
    found = errors_of(in_clause("notice.pdf", "formats: [pdf]", f"formats: {inner}"))
    assert time.perf_counter() - started < 2
    assert any(error.clause == "notice.pdf" for error in found)


def test_nesting_is_refused_without_the_c_parser_too() -> None:
    with mock.patch.object(blocks_module, "LOADER", yaml.SafeLoader):
        for inner in ("[" * 200, "&a [*a]", "!!python/object/apply:os.system [x]"):
            assert any(
                error.clause == "notice.pdf" for error in errors_of(in_clause("notice.pdf", "[pdf]", inner))
            )
        assert errors_of(source()) == ()


@pytest.mark.parametrize(
    "line",
    [
        "# " + "a " * 4_000,
        "### " + " " * 9_000 + "x",
        "{{" * 4_000,
        "{{ " + " " * 9_000 + "}}",
        "[" * 4_000 + "](x)",
        "*" * 9_000,
        "`" * 4_999 + " x",
        "> " * 4_000,
        "1 " * 4_900,
        "- " * 4_900,
        "<" * 9_000,
        "![" * 4_000,
        "&" * 9_000,
        "\\" * 9_000,
        "|a" * 4_000,
    ],
)
def test_long_lines_do_not_stop_the_compiler(line: str) -> None:
    text = changed(
        "Each section starts with a short summary", f"{line}\n\nEach section starts with a short summary"
    )
    started = time.perf_counter()
    only_policy_errors(text)
    assert time.perf_counter() - started < 3


def test_a_huge_file_is_refused_at_once() -> None:
    started = time.perf_counter()
    [error] = errors_of(source() + "x" * 1_000_000)
    assert "1000000 characters" in error.message
    assert [error.line for error in errors_of(changed("Each section", "y" * 10_001))] != []
    assert time.perf_counter() - started < 1


def test_thousands_of_errors_are_cut() -> None:
    many = "\n".join(f"### Title {number} {{#x.y{number}}}" for number in range(5_000))
    assert len(errors_of(source() + many)) == MOST_ERRORS


def test_a_long_list_takes_no_square_time() -> None:
    started = time.perf_counter()
    entries = ", ".join(f"c{number}" for number in range(15_000))
    errors_of(in_clause("right.restrict", "still_used_for: [", f"still_used_for: [{entries}, "))
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    "character", ["\x00", "\x1b", "\x85", "\u2028", "\u202e", "\u2066", "\ufeff", "\ud800"]
)
def test_characters_that_hide_are_named(character: str) -> None:
    text = changed("Each section starts", f"Each {character}section starts")
    [error] = errors_of(text)
    assert f"U+{ord(character):04X}" in error.message
    assert error.line == source()[: source().index("Each section starts")].count("\n") + 1


def test_windows_line_ends_are_read() -> None:
    assert errors_of(source().replace("\n", "\r\n")) == ()


def test_no_html_passes_through() -> None:
    evil = '<script>alert(1)</script> <img src=x onerror=alert(1)> <a href="javascript:x">y</a> &lt;b&gt;'
    text = changed("Each section starts", f"{evil} Each section starts")
    policy = compile_policy(text, file=FILE)
    made = html(policy.clause("notice.layered"), policy=policy)
    assert "<script" not in made
    assert "<img" not in made
    assert "<a " not in made
    assert "&lt;script&gt;" in made


def test_no_html_passes_through_a_value() -> None:
    text = changed("  name: Larkfield Home GmbH", "  name: '<b onclick=x>L</b> [x](javascript:y) **z** `c`'")
    policy = compile_policy(text, file=FILE)
    made = html(policy.clause("notice.controller"), policy=policy)
    assert "&lt;b onclick=x&gt;L&lt;/b&gt; [x](javascript:y) **z** `c`" in made
    assert "<b" not in made
    assert "<code" not in made
    assert "<strong" not in made


def test_norway_stays_norway() -> None:
    problems = Problems(FILE)
    node = read_block("regions: {no: opt-in}", first_line=1, clause=None, problems=problems)
    assert [key.text for key, _ in node.items[0][1].items] == ["no"]  # type: ignore[union-attr]


def test_yes_is_not_true() -> None:
    problems = Problems(FILE)
    node = read_block(
        "sells: yes\nshares_for_advertising: false\ncounts_as_sale: [money]",
        first_line=1,
        clause=None,
        problems=problems,
    )
    with pytest.raises(Refused):
        read_fields(Sale, node, Reading(problems, None))
    assert problems.found[0].message == "“yes” is neither true nor false."
