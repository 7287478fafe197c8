"""Restriction: rows vanish from what the policy closes, stay for what goes on, and come back only when
told.
"""

import pytest

from plainspoken.custody.models import Subject
from plainspoken.custody.sessions import purpose
from plainspoken.people.models import Identifier
from plainspoken.policies.queries import policy_in_force
from plainspoken.rights import queries, services
from plainspoken.rights.closes import closed_by_restriction
from plainspoken.rights.services import RequestRefused

from .steps import ME, decided, officer, outbox, policy_with, proved, request_of, rows, somebody, work

GROUNDS = ("accuracy-contested", "unlawful-but-kept", "needed-for-claims", "objection-pending")


def seen(house, name: str) -> set:
    with purpose(name, organisation=house.id, by=ME):
        return set(Subject.objects.values_list("id", flat=True))


def restricted(house, staff, *, email="ada@post.example", ground="accuracy-contested"):
    request = proved(house, "restrict", email=email)
    decided(house, request.reference, officer(staff, f"o-{request.reference}"), ground=ground)
    work()
    return request


def test_exactly_the_purposes_that_the_policy_closes_lose_the_person(house, staff) -> None:
    ada, bob = somebody(house, email="ada@post.example"), somebody(house, email="bob@post.example")
    purposes = policy_in_force(organisation=house.id).purposes
    usable = [name for name in purposes if _can_read_subjects(house, name)]
    before = {name: seen(house, name) for name in usable}
    restricted(house, staff)
    closed = set(closed_by_restriction(organisation=house.id))
    assert {"service.answer", "quality.evaluate", "service.improve", "service.notify"} <= closed
    assert not closed & {"claims.defend", "rights.intake", "security.audit", "organisation.manage"}
    for name in usable:
        assert bob in seen(house, name) or bob not in before[name]
        if purposes[name].maintenance or name not in closed:
            assert (ada in seen(house, name)) == (ada in before[name]), name
        else:
            assert ada not in seen(house, name), name


def _can_read_subjects(house, name: str) -> bool:
    try:
        seen(house, name)
    except Exception:
        return False
    return True


@pytest.mark.parametrize("ground", GROUNDS)
def test_each_ground_of_the_rule_works_and_no_other(house, staff, ground: str) -> None:
    ada = somebody(house, email="ada@post.example")
    request = proved(house, "restrict", email="ada@post.example")
    by = officer(staff)
    for wrong in ("", "because", "accuracy"):
        with pytest.raises(RequestRefused, match="needs one of these grounds"):
            decided(house, request.reference, by, ground=wrong)
    decided(house, request.reference, by, ground=ground)
    work()
    assert ada not in seen(house, "service.answer")
    row = request_of(house, request.reference)
    assert row.state == "done" and row.ground == ground
    assert rows("SELECT ground, kind FROM custody_decision") == [(ground, "restriction")]


def test_the_published_list_decides_what_goes_on(house, staff) -> None:
    ada = somebody(house, email="ada@post.example")
    listed = "still_used_for: [claims.defend, rights.intake, security.audit, organisation.manage"
    with policy_with(house, (f"{listed}]", f"{listed}, service.answer]")):
        restricted(house, staff)
        assert ada in seen(house, "service.answer") and ada not in seen(house, "quality.evaluate")


def test_rows_that_arrive_later_are_closed_too(house, staff) -> None:
    ada = somebody(house, email="ada@post.example")
    restricted(house, staff)
    assert somebody(house, email="ada@post.example", phone="+49 30 2222222") == ada
    with purpose("service.answer", organisation=house.id, by=ME):
        assert not Identifier.objects.filter(subject_id=ada).exists()
    with purpose("claims.defend", organisation=house.id, by=ME):
        assert Identifier.objects.filter(subject_id=ada).count() == 2


def test_a_restricted_person_can_still_ask(house, staff) -> None:
    somebody(house, email="ada@post.example")
    restricted(house, staff)
    request = proved(house, "access", email="ada@post.example")
    decided(house, request.reference, officer(staff, "later"))
    work()
    assert request_of(house, request.reference).state == "done"


def test_the_person_is_told_before_it_is_lifted(house, staff) -> None:
    ada = somebody(house, email="ada@post.example")
    request = restricted(house, staff)
    by = officer(staff, "lifter")
    assert services.lift_restriction(organisation=house.id, reference=request.reference, by=by) is False
    assert ada not in seen(house, "service.answer"), "not lifted while the mail is on its way"
    assert services.lift_restriction(organisation=house.id, reference=request.reference, by=by) is False
    work()
    assert "about to lift" in outbox(house)[0].text
    assert services.lift_restriction(organisation=house.id, reference=request.reference, by=by) is True
    assert ada in seen(house, "service.answer")
    assert [row[0] for row in rows("SELECT count(*) FROM disclosures_message WHERE state = 'outbox'")] == [3]
    with pytest.raises(RequestRefused, match="no restriction to lift"):
        services.lift_restriction(organisation=house.id, reference=request.reference, by=by)


def test_two_restrictions_and_one_lifted_leave_it_closed(house, staff) -> None:
    ada = somebody(house, email="ada@post.example")
    first = restricted(house, staff, ground="accuracy-contested")
    restricted(house, staff, ground="needed-for-claims")
    by = officer(staff, "lifter")
    services.lift_restriction(organisation=house.id, reference=first.reference, by=by)
    work()
    assert services.lift_restriction(organisation=house.id, reference=first.reference, by=by) is True
    assert ada not in seen(house, "service.answer")


def test_the_answer_names_what_stopped(house, staff) -> None:
    somebody(house, email="ada@post.example")
    request = restricted(house, staff)
    letter = outbox(house)[0]
    assert "check how well we served you and coach our staff" in letter.text
    assert "bring or defend a claim" in letter.text, "what goes on, from the clause itself"
    case = queries.track(organisation=house.id, reference=request.reference, token=request.token)
    assert "We no longer use it to:" in case.answer_html
