"""An evaluation from its draft to its end: what it scores, who may do what, what the ledger says."""

from decimal import Decimal

import pytest

from plainspoken.custody.models import LedgerEntry, Organisation
from plainspoken.kernels.quality import Answer, AnswerErrors
from plainspoken.quality import access, queries
from plainspoken.quality.access import Refused
from plainspoken.quality.models import Comment, Dispute, Evaluation, FormVersion
from plainspoken.quality.services import disputing, evaluating, forming
from plainspoken.quality.services.evaluating import EvaluationRefused
from plainspoken.quality.states import TRANSITIONS, State, WrongState, check
from plainspoken.quality.words import opened

from .makers import FULL, Centre, centre


@pytest.fixture
def there(house: Organisation) -> Centre:
    return centre(house)


def acts(there: Centre) -> list[str]:
    with there.session("security.audit"):
        rows = LedgerEntry.objects.filter(organisation_id=there.house.id, act__startswith="evaluation.")
        return list(rows.order_by("xid", "at").values_list("act", flat=True))


def test_from_draft_to_the_end_by_dispute_and_appeal(there: Centre) -> None:
    house, jo = there.house.id, there.actor("agent")
    row = there.released(solved=Answer("1"))
    assert (row.state, row.percent, row.errors) == ("released", Decimal("25.000"), ["solved"])
    disputing.dispute(organisation=house, evaluation=row.id, reason="Ada was happy in the end.", by=jo)
    disputing.decide(
        organisation=house, evaluation=row.id, answers={"solved": Answer("3")}, reason="Half right.",
        by=there.actor("bob"),
    )  # fmt: skip
    row = there.now(row)
    assert (row.state, row.percent, row.errors) == ("decided", Decimal("62.500"), [])
    disputing.dispute(organisation=house, evaluation=row.id, reason="Listen to the end.", by=jo)
    disputing.decide(
        organisation=house, evaluation=row.id, answers={}, reason="It stays.", by=there.actor("cleo")
    )
    row = there.now(row)
    assert row.state == "final" and row.finished_at is not None
    with there.session():
        first, second = Dispute.objects.filter(evaluation=row).order_by("made_at")
        assert (first.outcome, first.changes) == ("overturned", {"solved": ["1", "3"]})
        assert (first.percent_before, first.percent_after) == (Decimal("25"), Decimal("62.5"))
        assert (second.stage, second.outcome, second.changes) == ("appeal", "upheld", {})
        words = [opened(one) for one in queries.comments_of(row, Comment.Kind.REASON)]
        assert words == ["Ada was happy in the end.", "Listen to the end."]
        stored = b"".join(bytes(one.text) for one in Comment.objects.filter(evaluation=row))
        assert b"happy" not in stored
    assert acts(there) == [
        "evaluation.begun", "evaluation.submitted", "evaluation.released", "evaluation.disputed",
        "evaluation.decided", "evaluation.appealed", "evaluation.decided",
    ]  # fmt: skip


def test_a_draft_is_kept_answer_by_answer_and_taken_back(there: Centre) -> None:
    row, ann, house = there.begun(), there.actor("ann"), there.house.id
    assert there.begun().id == row.id, "one draft an evaluator"
    running = evaluating.save(
        organisation=house, evaluation=row.id, answers={"greeting": Answer("no")}, by=ann
    )
    assert running.percent == 0 and "verified" in running.missing
    evaluating.save(
        organisation=house, evaluation=row.id, by=ann,
        answers={"greeting": Answer("yes"), "verified": Answer(not_applicable=True), "note": Answer("Calm.")},
    )  # fmt: skip
    with there.session():
        found = queries.answers_of(row)
    assert found == {
        "greeting": Answer("yes"), "verified": Answer(not_applicable=True), "note": Answer("Calm."),
    }  # fmt: skip
    empty = {"greeting": Answer(), "note": Answer("")}
    evaluating.save(organisation=house, evaluation=row.id, answers=empty, by=ann)
    with there.session():
        assert queries.answers_of(row) == {"verified": Answer(not_applicable=True)}
    with pytest.raises(AnswerErrors):
        evaluating.save(organisation=house, evaluation=row.id, answers={"greeting": Answer("x")}, by=ann)
    with pytest.raises(EvaluationRefused, match="answers are missing"):
        evaluating.submit(organisation=house, evaluation=row.id, by=ann)


def test_who_may_do_what(there: Centre) -> None:
    house, jo, ann, bob = there.house.id, there.actor("agent"), there.actor("ann"), there.actor("bob")
    with pytest.raises(Refused, match="may not evaluate"):
        there.begun("agent")
    row = there.begun()
    with pytest.raises(Refused, match="Somebody else is writing"):
        evaluating.save(organisation=house, evaluation=row.id, answers=FULL, by=bob)
    with there.session(), pytest.raises(queries.NoSuchRow):
        queries.evaluation(organisation=house, id=row.id, by=jo)
    row = there.submitted()
    with pytest.raises(WrongState):
        evaluating.save(organisation=house, evaluation=row.id, answers=FULL, by=ann)
    with pytest.raises(Refused, match="Only the agent"):
        evaluating.acknowledge(organisation=house, evaluation=row.id, by=ann)
    evaluating.release(organisation=house, evaluation=row.id, by=ann)
    with pytest.raises(Refused, match="Only the agent"):
        disputing.dispute(organisation=house, evaluation=row.id, reason="No.", by=bob)
    with there.session():
        assert queries.evaluation(organisation=house, id=row.id, by=jo).id == row.id
    evaluating.acknowledge(organisation=house, evaluation=row.id, by=jo)
    disputing.dispute(organisation=house, evaluation=row.id, reason="On second thought, no.", by=jo)
    with pytest.raises(Refused, match="Let somebody else decide"):
        disputing.decide(organisation=house, evaluation=row.id, answers={}, reason="I said so.", by=ann)
    disputing.decide(organisation=house, evaluation=row.id, answers={}, reason="Fair.", by=bob)
    disputing.dispute(organisation=house, evaluation=row.id, reason="Again.", by=jo)
    with pytest.raises(Refused, match="third person"):
        disputing.decide(organisation=house, evaluation=row.id, answers={}, reason="Fair.", by=bob)


def test_the_published_policy_decides_before_the_role(there: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    row = there.released()
    assert access.is_analyst(there.actor("ann"), organisation=there.house.id)
    monkeypatch.setattr(access, "may_read_for", lambda *_, **__: False)
    assert not access.is_analyst(there.actor("ann"), organisation=there.house.id)
    with pytest.raises(Refused, match="published policy"):
        access.check_read(row, there.actor("agent"))


def test_nobody_evaluates_themselves(there: Centre, house: Organisation) -> None:
    there.agent.role = "supervisor"
    there.agent.save()
    with pytest.raises(Refused, match="Nobody evaluates themselves"):
        there.begun("agent")


def test_approval_needs_somebody_else(there: Centre) -> None:
    house, ann, bob = there.house.id, there.actor("ann"), there.actor("bob")
    row = there.begun()
    with there.session():
        Evaluation.objects.filter(id=row.id).update(approval=True)
    row = there.submitted()
    assert row.state == "submitted"
    with pytest.raises(WrongState):
        evaluating.release(organisation=house, evaluation=row.id, by=bob)
    with pytest.raises(Refused, match="somebody else approve"):
        evaluating.approve(organisation=house, evaluation=row.id, by=ann)
    evaluating.give_back(organisation=house, evaluation=row.id, by=bob)
    assert there.now(row).state == "draft"
    evaluating.submit(organisation=house, evaluation=row.id, by=ann)
    evaluating.approve(organisation=house, evaluation=row.id, by=bob)
    assert there.now(row).approved_by == str(bob)
    evaluating.release(organisation=house, evaluation=row.id, by=ann)


def test_the_days_to_disagree_end(there: Centre) -> None:
    house, jo = there.house, there.actor("agent")
    row = there.released()
    assert row.answer_until is not None and row.released_at is not None
    assert (row.answer_until - row.released_at).days == 14
    Organisation.objects.using("owner").filter(id=house.id).update(kind="proving", clock_shift="15 days")
    with pytest.raises(Refused, match="days to disagree are over"):
        disputing.dispute(organisation=house.id, evaluation=row.id, reason="Late.", by=jo)
    assert evaluating.finish_due(organisation=house.id, by=there.actor("ann")) == 1
    assert there.now(row).state == "final"
    assert evaluating.finish_due(organisation=house.id, by=there.actor("ann")) == 0


def test_no_state_leads_where_the_table_does_not() -> None:
    for now in State:
        for then in State:
            if then in TRANSITIONS[now]:
                check(now, then)
            else:
                with pytest.raises(WrongState):
                    check(now, then)
    reached, new = {State.DRAFT}, {State.DRAFT}
    while new:
        new = {then for now in new for then in TRANSITIONS[now]} - reached
        reached |= new
    assert reached == set(State)


# ---- forms ----


def test_a_published_version_never_changes(there: Centre) -> None:
    house, form = there.house.id, there.version.form_id
    with pytest.raises(forming.FormRefused, match="cannot change"):
        forming.change(organisation=house, form=form, content={"title": "x"}, by=there.actor("ann"))
    with there.session():
        FormVersion.objects.filter(id=there.version.id).update(
            content={**there.version.content, "title": "Other"}
        )
        changed = FormVersion.objects.get(id=there.version.id)
        with pytest.raises(queries.FormChanged, match="not what was published"):
            queries.form_of(changed)


def test_versions_follow_one_another_and_evaluations_keep_theirs(there: Centre) -> None:
    house, form, ann = there.house.id, there.version.form_id, there.actor("ann")
    row = there.begun()
    draft = forming.draft(organisation=house, form=form, by=ann)
    assert draft.number == 2 and forming.draft(organisation=house, form=form, by=ann).id == draft.id
    with pytest.raises(forming.FormRefused, match="Change something first"):
        forming.publish(organisation=house, form=form, by=ann)
    forming.change(organisation=house, form=form, content={**draft.content, "pass_at": 90}, by=ann)
    forming.publish(organisation=house, form=form, by=ann)
    with there.session():
        states = dict(queries.versions(organisation=house, form=form).values_list("number", "state"))
        assert states == {1: "retired", 2: "published"}
        assert queries.evaluation(organisation=house, id=row.id, by=ann).version.number == 1
    assert there.begun().version.number == 2, "a new one begins with the version in use"
    forming.retire(organisation=house, form=form, by=ann)
    with pytest.raises(EvaluationRefused, match="No version of this form is in use"):
        there.begun("bob")
