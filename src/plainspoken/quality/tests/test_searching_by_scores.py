"""Searching by what people and rules found, and plans among what a search finds."""

from uuid import UUID

import pytest
from django.urls import reverse

from plainspoken.conversations import services as conversations
from plainspoken.conversations.arrival import Utterance
from plainspoken.conversations.ports import ScoresHidden, Wanted
from plainspoken.conversations.queries import listed, matching
from plainspoken.conversations.tests.makers import arrived, written
from plainspoken.custody import clock
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.kernels.quality import Answer
from plainspoken.people.models import Membership
from plainspoken.quality.models import Assignment, Evaluation
from plainspoken.quality.services import planning
from plainspoken.quality.services.planning import PlanRefused, Terms

from .makers import ME, Centre, centre, login_of


@pytest.fixture
def there(house: Organisation) -> Centre:
    return centre(house)


def asked(there: Centre, q: str, who: str = "ann", reading: str = "quality.evaluate") -> tuple[UUID, ...]:
    with there.session(reading):
        return listed(Wanted(q=q), getattr(there, who)).conversations


def another(there: Centre, said: str, source: str) -> UUID:
    words = [Utterance("Hello, this is Jo.", "agent"), Utterance(said, "customer")]
    row = arrived(there.house, source=source, words=words, agent_email=login_of(there.house))
    written(there.house, row)
    return row.id


def test_a_score_is_found_once_its_agent_may_see_it(there: Centre) -> None:
    row = there.submitted(greeting=Answer("no"))
    assert asked(there, "question:greeting=no") == (), "nobody has told the agent"
    row = there.now(there.released("bob", greeting=Answer("no")))
    assert row.percent is not None
    below, above = f"score<{float(row.percent) + 1}", f"score>{float(row.percent) + 1}"
    for q in (below, "question:greeting=no", "question:greeting=NO", f"lamp {below}"):
        assert asked(there, q) == (there.conversation,), q
    for q in (above, "question:greeting=yes", f"sofa {below}", f"lamp {above}"):
        assert asked(there, q) == (), q
    word = "passed" if row.passed else "failed"
    other = "failed" if row.passed else "passed"
    assert (asked(there, f"result:{word}"), asked(there, f"result:{other}")) == ((there.conversation,), ())


def test_what_rules_found_is_never_mixed_with_what_people_found(there: Centre) -> None:
    row = there.released()
    assert asked(there, "score>0") == (there.conversation,) and asked(there, "autoscore>0") == ()
    with there.session("ingest.write"):
        Evaluation.objects.create(
            organisation_id=there.house.id, conversation_id=there.conversation, agent_id=row.agent_id,
            version_id=row.version_id, made_by="automatic", evaluator="program:rules", rules="1", state="released",
            percent=12, passed=False, made_at=clock.now(there.house.id),
        )  # fmt: skip
    assert asked(there, "autoscore<13 autoresult:failed") == (there.conversation,)
    assert asked(there, "score<13") == (), "twelve is what the rules found"


def test_one_evaluation_must_say_all_of_it(there: Centre) -> None:
    there.released("ann", greeting=Answer("no"))
    there.released("bob", verified=Answer("no"))
    assert (
        asked(there, "question:greeting=no") == asked(there, "question:verified=no") == (there.conversation,)
    )
    assert asked(there, "question:greeting=no question:verified=no") == ()


def test_evaluations_are_for_their_purpose_only(there: Centre) -> None:
    there.released()
    for q in ("score>1", "lamp score>1"):
        with pytest.raises(ScoresHidden):
            asked(there, q, reading="service.answer")
    browser = there.browser("ann")
    page = browser.get(reverse("conversations:list"), {"q": "score>1", "purpose": "service.answer"})
    assert "Choose another purpose to search by scores." in page.content.decode()
    assert 'name="score_over"' not in page.content.decode()
    page = browser.get(reverse("conversations:list"), {"q": "score>1", "purpose": "quality.evaluate"})
    assert 'name="score_over"' in page.content.decode() and 'value="greeting"' in page.content.decode()
    built = browser.get(
        reverse("conversations:list"),
        {
            "build": "1",
            "purpose": "quality.evaluate",
            "score_under": "70",
            "question": "greeting",
            "answer": "no",
        },
    )
    assert "score%3C70+question%3Agreeting%3Dno" in built["Location"]


def test_an_agent_finds_by_their_own_evaluations_only(there: Centre) -> None:
    row = there.released()
    with there.session("rights.execute"):
        own = Membership.objects.get(id=there.agent.id)
        other = Membership.objects.get(id=there.bob.id)
    with purpose("quality.evaluate", organisation=there.house.id, by=ME):
        assert listed(Wanted(q="score>0"), own).conversations == (there.conversation,)
        Evaluation.objects.filter(id=row.id).update(agent_id=other.subject_id)
        assert listed(Wanted(q="score>0"), own).conversations == ()


# ---- plans ----


def kept_search(there: Centre, query: str, *, who: str = "ann", shared: bool = False) -> UUID:
    with there.session():
        row = conversations.keep_search(
            member=getattr(there, who), name="Broken lamps", query=query, shared=shared, by=there.actor(who)
        )
    return row.id


def terms(there: Centre, search: UUID | None) -> Terms:
    return Terms(
        form=there.version.form_id, per_agent=9, days=30, due_days=5, seed="1",
        evaluators=(there.bob.account_id,), search=search,
    )  # fmt: skip


def test_a_plan_chooses_among_what_a_search_finds(there: Centre) -> None:
    wanted = another(there, "My lamp is broken as well.", "p-1")
    another(there, "Where is my sofa?", "p-2")
    house, ann = there.house.id, there.actor("ann")
    everything = planning.preview(organisation=house, terms=terms(there, None), by=ann)
    assert everything.candidates == 3
    search = kept_search(there, "q=lamp")
    seen = planning.preview(organisation=house, terms=terms(there, search), by=ann)
    assert {UUID(one.id) for one in seen.chosen} == {wanted, there.conversation}
    plan = planning.make(organisation=house, terms=terms(there, search), by=ann)
    assert planning.run(organisation=house, plan=plan.id, by=there.actor("bob")) == 2, (
        "for the house, not for ann"
    )
    later = another(there, "The lamp again.", "p-3")
    assert planning.run(organisation=house, plan=plan.id, by=ME) == 1
    with there.session():
        assert Assignment.objects.filter(plan=plan, conversation_id=later).exists()
        conversations.forget(search=search, member=there.ann, by=ann)
    with pytest.raises(PlanRefused, match="is gone"):
        planning.run(organisation=house, plan=plan.id, by=ann)


def test_a_plan_takes_no_search_of_others_and_none_that_cannot_be_read(there: Centre) -> None:
    house, ann = there.house.id, there.actor("ann")
    theirs = kept_search(there, "q=lamp", who="bob")
    with pytest.raises(PlanRefused, match="that you may run"):
        planning.make(organisation=house, terms=terms(there, theirs), by=ann)
    shared = kept_search(there, "kind=chat", who="bob", shared=True)
    assert planning.preview(organisation=house, terms=terms(there, shared), by=ann).candidates == 1
    broken = kept_search(there, "q=score%3Emuch")
    with pytest.raises(PlanRefused, match="cannot be run"):
        planning.preview(organisation=house, terms=terms(there, broken), by=ann)


def test_matching_goes_on_beyond_one_step(there: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {another(there, f"A lamp, number {n}.", f"m-{n}") for n in range(4)}
    monkeypatch.setattr("plainspoken.conversations.queries.STEP", 2)
    with there.session():
        found = matching(Wanted(q="lamp"), most=100)
        assert set(found) == {*made, there.conversation} and len(found) == 5
        assert matching(Wanted(q="lamp"), most=3) == found[:3]
