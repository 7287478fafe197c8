"""Sessions: notes that both read, an agenda, and an agent who acknowledges; called off and taken back."""

from datetime import timedelta

import pytest

from plainspoken.coaching import queries
from plainspoken.coaching.models import CoachingSession, SessionNote
from plainspoken.coaching.services import sessions
from plainspoken.coaching.states import SessionState, WrongState
from plainspoken.custody.models import Organisation
from plainspoken.quality.access import Refused

from .makers import ME, Centre, centre


@pytest.fixture
def there(house: Organisation) -> Centre:
    return centre(house)


def notes(there: Centre, row: CoachingSession, who: str) -> list[str]:
    with there.session():
        return [text for _, text in queries.notes_of(row, there.actor(who))]


def test_open_goals_come_onto_the_agenda(there: Centre) -> None:
    made = there.goal()
    row = there.meeting()
    assert row.goals == [made.id] and row.coach == str(there.actor("ann"))
    for who in ("jo", "mia"):
        with pytest.raises(Refused):
            sessions.plan(organisation=there.house.id, agent=there.agent, at=row.at, by=there.actor(who))
    with pytest.raises(sessions.SessionRefused, match="between people"):
        sessions.plan(organisation=there.house.id, agent=there.agent, at=row.at, by=ME)
    given = {"organisation": there.house.id, "session": row.id, "goal": made.id, "by": there.actor("jo")}
    sessions.put_goal(**given)
    with there.session():
        assert CoachingSession.objects.get(id=row.id).goals == []
    sessions.put_goal(**given)
    with there.session():
        assert CoachingSession.objects.get(id=row.id).goals == [made.id]
    with pytest.raises(queries.NoSuchRow):
        sessions.put_goal(**{**given, "goal": row.id})


def test_what_a_coach_writes_the_agent_reads(there: Centre) -> None:
    row = there.meeting()
    given = {"organisation": there.house.id, "session": row.id}
    sessions.note(**given, text="You greet warmly.", by=there.actor("ann"))
    sessions.note(**given, text="I want to slow down.", by=there.actor("jo"))
    sessions.note(**given, text="I was nervous.", own=True, by=there.actor("jo"))
    both = ["You greet warmly.", "I want to slow down."]
    assert notes(there, row, "ann") == notes(there, row, "bob") == both
    assert notes(there, row, "jo") == [*both, "I was nervous."]
    with pytest.raises(sessions.SessionRefused, match="both can read"):
        sessions.note(**given, text="Between us.", own=True, by=there.actor("ann"))
    with pytest.raises(Refused):
        sessions.note(**given, text="Hello.", by=there.actor("mia"))
    with there.session():
        assert all(b"warmly" not in bytes(one.text) for one in SessionNote.objects.all())
        hers = SessionNote.objects.filter(by=str(there.actor("ann"))).get()
    with pytest.raises(Refused):
        sessions.remove_note(**given, note=hers.id, by=there.actor("jo"))
    sessions.remove_note(**given, note=hers.id, by=there.actor("ann"))
    assert notes(there, row, "ann") == ["I want to slow down."]


def test_held_acknowledged_and_what_stays_then(there: Centre) -> None:
    row = there.meeting()
    given = {"organisation": there.house.id, "session": row.id}
    kept = sessions.note(**given, text="Agreed.", by=there.actor("ann"))
    with pytest.raises(WrongState):
        sessions.acknowledge(**given, by=there.actor("jo"))
    with pytest.raises(Refused):
        sessions.lead(**given, then=SessionState.HELD, by=there.actor("jo"))
    sessions.lead(**given, then=SessionState.HELD, by=there.actor("ann"))
    sessions.lead(**given, then=SessionState.PLANNED, by=there.actor("ann"))
    sessions.lead(**given, then=SessionState.HELD, by=there.actor("ann"))
    for who in ("ann", "mia"):
        with pytest.raises(Refused):
            sessions.acknowledge(**given, by=there.actor(who))
    sessions.acknowledge(**given, by=there.actor("jo"))
    with pytest.raises(WrongState, match="acknowledged"):
        sessions.lead(**given, then=SessionState.PLANNED, by=there.actor("ann"))
    with pytest.raises(WrongState, match="stays"):
        sessions.remove_note(**given, note=kept.id, by=there.actor("ann"))
    sessions.note(**given, text="One thing more.", by=there.actor("jo"))
    with pytest.raises(WrongState):
        sessions.put_goal(**given, goal=there.goal().id, by=there.actor("ann"))


def test_called_off_and_taken_back(there: Centre) -> None:
    row = there.meeting()
    given = {"organisation": there.house.id, "session": row.id, "by": there.actor("ann")}
    sessions.lead(**given, then=SessionState.CANCELLED)
    with pytest.raises(WrongState, match="called off"):
        sessions.note(**given, text="Too late.")
    with pytest.raises(WrongState):
        sessions.move(**given, at=row.at)
    sessions.lead(**given, then=SessionState.PLANNED)
    later = row.at + timedelta(days=1)
    assert sessions.move(**given, at=later).at == later


def test_a_call_on_the_agenda_is_one_of_theirs(there: Centre) -> None:
    row = there.meeting()
    mine, other = there.call(), there.call(agent=there.mia)
    given = {"organisation": there.house.id, "session": row.id, "start_s": 3.0, "end_s": 9.0, "by": there.actor("ann")}  # fmt: skip
    made = sessions.put_excerpt(**given, conversation=mine.id, text="Listen to the pause.")
    assert b"pause" not in bytes(made.text) and made.content_key_id == mine.content_key_id
    with pytest.raises(sessions.SessionRefused, match="no conversation of this agent"):
        sessions.put_excerpt(**given, conversation=other.id, text="Listen.")
    with there.session():
        ((found, text),) = queries.excerpts_of(row)
    assert (found.start_s, found.end_s, text) == (3.0, 9.0, "Listen to the pause.")
    sessions.remove_excerpt(
        organisation=there.house.id, session=row.id, excerpt=made.id, by=there.actor("jo")
    )
    with there.session():
        assert queries.excerpts_of(row) == []


def test_the_team_shows_who_waits_and_ranks_nobody(there: Centre) -> None:
    there.goal("jo")
    there.meeting()
    with there.session():
        from plainspoken.coaching.services.goals import today
        from plainspoken.custody import clock

        house = there.house.id
        rows = queries.overview(organisation=house, now=clock.now(house), today=today(house))
        later = queries.overview(
            organisation=house,
            now=clock.now(house) + timedelta(days=60),
            today=today(house) + timedelta(days=60),
        )
    assert [one.member.account.name for one in rows] == ["Jo Kim", "Mia Noor"]
    jo, mia = rows
    assert (jo.goals, jo.asks, jo.late, jo.due_sessions, jo.waits) == (1, 1, 0, 0, True) and jo.next
    assert (mia.goals, mia.waits, mia.next, mia.last) == (0, False, None, None)
    assert later[0].due_sessions == 1 and later[0].next is None
