"""Drift as reports count it beside quality's own kernel, and by hand, over planted calibration sheets."""

import random
from collections import defaultdict
from datetime import timedelta

import pytest
from conftest import _house

from plainspoken.analytics import results
from plainspoken.analytics.definitions import EVALUATING, Definition, Measure, Rows
from plainspoken.conversations.models import Conversation
from plainspoken.custody import clock
from plainspoken.custody.sessions import purpose
from plainspoken.quality.models import CalibrationSession, CalibrationSheet
from plainspoken.quality.services import calibrating

from .makers import ME, Planted, member, staffed
from .test_results import POINTS


@pytest.fixture(scope="module")
def there(module_database: str) -> Planted:
    found = staffed(_house())
    found.staff["tim"] = member(found.house, "analyst", "Tim")
    return found


def test_drift_by_hand_and_as_calibration_has_it(there: Planted) -> None:
    chance, now = random.Random(3), clock.now(there.house.id)
    answered: dict[tuple[str, str], list[float]] = defaultdict(list)
    with purpose("ingest.write", organisation=there.house.id, by=ME):
        for number in range(12):
            call = Conversation.objects.create(
                organisation=there.house, kind="call", point="conversation.folder", policy_version=1,
                started_at=now, queue="Returns", state="ready", arrived_at=now,
            )  # fmt: skip
            leader = str(there.actor("sue"))
            closed = number < 10
            session = CalibrationSession.objects.create(
                organisation=there.house, conversation=call, version=there.version, leader=leader, made_at=now,
                due_at=now, state="closed" if closed else "open", closed_at=now - timedelta(days=1 + number) if closed else None,
            )  # fmt: skip
            sheets = {}
            for who in ("sue", "ann", "tim"):
                answers = {"greeting": chance.choice(["yes", "no"]), "solved": str(chance.randrange(1, 6)),
                           "verified": chance.choice(["yes", "-"]), "note": "words"}  # fmt: skip
                sheets[who] = answers
                CalibrationSheet.objects.create(
                    organisation=there.house, session=session, evaluator=there.staff[who].subject, by=str(there.actor(who)),
                    answers=answers, submitted_at=now,
                )  # fmt: skip
            for who in ("ann", "tim"):
                for question, value in sheets[who].items():
                    reference = sheets["sue"][question]
                    if closed and question in POINTS and "-" not in (value, reference):
                        answered[who, question].append(POINTS[question][value] - POINTS[question][reference])
    with purpose(EVALUATING, organisation=there.house.id, by=there.actor("sue")):
        found = results.run(Definition(measure=Measure.DRIFT, rows=Rows.EVALUATOR, last=8), names=True)
        questions = results.run(Definition(measure=Measure.DRIFT, rows=Rows.QUESTION, last=8))
        theirs = calibrating.drift(
            organisation=there.house.id, form=there.version.form_id, by=there.actor("sue")
        )
    for name, who in (("Ann Stone", "ann"), ("Tim Stone", "tim")):
        by_hand = [x for (evaluator, _), values in answered.items() if evaluator == who for x in values]
        cell = next(line.cells[0] for line in found.lines if line.title == name)
        kernel = next(one for one in theirs if one.evaluator == str(there.actor(who)))
        assert cell.n == len(by_hand) == kernel.count
        assert cell.value == pytest.approx(sum(by_hand) / len(by_hand)) == pytest.approx(kernel.leaning)
    assert [line.key for line in questions.lines] == ["greeting", "verified", "solved"]
    for line in questions.lines:
        values = answered["ann", line.key] + answered["tim", line.key]
        assert (line.cells[0].n, line.cells[0].value) == (
            len(values),
            pytest.approx(sum(values) / len(values)),
        )
