"""Layers: the stricter holds, an agreement wins above the law, and each field says where it came from."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plainspoken.kernels.policy import BelowLaw, Duration, FrozenMap, resolve
from plainspoken.kernels.policy.catalogue import CLAUSES
from plainspoken.kernels.policy.kinds.rights import Right
from plainspoken.kernels.policy.laws import BY_CLAUSE, Minimum, at, keeps, minimums, shortfalls
from plainspoken.kernels.policy.records import KINDS, FieldByField, specifications
from plainspoken.kernels.policy.tests.specimens import records_of, shipped

MONTH = Duration(months=1)


def erase(**fields: Any) -> Right:
    rule = shipped().rule("right.erase")
    assert isinstance(rule, Right)
    return dataclasses.replace(rule, **fields)


def times(**answer: str) -> FrozenMap[str, Duration]:
    return FrozenMap({law.replace("_", "-"): Duration.parse(text) for law, text in answer.items()})


def test_without_an_agreement_the_site_stands_where_it_is_strict_enough() -> None:
    found = resolve("right.erase", None, erase())
    assert found.rule == erase()
    origin = found.origin("answer_within.gdpr")
    assert (origin.layer, origin.value) == ("site", MONTH)
    assert origin.passed_over == (("law", MONTH),)
    assert "GDPR Art. 12(3)" in origin.why
    assert found.origin("second_person").why == "only the site speaks of it"


def test_the_law_raises_what_the_site_left_too_loose() -> None:
    site = erase(answer_within=times(gdpr="P60D", uk_gdpr="P2M", swiss_fadp="P20D", ccpa="P45D"))
    found = resolve("right.erase", None, site)
    assert found.rule.answer_within == times(gdpr="P1M", uk_gdpr="P1M", swiss_fadp="P20D", ccpa="P45D")
    origin = found.origin("answer_within.gdpr")
    assert (origin.layer, origin.passed_over) == ("law", (("site", Duration(days=60)),))
    assert found.origin("answer_within.swiss-fadp").layer == "site"


def test_the_law_fills_in_what_the_site_left_out() -> None:
    found = resolve("right.erase", None, erase(answer_within=times(gdpr="P1M")))
    assert found.rule.answer_within["ccpa"] == Duration(days=45)
    assert found.origin("answer_within.ccpa").layer == "law"


def test_a_clients_agreement_wins_above_the_law_even_where_it_is_looser() -> None:
    agreement = {"backups_end_within": Duration(days=60), "second_person": False}
    found = resolve("right.erase", None, erase(), agreement)
    assert found.rule.backups_end_within == Duration(days=60)
    assert found.rule.second_person is False
    origin = found.origin("backups_end_within")
    assert (origin.layer, origin.passed_over) == ("agreement", (("site", Duration(days=35)),))
    assert "looser than the site" in origin.why
    assert found.origin("answer_within.gdpr").layer == "site"


def test_an_agreement_may_be_a_whole_rule() -> None:
    agreement = erase(answer_within=times(gdpr="P10D", uk_gdpr="P10D", swiss_fadp="P10D", ccpa="P10D"))
    found = resolve("right.erase", None, erase(), agreement)
    assert found.rule == agreement
    assert {origin.layer for origin in found.origins} == {"agreement"}
    assert "stricter than the site" in found.origin("answer_within").why


def test_an_agreement_below_the_law_is_refused_with_each_field() -> None:
    with pytest.raises(
        BelowLaw, match=r"right\.erase: answer_within\.gdpr \(GDPR Art\. 12\(3\)\)"
    ) as refused:
        resolve(
            "right.erase",
            None,
            erase(),
            {"answer_within": times(gdpr="P2M", uk_gdpr="P1M", swiss_fadp="P30D", ccpa="P45D")},
        )
    assert [minimum.path for minimum in refused.value.shortfalls] == ["answer_within.gdpr"]


def test_an_agreement_cannot_drop_a_law() -> None:
    with pytest.raises(BelowLaw):
        resolve("right.erase", None, erase(), erase(laws=("ccpa",), answer_within=times(ccpa="P45D")))


def test_an_agreement_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="has a rule of kind verification; this clause has right"):
        resolve("right.erase", None, erase(), shipped().rule("rights.verify"))
    with pytest.raises(ValueError, match="does not have: backup"):
        resolve("right.erase", None, erase(), {"backup": 1})


def test_a_framework_outranks_the_notice() -> None:
    ladder = shipped().rule("recourse.ladder")
    first, *rest = ladder.ladder  # type: ignore[attr-defined]
    slow = dataclasses.replace(
        ladder, ladder=(dataclasses.replace(first, answered_within=Duration(days=90)), *rest)
    )
    found = resolve("recourse.ladder", None, slow)
    assert found.rule.ladder[0].answered_within == Duration(days=45)  # type: ignore[attr-defined]
    assert found.origin("ladder.us").layer == "framework"


def test_lists_are_combined_with_what_the_law_asks() -> None:
    verification = dataclasses.replace(shipped().rule("rights.verify"), without=("limit",))
    found = resolve("rights.verify", None, verification)
    assert set(found.rule.without) == {"limit", "object-marketing", "opt-out-sale"}  # type: ignore[attr-defined]


def test_a_minimum_of_ones_own_is_kept_too() -> None:
    found = resolve(
        "rights.verify",
        [Minimum("code_digits", 8, "a certificate", "framework")],
        shipped().rule("rights.verify"),
    )
    assert found.rule.code_digits == 8  # type: ignore[attr-defined]
    assert found.origin("code_digits").layer == "framework"


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_what_is_resolved_is_as_strict_as_site_and_law(data: st.DataObject) -> None:
    clause = data.draw(st.sampled_from(sorted(CLAUSES)))
    expected = CLAUSES[clause]
    site = data.draw(records_of(KINDS[expected.kind], sort=expected.sort))
    found = resolve(clause, None, site)
    assert FieldByField(type(site)).at_least(found.rule, site) or any(
        origin.layer != "site" for origin in found.origins
    )
    for minimum in minimums(clause, site):
        assert keeps(found.rule, minimum), minimum
    if not shortfalls(clause, site):
        assert found.rule == site


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_an_agreement_holds_or_is_refused(data: st.DataObject) -> None:
    clause = data.draw(st.sampled_from(sorted(CLAUSES)))
    expected = CLAUSES[clause]
    rules = records_of(KINDS[expected.kind], sort=expected.sort)
    site, agreement = data.draw(rules), data.draw(rules)
    try:
        found = resolve(clause, None, site, agreement)
    except BelowLaw as refused:
        assert any(not keeps(agreement, minimum) for minimum in refused.shortfalls)
    else:
        assert found.rule == agreement
        assert all(keeps(agreement, minimum) for minimum in minimums(clause, site))


def test_each_minimum_names_a_field_that_exists_and_our_policy_keeps_it() -> None:
    for clause in BY_CLAUSE:
        rule = shipped().rule(clause)
        for minimum in minimums(clause, rule):
            assert minimum.field in specifications(type(rule)), minimum
            assert at(rule, minimum.path) is not None, minimum
            assert keeps(rule, minimum), minimum
            assert minimum.source
