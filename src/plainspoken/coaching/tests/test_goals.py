"""Goals: who agrees, what is measured, and what their day decides."""

from datetime import timedelta

import pytest

from plainspoken.coaching import queries
from plainspoken.coaching.models import Goal
from plainspoken.coaching.services import goals
from plainspoken.coaching.states import GOALS, GoalState, WrongState
from plainspoken.coaching.words import WordsRefused
from plainspoken.custody import clock
from plainspoken.custody.actors import program
from plainspoken.custody.models import LedgerEntry, Organisation
from plainspoken.kernels.coaching import Tally, Verdict
from plainspoken.quality.access import Refused

from .makers import ME, Centre, centre


@pytest.fixture
def there(house: Organisation) -> Centre:
    return centre(house)


def now(there: Centre, goal: Goal) -> Goal:
    with there.session("rights.execute"):
        return Goal.objects.select_related("form").get(id=goal.id)


def measured(there: Centre, goal: Goal) -> queries.Measured:
    with there.session():
        house = there.house.id
        (found,) = queries.measured([now_in(goal)], now=clock.now(house), today=goals.today(house))
    return found


def now_in(goal: Goal) -> Goal:
    return Goal.objects.select_related("form").get(id=goal.id)


def test_the_other_side_agrees_and_the_baseline_is_taken(there: Centre) -> None:
    for day in (1, 2, 3, 4):
        there.evaluated(when=there.ago(day), solved="3")
    there.evaluated(when=there.ago(120), solved="5")
    made = there.goal("ann")
    for who in ("ann", "bob", "mia"):
        with pytest.raises(Refused):
            goals.agree(organisation=there.house.id, goal=made.id, by=there.actor(who))
    row = goals.agree(organisation=there.house.id, goal=made.id, by=there.actor("jo"))
    assert (row.state, row.base_n, row.base_earned) == ("running", 4, 2.0)
    assert row.agreed_by == str(there.actor("jo"))
    own = there.goal("jo", question="greeting")
    with pytest.raises(Refused):
        goals.agree(organisation=there.house.id, goal=own.id, by=there.actor("jo"))
    assert goals.agree(organisation=there.house.id, goal=own.id, by=there.actor("bob")).state == "running"
    with there.session("security.audit"):
        acts = list(LedgerEntry.objects.filter(act__startswith="goal.").values_list("act", "subject"))
    assert sorted(acts) == sorted(
        (f"goal.{act}", there.agent) for act in ("proposed", "agreed", "started") * 2
    )


def test_words_of_a_goal_are_sealed_with_the_agents_key(there: Centre) -> None:
    made = there.goal(text="Breathe, then say the next step. My number is +49 151 23456789.")
    assert b"Breathe" not in bytes(made.text or b"")
    found = measured(there, made)
    assert found.text.startswith("Breathe, then say the next step.") and "23456789" not in found.text
    with pytest.raises(WordsRefused):
        there.goal(question="greeting", text="x" * 2001)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"question": "burn"}, "No form asks"),
        ({"question": "note"}, "No form asks"),
        ({"made_by": "oracle"}, "whose answers"),
        ({"target": 0}, "1 to 100"),
        ({"target": 101}, "1 to 100"),
    ],
)
def test_a_goal_that_is_none_is_refused(there: Centre, wrong: dict[str, object], said: str) -> None:
    with pytest.raises(goals.GoalRefused, match=said):
        there.goal(**wrong)


def test_days_and_twins(there: Centre) -> None:
    day = goals.today(there.house.id)
    for starts, due, said in (
        (day - timedelta(days=1), day + timedelta(days=5), "today or later"),
        (None, day, "after the start"),
        (None, day + timedelta(days=366), "within a year"),
        (day + timedelta(days=5), day + timedelta(days=5), "after the start"),
    ):
        with pytest.raises(goals.GoalRefused, match=said):
            there.goal(starts_on=starts, due_on=due)
    there.goal()
    with pytest.raises(goals.GoalRefused, match="already"):
        there.goal("jo")
    there.goal(made_by="automatic")


def test_who_may_propose_and_end(there: Centre) -> None:
    with pytest.raises(Refused):
        there.goal("mia")
    with pytest.raises(goals.GoalRefused, match="between people"):
        goals.propose(organisation=there.house.id, agent=there.agent, terms=there.terms(), by=ME)
    made = there.goal()
    with pytest.raises(Refused):
        goals.end(organisation=there.house.id, goal=made.id, by=there.actor("mia"))
    assert goals.end(organisation=there.house.id, goal=made.id, by=there.actor("ann")).reason == "taken-back"
    again = there.goal()
    declined = goals.decline(organisation=there.house.id, goal=again.id, by=there.actor("jo"))
    assert (declined.state, declined.reason) == ("ended", "declined")
    with pytest.raises(WrongState):
        goals.agree(organisation=there.house.id, goal=again.id, by=there.actor("jo"))


def test_follow_up_measures_the_change_and_the_day_decides(there: Centre) -> None:
    for day in range(1, 7):
        there.evaluated(when=there.ago(day), solved="2")
    row = there.running()
    there.travel(10)
    assert measured(there, row).change.verdict == Verdict.TOO_FEW  # type: ignore[union-attr]
    for day in range(1, 7):
        there.evaluated(when=there.ago(day), solved="5" if day > 1 else "4")
    found = measured(there, row)
    assert found.change is not None and found.met
    assert (found.change.before, found.change.after) == (Tally(6, 1.5), Tally(6, 5.75))
    assert found.change.verdict == Verdict.BETTER and found.change.low > 0
    assert goals.keep_up(organisation=there.house.id, by=ME) == 0, "its day has not come"
    there.travel(31)
    assert goals.keep_up(organisation=there.house.id, by=program("coaching")) == 1
    done = now(there, row)
    assert (done.state, done.since_n, done.since_earned) == ("reached", 6, 5.75)
    there.evaluated(solved="1")
    after = measured(there, row).change
    assert after is not None and after.after == Tally(6, 5.75), "what came later changes nothing"


def test_not_reached_and_too_little_to_tell(there: Centre) -> None:
    missed, few = there.running(), there.running(question="greeting", made_by="automatic")
    there.travel(5)
    for day in (1, 2, 3):
        there.evaluated(when=there.ago(day), solved="2")
    there.travel(40)
    assert goals.keep_up(organisation=there.house.id, by=ME) == 2
    assert now(there, missed).state == "not-reached"
    ended = now(there, few)
    assert (ended.state, ended.reason, ended.since_n) == ("ended", "too-few", 0)


def test_a_goal_for_later_starts_on_its_day(there: Centre) -> None:
    day = goals.today(there.house.id) + timedelta(days=3)
    row = there.running(starts_on=day)
    assert row.state == "agreed" and row.base_n is None
    there.travel(4)
    assert goals.keep_up(organisation=there.house.id, by=ME) == 1
    assert now(there, row).state == "running" and now(there, row).base_n == 0


def test_closing_early_needs_the_target(there: Centre) -> None:
    row = there.running()
    with pytest.raises(goals.GoalRefused, match="too little"):
        goals.close(organisation=there.house.id, goal=row.id, by=there.actor("jo"))
    there.travel(5)
    for day in (1, 2, 3):
        there.evaluated(when=there.ago(day), solved="5")
    assert goals.close(organisation=there.house.id, goal=row.id, by=there.actor("jo")).state == "reached"


def test_an_agent_sees_their_own_goals_alone(there: Centre) -> None:
    made = there.goal()
    with there.session():
        for who, sees in (("jo", True), ("ann", True), ("bob", True), ("mia", False)):
            rows = queries.goals_visible(there.actor(who), organisation=there.house.id)
            assert rows.filter(id=made.id).exists() == sees, who


def test_every_state_can_be_left_or_is_an_end() -> None:
    ends = {state for state, thens in GOALS.items() if not thens}
    assert ends == {GoalState.REACHED, GoalState.NOT_REACHED, GoalState.ENDED}
    assert set(GOALS) == set(GoalState)
