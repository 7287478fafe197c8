"""Objection (GDPR Art. 21): it closes exactly what the policy says for such people, and marketing for good."""

import re
from uuid import UUID

import pytest

from plainspoken.conversations.models import Conversation, Participation
from plainspoken.conversations.tests.makers import arrived
from plainspoken.custody.actors import person
from plainspoken.custody.models import Subject
from plainspoken.custody.sessions import purpose
from plainspoken.people.models import Identifier
from plainspoken.policies.queries import policy_in_force
from plainspoken.rights import services
from plainspoken.rights.closes import closed_by_objection
from plainspoken.rights.services import RequestRefused
from plainspoken.rights.services.restricting import oppose

from .steps import (
    ME,
    POLICY,
    decided,
    filed,
    officer,
    outbox,
    policy_with,
    proved,
    republish,
    request_of,
    rows,
    somebody,
    work,
)

OWN = {"coaching.share", "conversation.reveal", "quality.evaluate", "service.improve"}
QUALITY = "coach our staff\n    group: improve\n    basis: {customer: legitimate-interests, staff: "


def seen(house, name: str) -> set[UUID]:
    with purpose(name, organisation=house.id, by=ME):
        return set(Subject.objects.values_list("id", flat=True))


def objected(house, staff, *, email: str = "ada@post.example") -> services.Filed:
    request = proved(house, "object", email=email)
    decided(house, request.reference, officer(staff, f"o-{request.reference}"))
    work()
    return request


def test_exactly_what_the_policy_says_is_closed_and_it_stands_in_the_ledger(house, staff) -> None:
    ada, bob = somebody(house, email="ada@post.example"), somebody(house, email="bob@post.example")
    assert set(closed_by_objection(organisation=house.id, people="customer")) == {*OWN, "marketing.inform"}
    purposes = [
        name for name in policy_in_force(organisation=house.id).purposes if name != "marketing.inform"
    ]
    by = officer(staff)
    before = {name: seen(house, name) for name in purposes}
    request = proved(house, "object", email="ada@post.example")
    decided(house, request.reference, by)
    work()
    for name in purposes:
        assert seen(house, name) == before[name] - ({ada} if name in OWN else set()), name
        assert (bob in seen(house, name)) == (bob in before[name])
    assert rows("SELECT ground, kind, purposes FROM custody_decision ORDER BY ground DESC") == [
        ("own-situation", "objection", sorted(OWN)),
        ("marketing", "objection", ["marketing.inform"]),
    ]
    entered = rows("SELECT count(*) FROM custody_ledgerentry WHERE act = 'decision.objection'")
    assert entered == [(2,)]
    assert request_of(house, request.reference).state == "done"
    letter = outbox(house)[0]
    assert "check how well we served you" in letter.text and "With marketing we never do" in letter.text


def test_consent_given_before_does_not_bring_marketing_back(house, staff) -> None:
    from plainspoken.custody.models import Decision
    from plainspoken.custody.subjects import decide

    ada = somebody(house, email="ada@post.example")
    with purpose("rights.execute", organisation=house.id, by=ME):
        decide(subject=ada, kind=Decision.Kind.CONSENT, purposes=["marketing.inform"], ground="form", by=ME)
    assert ada in seen(house, "marketing.inform")
    objected(house, staff)
    assert ada not in seen(house, "marketing.inform")


def test_going_on_needs_reasons_that_the_person_reads_first(house, staff) -> None:
    ada = somebody(house, email="ada@post.example")
    request = objected(house, staff)
    by, reference = officer(staff, "lifter"), request.reference
    with pytest.raises(RequestRefused, match="needs your reasons"):
        services.lift_restriction(organisation=house.id, reference=reference, by=by)
    told = services.lift_restriction(
        organisation=house.id, reference=reference, by=by, reason="A court asked for the scores."
    )
    assert told is False and ada not in seen(house, "quality.evaluate")
    work()
    assert "Our reasons: A court asked for the scores." in outbox(house)[0].text
    assert services.lift_restriction(organisation=house.id, reference=reference, by=by) is True
    assert ada in seen(house, "quality.evaluate")
    assert rows("SELECT ground FROM custody_decision WHERE lifted_at IS NULL") == [("marketing",)]
    with pytest.raises(RequestRefused, match="no objection to lift"):
        services.lift_restriction(organisation=house.id, reference=reference, by=by, reason="Again.")


def test_without_the_rule_no_reasons_are_needed_but_the_law_wants_them(house, staff) -> None:
    """The compiler holds the minimum, so the service never has to."""
    from plainspoken.kernels.policy import PolicyErrors

    with (
        pytest.raises(PolicyErrors, match=r"GDPR Art\. 21\(1\)"),
        policy_with(house, ("override_needs_reasons: true", "override_needs_reasons: false")),
    ):
        pass


def test_an_objection_to_marketing_alone_is_never_lifted(house, staff) -> None:
    somebody(house, email="ada@post.example")
    text = POLICY.read_text("utf-8").replace(
        "closed_by: [restriction, objection]", "closed_by: [restriction]"
    )
    news = "basis: {customer: consent, staff: consent}\n    maintenance: false\n    closed_by: [restriction"
    assert text.count(news) == 1
    republish(house, text.replace(news, f"{news}, objection"))
    assert closed_by_objection(organisation=house.id, people="customer") == ("marketing.inform",)
    request = objected(house, staff)
    by = officer(staff, "lifter")
    with pytest.raises(RequestRefused, match="no objection to lift"):
        services.lift_restriction(
            organisation=house.id, reference=request.reference, by=by, reason="We want to."
        )
    assert rows("SELECT ground, lifted_at FROM custody_decision") == [("marketing", None)]


def test_a_member_of_staff_closes_rows_about_them_but_not_conversations_of_customers(house) -> None:
    call = arrived(house)
    with purpose("rights.execute", organisation=house.id, by=ME):
        agent = Participation.objects.get(conversation=call, role="agent").subject_id
        oppose(organisation=house.id, subject=agent, by=ME)
    with purpose("quality.evaluate", organisation=house.id, by=ME):
        assert Conversation.objects.filter(id=call.id).exists()
        assert not Participation.objects.filter(subject_id=agent).exists()
        assert not Identifier.objects.filter(subject_id=agent).exists()
        assert Participation.objects.filter(conversation=call, role="customer").exists()
    with purpose("service.answer", organisation=house.id, by=ME):
        assert Participation.objects.filter(subject_id=agent).exists()


def test_the_ground_for_each_kind_of_people_decides_who_can_object(house, staff) -> None:
    with policy_with(house, (f"{QUALITY}legitimate-interests", f"{QUALITY}contract")):
        assert "quality.evaluate" in closed_by_objection(organisation=house.id, people="customer")
        assert "quality.evaluate" not in closed_by_objection(organisation=house.id, people="staff")
        call = arrived(house)
        with purpose("rights.execute", organisation=house.id, by=ME):
            agent = Participation.objects.get(conversation=call, role="agent").subject_id
            oppose(organisation=house.id, subject=agent, by=ME)
        assert agent in seen(house, "quality.evaluate") and agent not in seen(house, "service.improve")


def without_marketing(text: str) -> str:
    """Our policy of a house that sends no news, and whose staff's data rests on contracts and laws alone."""
    text = re.sub(r"  marketing\.inform:\n(    .*\n)+", "", text, count=1)
    text = text.replace("choices: [marketing.inform]", "choices: []")
    text = text.replace("purposes: [marketing.inform]", "purposes: [service.notify]")
    text = text.replace(" marketing.inform,", "").replace(", marketing.inform]", "]")
    return text.replace("staff: legitimate-interests", "staff: contract")


def test_objecting_is_offered_only_where_something_rests_on_our_interest(house, staff) -> None:
    member, browser = staff("agent")
    assert browser.get("/my-privacy/ask/object").status_code == 200
    republish(house, without_marketing(POLICY.read_text("utf-8")))
    assert browser.get("/my-privacy/ask/object").status_code == 404
    with pytest.raises(RequestRefused, match="nothing to object to"):
        services.file(
            organisation=house.id,
            kind="object",
            channel="account",
            claim=services.Claim(email="agent@larkfield.example"),
            subject=member.subject_id,
            by=person(member.account_id),
        )
    assert filed(house, "object", email="ada@post.example").reference, "customers still can"


def test_the_plan_counts_only_what_will_be_closed(house, staff) -> None:
    somebody(house, email="ada@post.example")
    request = proved(house, "object", email="ada@post.example")
    made = services.plan(organisation=house.id, reference=request.reference, by=officer(staff))
    places = {row.place for row in made.rows if row.count}
    assert "people.Identifier" in places and "rights.Request" not in places
    assert {row.verb for row in made.rows} == {"restrict"}


def test_the_desk_offers_it_and_carries_it_out(house, staff) -> None:
    ada = somebody(house, email="ada@post.example")
    request = proved(house, "object", email="ada@post.example")
    _, browser = staff("privacy_officer", "desk")
    address = f"/requests/{request.reference}"
    page = browser.get(address)
    assert page.status_code == 200 and "Stop the use of" in page.content.decode()
    fingerprint = services.plan(organisation=house.id, reference=request.reference, by=ME).fingerprint
    assert browser.post(f"{address}/decide", {"plan": fingerprint}).status_code == 302
    work()
    assert ada not in seen(house, "quality.evaluate")
    page = browser.get(address).content.decode()
    assert "Tell them that it will be lifted" in page and "Your reasons" in page
