"""What stays and what goes when a customer or an agent is erased, objects, or time is over; and what each may copy."""

from datetime import timedelta
from uuid import UUID

import pytest

from plainspoken.coaching import queries
from plainspoken.coaching.models import CoachingSession, Excerpt, Goal, Recognition, SessionNote
from plainspoken.coaching.services import sessions, thanking
from plainspoken.custody import acts, keys
from plainspoken.custody.models import ContentKey, Decision, Organisation
from plainspoken.custody.subjects import decide
from plainspoken.quality.access import Refused
from plainspoken.retention import services as retention

from .makers import ME, Centre, centre

PLACES = ("Goal", "CoachingSession", "SessionNote", "Recognition", "Excerpt")


@pytest.fixture
def there(house: Organisation) -> Centre:
    return centre(house)


def lived(there: Centre) -> tuple[Goal, CoachingSession, UUID]:
    """A goal that runs, a session with a note, an own note and a call, and thanks for that call and for the work."""
    call = there.evaluated(when=there.ago(1), solved="3").conversation_id
    goal, row = there.running(), there.meeting()
    given = {"organisation": there.house.id, "session": row.id}
    sessions.note(**given, text="You listen well.", by=there.actor("ann"))
    sessions.note(**given, text="I was nervous.", own=True, by=there.actor("jo"))
    sessions.put_excerpt(
        **given, conversation=call, start_s=2.0, end_s=None, text="Ada sounds lost.", by=there.actor("ann")
    )
    thank = {"organisation": there.house.id, "agent": there.agent, "by": there.actor("bob")}
    thanking.thank(**thank, text="Ada was glad.", conversation=call)
    thanking.thank(**thank, text="A good week.")
    return goal, row, call


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


def test_a_customers_erasure_ends_the_words_and_leaves_the_measures(there: Centre) -> None:
    goal, row, call = lived(there)
    planned = erase(there, there.customer(call))
    assert {name: planned[f"coaching.{name}"] for name in PLACES} == {
        "Goal": 0, "CoachingSession": 0, "SessionNote": 0, "Recognition": 0, "Excerpt": 2,
    }  # fmt: skip
    with there.session("rights.execute"):
        assert not Excerpt.objects.exists() and not ContentKey.objects.exists()
        assert Goal.objects.get(id=goal.id).base_n == 1
        texts = [text for _, text in queries.thanks_to(there.agent, organisation=there.house.id)]
        assert sorted(texts) == ["", "A good week."], (
            "that somebody thanked stays, the words about the call do not"
        )
        assert len(queries.notes_of(row, there.actor("jo"))) == 2


def test_an_agents_erasure_ends_all_of_it(there: Centre) -> None:
    lived(there)
    planned = erase(there, there.agent)
    assert {name: planned[f"coaching.{name}"] for name in PLACES if name != "Excerpt"} == {
        "Goal": 1, "CoachingSession": 1, "SessionNote": 2, "Recognition": 2,
    }  # fmt: skip
    with there.session("rights.execute"):
        for model in (Goal, CoachingSession, SessionNote, Recognition, Excerpt):
            assert not model.objects.exists(), model


def test_a_coach_who_is_gone_is_called_so(there: Centre) -> None:
    from plainspoken.quality.queries import names_of

    _, row, _ = lived(there)
    there.ann.account.delete()
    with there.session():
        assert names_of([row.coach])[row.coach] == "Former member of staff"
        assert len(queries.notes_of(row, there.actor("jo"))) == 2


def test_an_agents_copy_has_goals_notes_sessions_and_thanks(there: Centre) -> None:
    _, _, call = lived(there)
    found = {}
    with there.session("rights.execute"):
        for place in acts.personal_places():
            if place.model.startswith("coaching."):
                found[place.model.partition(".")[2]] = list(acts.copy(place, there.agent))
        customers = next(p for p in acts.personal_places() if p.model == "coaching.Excerpt")
        theirs = list(acts.copy(customers, there.customer(call)))
    (mine,) = found["Goal"]
    assert (
        mine.values["question"] == "How well was it solved?"
        and mine.values["words"] == "Say what happens next."
    )
    assert mine.values["before"] == "0.5 of 1 evaluations" and "by" in mine.masked
    assert {one.values["text"] for one in found["SessionNote"]} == {"You listen well.", "I was nervous."}
    assert len(found["CoachingSession"]) == 1
    assert {one.values["text"] for one in found["Recognition"]} == {"A good week.", None}
    assert {one.values["text"] for one in found["Excerpt"]} == {"Ada sounds lost.", "Ada was glad."}
    assert len(theirs) == 2 and all("text" not in one.values and one.masked for one in theirs)
    assert all(one.values["written_at"] for one in theirs)


@pytest.mark.parametrize("kind", ["objection", "restriction"])
def test_a_customers_no_hides_the_words_and_an_agents_no_all_of_it(there: Centre, kind: str) -> None:
    _, _, call = lived(there)

    def close(subject: UUID) -> None:
        with there.session("rights.execute"):
            decide(
                subject=subject, kind=Decision.Kind(kind), purposes=["quality.evaluate"], ground="own", by=ME
            )

    close(there.customer(call))
    with there.session():
        assert not Excerpt.objects.exists() and Goal.objects.exists() and SessionNote.objects.exists()
    close(there.agent)
    with there.session():
        for model in (Goal, CoachingSession, SessionNote, Recognition):
            assert not model.objects.exists(), model
    with there.session("rights.execute"):
        assert Goal.objects.exists(), "it is kept, and nobody coaches with it"


def test_time_ends_it_by_the_policy(there: Centre) -> None:
    lived(there)
    Organisation.objects.using("owner").filter(id=there.house.id).update(
        kind="proving", clock_shift=timedelta(days=400)
    )
    done = retention.purge(organisation=there.house.id, by=ME)
    assert done.counts.get("coaching.Excerpt") == 2, "with the words of the conversation"
    Organisation.objects.using("owner").filter(id=there.house.id).update(clock_shift=timedelta(days=800))
    done = retention.purge(organisation=there.house.id, by=ME)
    counted = {
        name: done.counts.get(f"coaching.{name}") for name in ("Goal", "CoachingSession", "Recognition")
    }
    assert counted == {"Goal": 1, "CoachingSession": 1, "Recognition": 2}
    with there.session("rights.execute"):
        assert not SessionNote.objects.exists()


# ---- thanks ----


def test_who_may_thank_whom_for_what(there: Centre) -> None:
    call = there.call()
    given = {"organisation": there.house.id, "agent": there.agent, "text": "Well done."}
    with pytest.raises(Refused, match="yourself"):
        thanking.thank(**given, by=there.actor("jo"))
    with pytest.raises(Refused, match="share"):
        thanking.thank(**given, by=there.actor("mia"))
    with pytest.raises(thanking.ThanksRefused, match="no conversation"):
        thanking.thank(**given, conversation=call.id, by=there.actor("mia"))
    with pytest.raises(thanking.ThanksRefused, match="not reached"):
        thanking.thank(**given, goal=there.goal().id, by=there.actor("ann"))
    made = thanking.thank(**given, conversation=call.id, by=there.actor("ann"))
    with pytest.raises(Refused):
        thanking.take_back(organisation=there.house.id, thanks=made.id, by=there.actor("bob"))
    thanking.take_back(organisation=there.house.id, thanks=made.id, by=there.actor("jo"))
    with there.session("rights.execute"):
        assert not Recognition.objects.exists() and not Excerpt.objects.exists()


def test_a_colleague_thanks_for_a_clip_of_the_library(there: Centre) -> None:
    made = there.offered()
    given = {
        "organisation": there.house.id,
        "clip": made.id,
        "text": "I learned from it.",
        "by": there.actor("mia"),
    }
    with pytest.raises(queries.NoSuchRow):
        thanking.thank_for_clip(**given)
    from plainspoken.coaching.services import sharing

    sharing.decide(organisation=there.house.id, clip=made.id, yes=True, by=there.actor("jo"))
    thanking.thank_for_clip(**given)
    with there.session():
        ((row, text),) = queries.thanks_to(there.agent, organisation=there.house.id)
    assert (text, row.conversation_id, row.by) == (
        "I learned from it.",
        made.conversation_id,
        str(there.actor("mia")),
    )
