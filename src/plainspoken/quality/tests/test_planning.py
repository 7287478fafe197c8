"""Plans choose by seed and assign in turn; calibration is blind until all have answered."""

from collections import Counter

import pytest

from plainspoken.conversations.arrival import Utterance
from plainspoken.conversations.tests.makers import arrived, written
from plainspoken.custody.models import Organisation
from plainspoken.kernels.quality import Answer
from plainspoken.quality import access, queries
from plainspoken.quality.access import Refused
from plainspoken.quality.models import Assignment, CalibrationSession, CalibrationSheet
from plainspoken.quality.services import calibrating, evaluating, planning
from plainspoken.quality.services.calibrating import CalibrationRefused
from plainspoken.quality.services.planning import PlanRefused, Terms

from .makers import FULL, Centre, centre, login_of


@pytest.fixture
def there(house: Organisation) -> Centre:
    return centre(house)


def more_calls(there: Centre, count: int, **facts: str) -> None:
    for n in range(count):
        words = [Utterance(f"Hello number {n}, this is Jo.", "agent"), Utterance("Hi.", "customer")]
        given = {"agent_email": login_of(there.house), **facts}
        written(there.house, arrived(there.house, source=f"more-{facts}-{n}", words=words, **given))


def terms(there: Centre, **more: object) -> Terms:
    given = {
        "form": there.version.form_id, "per_agent": 2, "days": 30, "due_days": 5, "seed": "week 48",
        "evaluators": (there.ann.account_id, there.bob.account_id), **more,
    }  # fmt: skip
    return Terms(**given)  # type: ignore[arg-type]


def test_a_plan_is_previewed_made_and_run_once_for_each_conversation(there: Centre) -> None:
    more_calls(there, 4)
    house, ann = there.house.id, there.actor("ann")
    seen = planning.preview(organisation=house, terms=terms(there), by=ann)
    assert seen.candidates == 5 and seen.agents == {there.agent.subject_id: 2}
    plan = planning.make(organisation=house, terms=terms(there), by=ann)
    assert planning.run(organisation=house, plan=plan.id, by=ann) == 2
    assert planning.run(organisation=house, plan=plan.id, by=ann) == 0
    with there.session():
        rows = list(Assignment.objects.filter(plan=plan))
        assert {str(row.conversation_id) for row in rows} == {one.id for one in seen.chosen}
        assert all((row.due_at - row.made_at).days == 5 for row in rows)
        work = [
            w for who in ("ann", "bob")
            for w in queries.work_of(there.actor(who), organisation=house, now=rows[0].made_at)
        ]  # fmt: skip
        assert len(work) == 2 and not any(one.late for one in work)
        assert queries.work_of(there.actor("cleo"), organisation=house, now=rows[0].made_at) == []
    planning.end(organisation=house, plan=plan.id, by=ann)
    with pytest.raises(PlanRefused, match="has ended"):
        planning.run(organisation=house, plan=plan.id, by=ann)


def test_an_assignment_is_done_by_its_evaluator_with_the_plans_approval(there: Centre) -> None:
    house, ann = there.house.id, there.actor("ann")
    only = terms(there, evaluators=(there.ann.account_id,), approval=True)
    plan = planning.make(organisation=house, terms=only, by=ann)
    planning.run(organisation=house, plan=plan.id, by=ann)
    with there.session():
        task = Assignment.objects.get(plan=plan)
    given = {"organisation": house, "conversation": task.conversation_id, "form": there.version.form_id}
    with pytest.raises(evaluating.EvaluationRefused, match="not assigned to you"):
        evaluating.begin(**given, assignment=task.id, by=there.actor("bob"))
    row = evaluating.begin(**given, assignment=task.id, by=ann)
    evaluating.save(organisation=house, evaluation=row.id, answers=FULL, by=ann)
    row = evaluating.submit(organisation=house, evaluation=row.id, by=ann)
    assert row.state == "submitted", "the plan wants somebody else's approval"
    with there.session():
        assert Assignment.objects.get(id=task.id).state == "done"


def test_kinds_queues_and_what_a_plan_may_not_say(there: Centre) -> None:
    more_calls(there, 2, queue="Orders")
    house, ann = there.house.id, there.actor("ann")
    only = planning.preview(organisation=house, terms=terms(there, queues=("Orders",)), by=ann)
    assert only.candidates == 2
    assert planning.preview(organisation=house, terms=terms(there, kinds=("call",)), by=ann).candidates == 0
    for wrong in ({"per_agent": 0}, {"days": 999}, {"due_days": 0}, {"evaluators": ()}, {"kinds": ("fax",)},
                  {"evaluators": (there.agent.account_id,)}, {"form": house}):  # fmt: skip
        with pytest.raises(PlanRefused):
            planning.make(organisation=house, terms=terms(there, **wrong), by=ann)
    with pytest.raises(Refused):
        planning.make(organisation=house, terms=terms(there), by=there.actor("agent"))


# ---- calibration ----


def session(there: Centre, *who: str) -> CalibrationSession:
    return calibrating.begin(
        organisation=there.house.id,
        conversation=there.conversation,
        form=there.version.form_id,
        invited=[getattr(there, one).account_id for one in who],
        days=7,
        by=there.actor("ann"),
    )


def answered(there: Centre, made: CalibrationSession, who: str, **values: str) -> None:
    calibrating.answer(
        organisation=there.house.id, session=made.id, done=True, by=there.actor(who),
        answers={**FULL, **{key: Answer(value) for key, value in values.items()}},
    )  # fmt: skip


def test_nobody_sees_others_answers_before_all_are_in(there: Centre) -> None:
    made = session(there, "bob", "cleo")
    answered(there, made, "ann")
    answered(there, made, "bob", solved="5", greeting="no")
    for who in ("ann", "bob", "cleo"):
        with there.session(), pytest.raises(Refused, match="Others have not answered"):
            calibrating.compare(session=made, by=there.actor(who))
    with pytest.raises(Refused, match="You have answered"):
        answered(there, made, "bob")
    answered(there, made, "cleo", solved="5")
    with there.session():
        found = calibrating.compare(session=made, by=there.actor("bob"))
    by_id = {one.question.id: one for one in found.questions}
    assert by_id["verified"].agreement == 1 and not by_id["verified"].differs
    assert by_id["solved"].values == ("3", "5", "5") and by_id["solved"].agreement == pytest.approx(1 / 3)
    assert by_id["explained"].values == (None, None, None) and by_id["explained"].agreement is None
    assert found.nominal is not None and 0 < found.nominal < 1 and found.interval is not None


def test_the_leader_closes_and_who_is_not_invited_stays_out(there: Centre) -> None:
    made = session(there, "bob")
    with pytest.raises(Refused, match="not invited"):
        answered(there, made, "cleo")
    with pytest.raises(Refused, match="Only the leader"):
        calibrating.close(organisation=there.house.id, session=made.id, by=there.actor("bob"))
    answered(there, made, "ann")
    made = calibrating.close(organisation=there.house.id, session=made.id, by=there.actor("ann"))
    with pytest.raises(Refused, match="closed"):
        answered(there, made, "bob")
    with there.session():
        assert len(calibrating.compare(session=made, by=there.actor("cleo")).sheets) == 1
    with pytest.raises(CalibrationRefused, match="2 to 12"):
        session(there)
    assert not access.is_analyst(there.actor("agent"), organisation=there.house.id)


def test_drift_and_agreement_over_closed_sessions(there: Centre) -> None:
    for solved in ("5", "1"):
        made = session(there, "bob")
        answered(there, made, "ann", solved="3")
        answered(there, made, "bob", solved=solved)
        calibrating.close(organisation=there.house.id, session=made.id, by=there.actor("ann"))
    with there.session():
        given = {"organisation": there.house.id, "form": there.version.form_id, "by": there.actor("ann")}
        (bob,) = calibrating.drift(**given)
        rows = {one.text: one for one in calibrating.by_question(**given)}
        assert Counter(CalibrationSheet.objects.values_list("by", flat=True))[str(there.actor("bob"))] == 2
    assert (bob.evaluator, bob.version, bob.leaning) == (str(there.actor("bob")), 1, 0)
    # greeting, verified and solved count, in two sessions; only solved differed.
    assert (bob.count, bob.same) == (6, pytest.approx(4 / 6))
    assert rows["How well was it solved?"].agreement == 0 and rows["Did the agent greet?"].agreement == 1
    assert rows["How well was it solved?"].sessions == 2
