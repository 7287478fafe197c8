"""What to work on: the weakest questions of somebody's own evaluations, each with what shows it."""

import pytest

from plainspoken.coaching import measuring, working
from plainspoken.custody import clock
from plainspoken.custody.models import Organisation
from plainspoken.kernels.coaching import Tally, Verdict
from plainspoken.kernels.quality import Answer
from plainspoken.quality.services import disputing, evaluating

from .makers import Centre, centre


@pytest.fixture
def there(house: Organisation) -> Centre:
    return centre(house)


def found(there: Centre) -> dict[str, working.Found]:
    with there.session():
        rows = working.to_work_on(
            organisation=there.house.id, agent=there.agent, now=clock.now(there.house.id)
        )
    return {one.made_by: one for one in rows}


def test_nothing_is_said_before_three_evaluations(there: Centre) -> None:
    for day in (1, 2):
        there.evaluated(when=there.ago(day), solved="1")
    people = found(there)["person"]
    assert not people.enough and people.evaluations == 2 and people.work == ()
    there.evaluated(when=there.ago(3), solved="1")
    people = found(there)["person"]
    assert people.enough and [one.key[1] for one in people.work] == ["solved"]


def test_the_weakest_question_stands_first_with_the_seconds_that_show_it(there: Centre) -> None:
    there.evaluated(when=there.ago(1), solved="1", remark=(7.5, "No next step.", "solved"))
    there.evaluated(when=there.ago(2), solved="3", greeting="no")
    there.evaluated(when=there.ago(3), solved="5")
    there.evaluated(when=there.ago(4), solved="2", remark=(4.0, "Unclear.", ""))
    people = found(there)["person"]
    first, second = people.work
    assert (first.key[1], second.key[1]) == ("solved", "greeting")
    assert first.question == "How well was it solved?"
    # A scale from 1 to 5: 1 earns nothing, 2 a quarter, 3 half, 5 all.
    assert first.weakness.own == Tally(4, 0 + 0.5 + 1 + 0.25)
    assert second.weakness.own == Tally(4, 3)
    assert [one.share for one in first.examples] == [0.0, 0.25, 0.5], "the weakest first, full marks never"
    assert [one.second for one in first.examples] == [7.5, 4.0, None]
    assert all(one.heard and one.title for one in first.examples)
    assert found(there)["automatic"].work == () and not found(there)["automatic"].enough


def test_the_period_before_is_compared(there: Centre) -> None:
    for day in (1, 2, 3, 4, 5, 6):
        there.evaluated(when=there.ago(day), solved="4", greeting="no")
        there.evaluated(when=there.ago(100 + day), solved="1", greeting="yes")
    there.evaluated(when=there.ago(200), solved="5", greeting="no")
    work = {one.key[1]: one for one in found(there)["person"].work}
    solved, greeting = work["solved"].change, work["greeting"].change
    assert (solved.before, solved.after) == (Tally(6, 0), Tally(6, 4.5)) and solved.verdict == Verdict.BETTER
    assert (greeting.before, greeting.after) == (
        Tally(6, 6),
        Tally(6, 0),
    ) and greeting.verdict == Verdict.WORSE


def test_one_bad_call_does_not_outweigh_a_habit(there: Centre) -> None:
    for day in range(1, 4):
        there.evaluated(when=there.ago(day), agent=there.mia)
    for day in range(1, 8):
        there.evaluated(
            when=there.ago(day), solved="4" if day > 1 else "5", verified="no" if day == 1 else "yes"
        )
    names = [one.key[1] for one in found(there)["person"].work]
    assert names[0] == "solved", "six of seven calls lost something; one lost everything of another question"


def test_what_is_disputed_does_not_count_until_it_is_decided(there: Centre) -> None:
    rows = [there.evaluated(when=there.ago(day), solved="1") for day in (1, 2, 3)]
    given = {"organisation": there.house.id, "evaluation": rows[0].id}
    disputing.dispute(**given, reason="It was solved.", by=there.actor("jo"))
    assert found(there)["person"].evaluations == 2
    disputing.decide(**given, answers={"solved": Answer("5")}, reason="Right.", by=there.actor("bob"))
    people = found(there)["person"]
    assert people.evaluations == 3 and people.work[0].weakness.own == Tally(3, 1)


def test_drafts_and_what_is_not_released_do_not_count(there: Centre) -> None:
    for day in (1, 2):
        there.evaluated(when=there.ago(day), solved="1")
    row = there.call(when=there.ago(1))
    given = {"organisation": there.house.id, "by": there.actor("ann")}
    made = evaluating.begin(**given, conversation=row.id, form=there.version.form_id)
    evaluating.save(**given, evaluation=made.id, answers={"solved": Answer("1")})
    assert found(there)["person"].evaluations == 2


def test_the_team_is_counted_as_the_agents_own_are(there: Centre) -> None:
    """The database counts the team's answers, Python an agent's own: with one agent both say the same."""
    there.evaluated(when=there.ago(1), solved="2", hold="yes", explained="half")
    there.evaluated(when=there.ago(2), solved="4", verified="no")
    since, until = there.ago(90), clock.now(there.house.id)
    with there.session():
        own = measuring.book(
            organisation=there.house.id, agent=there.agent, since=since, until=until
        ).tallies(since=since, until=until)
        team = measuring.team(organisation=there.house.id, since=since, until=until)
    assert own == team and own[(str(there.version.form_id), "explained", "person")] == Tally(1, 0.5)


def test_scores_by_month_keep_people_and_rules_apart(there: Centre) -> None:
    there.evaluated(when=there.ago(1), solved="5")
    there.evaluated(when=there.ago(70), solved="1")
    with there.session():
        newest, oldest = measuring.months(organisation=there.house.id, agent=there.agent)
    assert (newest.person, newest.person_n, newest.automatic, newest.automatic_n) == (100.0, 1, None, 0)
    assert oldest.person == pytest.approx(25.0), "opening whole at weight 1, solving nothing at weight 3"
