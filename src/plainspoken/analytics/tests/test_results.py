"""What a report counts, beside what a loop in Python counts over the planted values."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from plainspoken.analytics import observing, results
from plainspoken.analytics.definitions import (
    EVALUATING,
    IMPROVING,
    Columns,
    Dated,
    Definition,
    MadeBy,
    Measure,
    QueueSet,
    Rows,
)
from plainspoken.custody.sessions import purpose
from plainspoken.kernels.reporting import Range, Unit

from .makers import ME, TEAMS, Planted, planted

BERLIN = ZoneInfo("Europe/Berlin")
POINTS = {"greeting": {"yes": 1.0, "no": 0.0}, "verified": {"yes": 1.0, "no": 0.0},
          "solved": {"1": 0.0, "2": 0.25, "3": 0.5, "4": 0.75, "5": 1.0},
          "explained": {"well": 1.0, "half": 0.5, "rude": 0.0}}  # fmt: skip
SETS = (QueueSet("Goods", ("Returns", "Delivery")), QueueSet("Money", ("Billing", "Nowhere")))
Group = tuple[str, str, str]


@pytest.fixture(scope="module")
def there(module_database: str) -> Planted:
    from conftest import _house

    return planted(_house())


def span_of(there: Planted) -> Range:
    last = max(one["made"] for one in there.evaluations).astimezone(BERLIN).date() - timedelta(days=4)
    return Range(last - timedelta(days=41), last)


def day(one: dict[str, Any], dated: Dated) -> date:
    moment: datetime = one["happened"] if dated == Dated.HAPPENED else one["submitted"] or one["made"]
    return moment.astimezone(BERLIN).date()


def half(at: date, span: Range) -> str:
    if span.first <= at <= span.last:
        return "now"
    return "before" if span.first - timedelta(days=span.days) <= at < span.first else ""


def counted_evaluations(
    there: Planted, asked: Definition, span: Range
) -> Iterator[tuple[dict[str, Any], str]]:
    """By the words of the definition: no drafts, the newest of several automatic ones of a conversation."""
    seen = []
    for one in there.evaluations:
        when = half(day(one, asked.dated), span)
        wanted = not one["draft"] and when and one["made_by"] in observing.made_by_of(asked)
        if wanted and (not asked.kinds or one["kind"] in asked.kinds) and (not asked.queues or one["queue"] in asked.queues):  # fmt: skip
            seen.append((one, when))
    for one, when in seen:
        newer = [
            other for other, its in seen
            if one["made_by"] == other["made_by"] == "automatic" and other["conversation"] == one["conversation"]
            and its == when and other["made"] > one["made"]
        ]  # fmt: skip
        if not newer:
            yield one, when


def observations(
    there: Planted, asked: Definition, span: Range
) -> Iterator[tuple[dict[str, Any], str, str, float]]:
    answers: dict[UUID, dict[str, str | None]] = defaultdict(dict)
    for answer in there.answers:
        answers[answer["evaluation"]][answer["question"]] = answer["value"]
    disputes = {one["evaluation"]: one for one in there.disputes}
    for one, when in counted_evaluations(there, asked, span):
        dispute = disputes.get(one["id"])
        whole = {
            Measure.EVALUATIONS: 1.0,
            Measure.PERCENT: one["percent"],
            Measure.PASSED: one["passed"],
            Measure.FATAL: one["fatal"],
            Measure.DISPUTED: None if one["released"] is None else dispute is not None,
            Measure.OVERTURNED: dispute["overturned"] if dispute and dispute["decided"] else None,
            Measure.ACKNOWLEDGED: None if one["read"] is None else (one["read"] - one["released"]).total_seconds() / 3600,
        }  # fmt: skip
        if asked.measure in whole:
            if whole[asked.measure] is not None:
                yield one, when, "", float(whole[asked.measure])
            continue
        for question, value in answers[one["id"]].items():
            if asked.question and question != asked.question:
                continue
            if asked.measure == Measure.AGREEMENT:
                yield from agreed(there, one, when, question, value, answers, dispute)
            elif value is not None:
                points = POINTS[question][value]
                yield one, when, question, points if asked.measure == Measure.RESULT else float(points == 1)


def agreed(
    there: Planted, one: dict[str, Any], when: str, question: str, value: Any, answers: Any, dispute: Any
) -> Any:
    if question == "greeting" and dispute and dispute["decided"] and dispute["overturned"]:
        value = dispute["before"]
    for other in there.evaluations:
        if (
            other["conversation"] == one["conversation"]
            and other["made_by"] == "person"
            and not other["draft"]
            and question in answers[other["id"]]
        ):
            same = float(answers[other["id"]][question] == value)
            yield {**one, "evaluator": other["evaluator"]}, when, question, same


def key(name: str, one: dict[str, Any], question: str, asked: Definition) -> str:
    if name == "period":
        at = day(one, asked.dated)
        return (
            at - timedelta(days=at.weekday()) if asked.every == Unit.WEEK else at.replace(day=1)
        ).isoformat()
    if name == "queue" and asked.sets:
        return next((group.name for group in asked.sets if one["queue"] in group.queues), "")
    return {"": "", "team": one["team"], "agent": str(one["subject"]), "evaluator": one["evaluator"],
            "queue": one["queue"], "question": question}[name]  # fmt: skip


def by_hand(there: Planted, asked: Definition, span: Range) -> dict[str, dict[Group, list[float]]]:
    found: dict[str, dict[Group, list[float]]] = {"now": defaultdict(list), "before": defaultdict(list)}
    for one, when, question, x in observations(there, asked, span):
        group = (
            key(asked.rows.value, one, question, asked),
            key(asked.columns.value, one, question, asked),
            one["made_by"],
        )
        found[when][group].append(x)
    return found


def run(there: Planted, asked: Definition, span: Range | None = None, **more: Any) -> results.Result:
    with purpose(asked.purpose, organisation=there.house.id, by=ME):
        return results.run(asked, span=span, **more)


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


CASES = [
    (measure, rows)
    for measure in Measure
    if measure != Measure.DRIFT
    for rows in Rows
    if rows != Rows.QUESTION or measure in (Measure.RESULT, Measure.FULL, Measure.AGREEMENT)
]


@pytest.mark.parametrize(("measure", "rows"), CASES, ids=[f"{m.value} by {r.value}" for m, r in CASES])
def test_every_measure_by_all_rows(there: Planted, measure: Measure, rows: Rows) -> None:
    for number, (made_by, dated) in enumerate([(b, d) for b in MadeBy for d in Dated]):
        sets = SETS if number % 2 else ()
        columns = Columns.QUEUE if rows != Rows.QUEUE and number % 3 == 0 else Columns.NONE
        asked = Definition(
            measure=measure, rows=rows, columns=columns, made_by=made_by, dated=dated, sets=sets,
            form=there.version.form_id, kinds=("call",) if number == 2 else (), queues=("Returns", "Orders") if number == 4 else (),
        )  # fmt: skip
        check(there, asked)


def check(there: Planted, asked: Definition) -> None:
    span = span_of(there)
    hand, found = by_hand(there, asked, span), run(there, asked, span)
    shown = {
        (line.key, column.key, column.made_by): cell
        for line in found.lines
        for column, cell in zip(found.columns, line.cells, strict=True)
        if cell.n
    }
    assert set(shown) == set(hand["now"])
    for group, values in hand["now"].items():
        cell = shown[group]
        assert cell.n == len(values)
        expected = len(values) if asked.measure == Measure.EVALUATIONS else mean(values)
        assert cell.value == pytest.approx(expected)
        before = hand["before"].get(group, [])
        if asked.rows == Rows.PERIOD or asked.columns == Columns.PERIOD:
            continue
        assert cell.change is not None
        if min(len(values), len(before)) < 20:
            assert cell.change.few and cell.change.difference is None
        elif asked.measure == Measure.EVALUATIONS:
            assert cell.change.difference == len(values) - len(before)
        else:
            assert cell.change.difference == pytest.approx(mean(values) - mean(before))
    for cell, made_by in zip(found.total, observing.made_by_of(asked), strict=True):
        everything = [x for group, values in hand["now"].items() if group[2] == made_by for x in values]
        assert cell.n == len(everything)
        if everything and asked.measure != Measure.EVALUATIONS:
            assert cell.value == pytest.approx(mean(everything))


def test_people_and_rules_are_never_one_number(there: Planted) -> None:
    asked = Definition(measure=Measure.PERCENT, rows=Rows.TEAM, made_by=MadeBy.BOTH)
    found = run(there, asked, span_of(there))
    assert [column.title for column in found.columns] == ["By people", "By programs"]
    apart = [
        run(there, replace(asked, made_by=one), span_of(there)) for one in (MadeBy.PERSON, MadeBy.AUTOMATIC)
    ]
    for place, alone in enumerate(apart):
        whole = [line.cells[0].value for line in alone.lines]
        assert [line.cells[place].value for line in found.lines] == pytest.approx(whole)


def test_the_series_of_a_line_is_the_report_by_week(there: Planted) -> None:
    span = span_of(there)
    asked = Definition(measure=Measure.PASSED, rows=Rows.TEAM)
    hand = by_hand(there, replace(asked, rows=Rows.PERIOD), span)
    found = run(there, asked, span)
    for line in found.lines:
        team: dict[str, list[float]] = defaultdict(list)
        for one, when, question, x in observations(there, asked, span):
            if when == "now" and one["team"] == line.key:
                team[key("period", one, question, asked)].append(x)
        expected = [mean(team[at.isoformat()]) if team[at.isoformat()] else None for at in found.buckets]
        assert list(line.series) == pytest.approx(expected)
    assert {at for at, _, _ in hand["now"]} <= {at.isoformat() for at in found.buckets}


def test_periods_are_compared_with_the_one_before_where_both_are_whole(there: Planted) -> None:
    asked = Definition(measure=Measure.EVALUATIONS, rows=Rows.PERIOD, made_by=MadeBy.PERSON)
    last = span_of(there).last
    monday = last - timedelta(days=last.weekday())
    span = Range(monday - timedelta(days=25), monday + timedelta(days=1))
    found = run(there, asked, span)
    counts = [line.cells[0].n for line in found.lines]
    changes = [line.cells[0].change for line in found.lines]
    # It begins on a Thursday and ends on a Tuesday: the first and the last week are no whole ones.
    assert changes[0] is None and changes[1] is None and changes[-1] is None
    for place in (2, 3):
        told = changes[place]
        assert told is not None
        if not told.few:
            assert told.difference == counts[place] - counts[place - 1]


def test_a_set_without_anything_still_stands_there(there: Planted) -> None:
    asked = Definition(rows=Rows.QUEUE, sets=(*SETS, QueueSet("Empty", ("No such queue",))))
    found = run(there, asked, span_of(there))
    assert [line.title for line in found.lines] == ["Goods", "Money", "Empty", "All other queues"]
    assert found.lines[2].cells[0].n == 0 and found.lines[2].cells[0].value is None


def test_names_only_where_the_reader_asks_and_may(there: Planted) -> None:
    asked = Definition(rows=Rows.AGENT)
    names = {f"{name} Stone" for name in TEAMS}
    assert {line.title for line in run(there, asked, span_of(there), names=True).lines} == names
    hidden = {line.title for line in run(there, asked, span_of(there)).lines}
    assert len(hidden) == len(TEAMS) and not any(
        name.split()[0] in title for title in hidden for name in names
    )
    evaluators = {
        line.title
        for line in run(there, replace(asked, rows=Rows.EVALUATOR), span_of(there), names=True).lines
    }
    assert evaluators == {"Sue Stone", "Ann Stone"}


# ---- small groups ----


def test_to_improve_the_service_no_group_of_fewer_people_is_shown(there: Planted) -> None:
    """Six agents are fewer than twelve people, whoever the customers are."""
    asked = Definition(rows=Rows.QUEUE, purpose=IMPROVING)
    found = run(there, asked, span_of(there))
    assert found.least == 12 and found.suppressed == len(found.lines) and found.total == ()
    for line in found.lines:
        assert line.series == ()
        assert all(
            cell.hidden and cell.n == 0 and cell.value is None and cell.change is None for cell in line.cells
        )


def test_the_policy_says_how_many(there: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    """With three people a group: who is shown is worked out by hand from agents and customers of each group."""
    lowered(monkeypatch, 5)
    asked = Definition(measure=Measure.PERCENT, rows=Rows.QUEUE, columns=Columns.PERIOD, purpose=IMPROVING)
    span = span_of(there)
    found = run(there, asked, span)
    people: dict[Group, tuple[set[str], set[UUID]]] = defaultdict(lambda: (set(), set()))
    for one, when, question, _ in observations(there, asked, span):
        if when == "now":
            group = (one["queue"], key("period", one, question, asked), one["made_by"])
            people[group][0].add(one["agent"])
            people[group][1].add(one["customer"])
    small = {group for group, (agents, customers) in people.items() if min(len(agents), len(customers)) < 5}
    gone = {
        (line.key, column.key, column.made_by)
        for line in found.lines
        for column, cell in zip(found.columns, line.cells, strict=True)
        if cell.hidden
    }
    assert small and small <= gone and gone != set(people)
    for place in (0, 1):
        for one in {group[place] for group in gone}:
            there_are = [group for group in people if group[place] == one]
            assert len([g for g in gone if g[place] == one]) > 1 or len(there_are) == 1
    assert found.total == ()


def lowered(monkeypatch: pytest.MonkeyPatch, least: int) -> None:
    real: Callable[..., Any] = results.policy_in_force

    class Lowered:
        def __init__(self, policy: Any) -> None:
            self.purposes = {
                name: replace(one, group_of_at_least=least) if name == IMPROVING else one
                for name, one in policy.purposes.items()
            }

    monkeypatch.setattr(results, "policy_in_force", lambda **more: Lowered(real(**more)))


# ---- behind a number ----


def test_behind_a_number_stand_the_evaluations_that_it_counts(there: Planted) -> None:
    span = span_of(there)
    for asked in (
        Definition(measure=Measure.PERCENT, rows=Rows.TEAM, columns=Columns.QUEUE, made_by=MadeBy.BOTH),
        Definition(measure=Measure.FULL, rows=Rows.QUESTION, form=there.version.form_id),
    ):
        hand: dict[Group, set[UUID]] = defaultdict(set)
        for one, when, question, _ in observations(there, asked, span):
            if when == "now":
                hand[key(asked.rows.value, one, question, asked), key(asked.columns.value, one, question, asked), one["made_by"]].add(one["id"])  # fmt: skip
        with purpose(EVALUATING, organisation=there.house.id, by=ME):
            for (row, col, made_by), ids in hand.items():
                found = observing.behind(
                    asked, zone=BERLIN, span=span, row=row, col=col, made_by=made_by, most=5000
                )
                assert set(found) == ids and len(found) == len(ids)
