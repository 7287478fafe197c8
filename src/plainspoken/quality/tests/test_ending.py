"""What stays and what goes when a customer or an agent is erased, objects, or time is over."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from plainspoken.conversations.models import Participation
from plainspoken.custody import acts, clock, keys
from plainspoken.custody.models import ContentKey, Decision, Organisation
from plainspoken.custody.subjects import decide
from plainspoken.kernels.quality import Answer
from plainspoken.quality import queries
from plainspoken.quality.models import Answer as AnswerRow
from plainspoken.quality.models import Assignment, Comment, Dispute, Evaluation
from plainspoken.quality.services import copying, disputing, ending, evaluating, planning
from plainspoken.quality.words import opened
from plainspoken.retention import services as retention

from .makers import ME, Centre, centre
from .test_planning import terms


@pytest.fixture
def there(house: Organisation) -> Centre:
    return centre(house)


def customer(there: Centre) -> UUID:
    with there.session("rights.execute"):
        rows = Participation.objects.filter(conversation_id=there.conversation, role="customer")
        found = rows.values_list("subject_id", flat=True)[0]
    assert found is not None
    return found


def lived(there: Centre) -> Evaluation:
    """An evaluation with remarks, a text answer, a dispute and its decision, and an assignment."""
    house, ann = there.house.id, there.actor("ann")
    plan = planning.make(organisation=house, terms=terms(there), by=ann)
    planning.run(organisation=house, plan=plan.id, by=ann)
    row = there.begun()
    evaluating.remark(organisation=house, evaluation=row.id, text="Ada sounds lost here.", at_s=3.5, by=ann)
    row = there.released(note=Answer("Ada rang twice."))
    disputing.dispute(organisation=house, evaluation=row.id, reason="Ada agreed.", by=there.actor("agent"))
    given = {"organisation": house, "evaluation": row.id, "by": there.actor("bob")}
    disputing.decide(**given, answers={"solved": Answer("5")}, reason="Ada did agree.")
    return row


def erase(there: Centre, subject: UUID) -> dict[str, int]:
    """What `rights` does: every place in order, then the key; returns what the plan said."""
    with there.session("rights.execute"):
        planned = {name: one.count for name, one in acts.plans(subject).items()}
    for place in acts.personal_places():
        with there.session("rights.execute"):
            acts.erase(place, subject, by=ME)
    keys.destroy(organisation=there.house.id, subject=subject)
    with there.session("rights.execute"):
        assert {name: one.count for name, one in acts.plans(subject).items() if one.count} == {}
    return planned


def test_a_customers_erasure_ends_the_words_and_leaves_the_score(there: Centre) -> None:
    row, subject = lived(there), customer(there)
    planned = erase(there, subject)
    assert planned["quality.Comment"] == 4 and planned["quality.Assignment"] == 1
    assert planned["quality.Evaluation"] == 0
    with there.session("rights.execute"):
        assert not Comment.objects.exists() and not Assignment.objects.exists()
        kept = Evaluation.objects.get(id=row.id)
        assert (kept.percent, kept.agent_id) == (Decimal("100.000"), there.agent.subject_id)
        assert AnswerRow.objects.filter(evaluation=row).count() == 4
        assert Dispute.objects.get(evaluation=row).changes == {"solved": ["3", "5"]}
        assert not ContentKey.objects.exists(), "nothing is sealed with the conversation's key any more"


def test_an_agent_can_still_disagree_after_the_customer_is_gone(there: Centre) -> None:
    row = there.released()
    erase(there, customer(there))
    disputing.dispute(
        organisation=there.house.id, evaluation=row.id, reason="It was right.", by=there.actor("agent")
    )
    with there.session("rights.execute"):
        (words,) = queries.comments_of(row)
        assert words.content_key is None and opened(words) == "It was right."


def test_an_agents_erasure_ends_what_is_about_them(there: Centre) -> None:
    lived(there)
    assert there.agent.subject_id is not None
    planned = erase(there, there.agent.subject_id)
    assert (planned["quality.Evaluation"], planned["quality.Dispute"]) == (1, 1)
    with there.session("rights.execute"):
        for model in (Evaluation, AnswerRow, Dispute, Comment, Assignment):
            assert not model.objects.exists(), model


def test_on_a_ground_of_the_law_the_measure_stays_without_the_agent(
    there: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = lived(there)
    monkeypatch.setattr(ending, "_stays", lambda: True)
    assert there.agent.subject_id is not None
    with there.session("rights.execute"):
        planned = acts.plans(there.agent.subject_id)["quality.Evaluation"]
    assert planned.verb == "unlink" and planned.kept[0].count == 1
    for place in acts.personal_places():
        with there.session("rights.execute"):
            acts.erase(place, there.agent.subject_id, by=ME)
    with there.session("rights.execute"):
        kept = Evaluation.objects.get(id=row.id)
        assert kept.agent_id is None and AnswerRow.objects.filter(evaluation=row).count() == 4
        assert not Comment.objects.filter(kind="reason").exists()


def test_copies_show_each_what_is_about_them(there: Centre) -> None:
    lived(there)
    assert there.agent.subject_id is not None
    with there.session("rights.execute"):
        mine = {one.values["kind"]: one for one in copying.copy_comments(there.agent.subject_id)}
        theirs = {one.values["kind"]: one for one in copying.copy_comments(customer(there))}
        place = next(p for p in acts.personal_places() if p.model == "quality.Evaluation")
        scores = list(acts.copy(place, there.agent.subject_id))
    assert mine["Remark"].values["text"] == "Ada sounds lost here." and mine["Remark"].values["at_s"] == 3.5
    assert mine["Why the agent disagrees"].values["text"] == "Ada agreed."
    # What judges a colleague's work may name them: a customer learns that it was written, and when.
    assert {"Remark", "Answer", "Why the agent disagrees"} <= set(theirs)
    assert all(
        "text" not in one.values and one.masked and one.values["written_at"] for one in theirs.values()
    )
    assert [one.values["percent"] for one in scores] == [Decimal("100.000")]


@pytest.mark.parametrize("who", ["customer", "agent"])
def test_an_objection_closes_what_would_be_evaluated(there: Centre, who: str) -> None:
    row = there.released()
    subject = customer(there) if who == "customer" else there.agent.subject_id
    assert subject is not None
    with there.session("rights.execute"):
        decide(
            subject=subject, kind=Decision.Kind.OBJECTION, purposes=["quality.evaluate"], ground="own", by=ME
        )
    ann = there.actor("ann")
    with there.session():
        assert Evaluation.objects.filter(id=row.id).exists() == (who == "customer")
        assert queries.agents_in(there.conversation) == (
            [there.agent.subject_id] if who == "customer" else []
        )
    seen = planning.preview(organisation=there.house.id, terms=terms(there), by=ann)
    assert seen.candidates == 0
    with pytest.raises((queries.NoSuchRow, evaluating.EvaluationRefused)):
        there.begun("bob")


def test_time_ends_evaluations_and_words_by_the_policy(there: Centre) -> None:
    row = lived(there)
    house = there.house
    with there.session("rights.execute"):
        now = clock.now(house.id)
        Evaluation.objects.filter(id=row.id).update(made_at=now - timedelta(days=800))
    Organisation.objects.using("owner").filter(id=house.id).update(kind="proving")
    done = retention.purge(organisation=house.id, by=ME)
    assert done.counts.get("quality.Evaluation") == 1
    with there.session("rights.execute"):
        assert not Comment.objects.exists() and not AnswerRow.objects.exists()


def test_words_end_with_the_words_of_the_conversation(there: Centre) -> None:
    row = lived(there)
    house = there.house
    Organisation.objects.using("owner").filter(id=house.id).update(kind="proving", clock_shift="400 days")
    done = retention.purge(organisation=house.id, by=ME)
    assert done.counts.get("quality.Comment") == 4
    with there.session("rights.execute"):
        assert Evaluation.objects.filter(id=row.id).exists() and not Comment.objects.exists()
