"""Refusing, extending, answering by hand, the table of states, and the diagram made from it."""

from datetime import timedelta
from pathlib import Path

import pytest

from plainspoken.custody import clock
from plainspoken.custody.actors import person
from plainspoken.custody.sessions import purpose
from plainspoken.rights import queries, services
from plainspoken.rights.models import Request
from plainspoken.rights.services import NotYours, RequestRefused, deciding
from plainspoken.rights.states import CLOSED, TRANSITIONS, State, WrongState, check, diagram

from .steps import ME, WEB, decided, filed, officer, outbox, policy_with, proved, request_of, somebody, work


def test_the_table_allows_what_it_lists_and_nothing_else() -> None:
    for now in State:
        for then in State:
            if then in TRANSITIONS[now]:
                check(now, then)
            else:
                with pytest.raises(WrongState):
                    check(now, then)
    assert all(not TRANSITIONS[state] for state in CLOSED)
    reached = {State.RECEIVED}
    while more := {then for now in reached for then in TRANSITIONS[now]} - reached:
        reached |= more
    assert reached == set(State), "every state can be reached"
    assert all(any(state in TRANSITIONS[now] for now in State) for state in CLOSED)


def test_the_documented_diagram_is_the_table() -> None:
    page = Path(__file__).resolve().parents[4] / "docs" / "reference" / "request-states.md"
    assert page.read_text("utf-8") == diagram(), "run `make docs`"
    for now, thens in TRANSITIONS.items():
        for then in thens:
            assert f"    {now} --> {then}\n" in diagram()


def test_the_database_knows_no_other_state(house) -> None:
    from django.db import IntegrityError

    request = filed(house, "access", email="a@post.example")
    with pytest.raises(IntegrityError), purpose("rights.execute", organisation=house.id, by=ME):
        Request.objects.filter(reference=request.reference).update(state="lost")


def test_a_refusal_needs_reasons_and_tells_them(house, staff) -> None:
    somebody(house, email="ada@post.example")
    request = proved(house, "correct", email="ada@post.example")
    by = officer(staff)
    for empty in ("", "   "):
        with pytest.raises(RequestRefused, match="states its reasons"):
            services.refuse(organisation=house.id, reference=request.reference, reason=empty, by=by)
    services.refuse(
        organisation=house.id, reference=request.reference, reason="Two papers say <b>otherwise</b>.", by=by
    )
    work()
    letter = outbox(house)[0]
    assert "Two papers say <b>otherwise</b>." in letter.text and "court" in letter.text
    case = queries.track(organisation=house.id, reference=request.reference, token=request.token)
    assert (
        case.state == "refused"
        and "&lt;b&gt;otherwise" in case.answer_html
        and "<b>other" not in case.answer_html
    )
    with pytest.raises(WrongState):
        services.refuse(organisation=house.id, reference=request.reference, reason="again", by=by)


def test_no_policy_may_let_a_refusal_be_silent(house) -> None:
    """The law asks for reasons, so a text that does not cannot be published."""
    from plainspoken.kernels.policy import PolicyErrors

    with (
        pytest.raises(PolicyErrors, match="states its reasons"),
        policy_with(house, ("refusal_needs_reasons: true", "refusal_needs_reasons: false")),
    ):
        pass


def test_an_extension_is_reasoned_told_and_given_once(house, staff) -> None:
    somebody(house, email="ada@post.example")
    request = proved(house, "access", email="ada@post.example")
    by = officer(staff)
    before = queries.deadline_of(request_of(house, request.reference)).due
    with pytest.raises(RequestRefused, match="states its reason"):
        services.extend(organisation=house.id, reference=request.reference, reason=" ", by=by)
    services.extend(organisation=house.id, reference=request.reference, reason="It is a lot.", by=by)
    work()
    after = queries.deadline_of(request_of(house, request.reference)).due
    assert (after.year - before.year) * 12 + after.month - before.month == 2 and abs(
        after.day - before.day
    ) <= 3
    assert "It is a lot." in outbox(house)[0].text and f"{after.day} {after:%B %Y}" in outbox(house)[0].text
    with pytest.raises(RequestRefused, match="once already"):
        services.extend(organisation=house.id, reference=request.reference, reason="More.", by=by)


def test_an_extension_after_its_time_is_refused(house, staff) -> None:
    by = officer(staff)
    ago = clock.now(house.id) - timedelta(days=40)
    request = services.file(
        organisation=house.id,
        kind="access",
        claim=services.Claim(email="a@post.example"),
        channel="letter",
        received_at=ago,
        by=by,
    )
    services.send_code(organisation=house.id, reference=request.reference, by=by)
    work()
    from .steps import last_code

    assert services.verify(
        organisation=house.id, reference=request.reference, code=last_code(house), by=by
    ).verified
    with pytest.raises(RequestRefused, match="too late"):
        services.extend(organisation=house.id, reference=request.reference, reason="Busy.", by=by)


def test_an_extension_is_as_long_as_the_policy_says(house, staff, monkeypatch) -> None:
    somebody(house, email="ada@post.example")
    by = officer(staff)
    with policy_with(house, ("extend_by: P2M", "extend_by: P10D")):
        request = proved(house, "access", email="ada@post.example")
        before = queries.deadline_of(request_of(house, request.reference)).due
        services.extend(organisation=house.id, reference=request.reference, reason="Busy.", by=by)
        assert (queries.deadline_of(request_of(house, request.reference)).due - before).days == 10
    monkeypatch.setattr(deciding, "extension", lambda organisation: None)
    request = proved(house, "access", email="ada@post.example")
    with pytest.raises(RequestRefused, match="allows no extension"):
        services.extend(organisation=house.id, reference=request.reference, reason="Busy.", by=by)


def test_other_kinds_are_answered_by_hand(house, staff) -> None:
    somebody(house, email="ada@post.example")
    request = proved(house, "correct", email="ada@post.example")
    by = officer(staff)
    with pytest.raises(RequestRefused, match="answered by hand"):
        services.decide(organisation=house.id, reference=request.reference, plan_seen="", by=by)
    services.answer(organisation=house.id, reference=request.reference, text="We corrected it.", by=by)
    work()
    assert (
        request_of(house, request.reference).state == "done" and "We corrected it." in outbox(house)[0].text
    )
    access = proved(house, "access", email="ada@post.example")
    with pytest.raises(RequestRefused, match="by program"):
        services.answer(organisation=house.id, reference=access.reference, text="No.", by=by)


def test_nothing_is_shown_or_done_before_identity_is_proved(house, staff) -> None:
    somebody(house, email="ada@post.example")
    request = filed(house, "erase", email="ada@post.example")
    by = officer(staff)
    with pytest.raises(RequestRefused, match="not proved"):
        services.plan(organisation=house.id, reference=request.reference, by=by)
    with pytest.raises(RequestRefused, match="not proved"):
        services.decide(
            organisation=house.id, reference=request.reference, plan_seen="x", typed=request.reference, by=by
        )
    with pytest.raises(WrongState):
        services.answer(
            organisation=house.id,
            reference=filed(house, "correct", email="b@post.example").reference,
            text="x",
            by=by,
        )


def test_only_the_privacy_officer_decides(house, staff) -> None:
    somebody(house, email="ada@post.example")
    request = proved(house, "access", email="ada@post.example")
    for role in ("agent", "supervisor", "administrator"):
        member, _ = staff(role)
        by = person(member.account_id)
        for deed in (
            lambda by: decided(house, request.reference, by),
            lambda by: services.refuse(organisation=house.id, reference=request.reference, reason="x", by=by),
            lambda by: services.extend(organisation=house.id, reference=request.reference, reason="x", by=by),
            lambda by: services.withdraw(organisation=house.id, reference=request.reference, by=by),
        ):
            with pytest.raises(NotYours):
                deed(by)
    ended, _ = staff("privacy_officer", "gone")
    from plainspoken.people.services import end_membership

    end_membership(membership=ended, by=ME)
    with pytest.raises(NotYours):
        decided(house, request.reference, person(ended.account_id))
    assert request_of(house, request.reference).state == "open"


def test_an_officer_of_another_house_finds_nothing(house, staff, database) -> None:
    from plainspoken.custody.organisations import create
    from plainspoken.policies.services import publish

    from .steps import POLICY

    other = create(slug="other", name="Other", home_region="EU")
    publish(organisation=other.id, source=POLICY.read_text("utf-8"), file=POLICY.name, by=ME)
    request = proved(house, "access", email="ada@post.example")
    with pytest.raises(queries.NoSuchRequest):
        services.plan(organisation=other.id, reference=request.reference, by=ME)
    with pytest.raises(NotYours):
        services.plan(organisation=other.id, reference=request.reference, by=officer(staff))
    assert queries.track(organisation=other.id, reference=request.reference, token=request.token) is None


def test_people_can_take_a_request_back_with_their_link_alone(house) -> None:
    request = proved(house, "access", email="ada@post.example")
    with pytest.raises(RequestRefused, match="Open the link"):
        services.withdraw(organisation=house.id, reference=request.reference, by=WEB, token="guess")
    services.withdraw(organisation=house.id, reference=request.reference, by=WEB, token=request.token)
    assert request_of(house, request.reference).state == "withdrawn"


@pytest.mark.parametrize(("law", "days"), [("ccpa", 45), ("swiss-fadp", 30)])
def test_each_law_has_its_own_time(house, law: str, days: int) -> None:
    request = filed(house, "access", email="ada@post.example", law=law)
    row = request_of(house, request.reference)
    received = row.received_at.astimezone(queries.deadline_of(row).at.tzinfo).date()
    assert (queries.deadline_of(row).due - received).days == days


def test_the_published_time_is_the_one_that_counts(house) -> None:
    with policy_with(
        house,
        (
            "answer_within: {gdpr: P1M, uk-gdpr: P1M, swiss-fadp: P30D, ccpa: P45D}",
            "answer_within: {gdpr: P5D, uk-gdpr: P1M, swiss-fadp: P30D, ccpa: P45D}",
        ),
    ):
        row = request_of(house, filed(house, "access", email="ada@post.example").reference)
        received = row.received_at.astimezone(queries.deadline_of(row).at.tzinfo).date()
        assert (queries.deadline_of(row).due - received).days == 5


def test_the_desk_is_alerted_as_far_ahead_as_the_policy_says(house) -> None:
    row = request_of(house, filed(house, "access", email="ada@post.example").reference)
    found = queries.deadline_of(row)
    assert (found.due - found.soon_from).days == 7
    with policy_with(
        house,
        (
            "alert_ahead: P7D\nrefusal_needs_reasons: true\n```\n\n### How to ask",
            "alert_ahead: P12D\nrefusal_needs_reasons: true\n```\n\n### How to ask",
        ),
    ):
        found = queries.deadline_of(row)
        assert (found.due - found.soon_from).days == 12
