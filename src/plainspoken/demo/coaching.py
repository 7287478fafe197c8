"""Coaching in the demonstration: what to work on, goals, a session that was held, two clips, and thanks."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from plainspoken.coaching.models import Goal
from plainspoken.coaching.services import goals, sessions, sharing, thanking
from plainspoken.coaching.states import SessionState
from plainspoken.conversations import services as conversations
from plainspoken.conversations.models import Conversation, Participation, PlayCopy
from plainspoken.custody import clock
from plainspoken.custody.actors import Actor, person
from plainspoken.custody.sessions import purpose
from plainspoken.demo.quality import GOOD
from plainspoken.demo.script import staff
from plainspoken.kernels.quality import Answer
from plainspoken.people.models import Membership
from plainspoken.quality.access import PURPOSE
from plainspoken.quality.models import FormVersion
from plainspoken.quality.services import evaluating

CLIP_S = 12.0


def bring_in(*, organisation: UUID, version: FormVersion, by: Actor) -> str:
    """Everything of coaching, once; evaluations must have been made. Returns what was made, in words."""
    rows = Membership.objects.filter(organisation_id=organisation).select_related("account")
    emails = {one.account.email: one for one in rows}
    people = {one.id: emails[one.email] for one in staff()}
    helen, jonas, daniel, sofia = (
        person(people[name].account_id)
        for name in ("helen.marsh", "jonas.weber", "daniel.hart", "sofia.marin")
    )
    agent = _subject(people["daniel.hart"])
    calls = _calls(organisation, people["daniel.hart"], by)
    chats = _chats(organisation, people["daniel.hart"], by)
    _evaluated(organisation, version, calls[-1:], chats, helen, daniel)
    _goals(organisation, agent, version, helen, daniel)
    _session(organisation, agent, calls, helen, daniel)
    if calls:
        thanking.thank(
            organisation=organisation, agent=agent, conversation=calls[-1], by=jonas,
            text="You stayed calm and named the next step. Thank you.",
        )  # fmt: skip
    clips = _library(organisation, calls, helen, None)
    clips += _library(organisation, _calls(organisation, people["sofia.marin"], by), sofia, jonas)
    return f"what to work on, 2 goals, 1 session, {clips} clips in the library"


def _evaluated(
    organisation: UUID, version: FormVersion, calls: list[UUID], chats: list[UUID], by: Actor, own: Actor
) -> None:
    """Released and read: mostly good, and each time a little less understood than it could be."""
    for conversation, understood in zip([*calls, *chats], ("3", "3", "4"), strict=False):
        made = evaluating.begin(
            organisation=organisation, conversation=conversation, form=version.form_id, by=by
        )
        given = {"organisation": organisation, "evaluation": made.id}
        evaluating.save(**given, answers={**GOOD, "understood": Answer(understood)}, by=by)
        evaluating.remark(
            **given, at_s=18.0 if conversation in calls else None, question="understood", by=by,
            text="Here the second question is answered with the first answer.",
        )  # fmt: skip
        evaluating.submit(**given, by=by)
        evaluating.release(**given, by=by)
        evaluating.acknowledge(**given, by=own)


def _goals(organisation: UUID, agent: UUID, version: FormVersion, coach: Actor, own: Actor) -> list[Goal]:
    """One that both agreed on, and one that waits for a coach."""
    due = goals.today(organisation) + timedelta(days=42)

    def terms(question: str, target: int, text: str) -> goals.Terms:
        return goals.Terms(version.form_id, question, "person", target, due, text=text)

    agreed = goals.propose(
        organisation=organisation,
        agent=agent,
        terms=terms("understood", 90, "Say back what the caller needs before you look it up."),
        by=coach,
    )
    agreed = goals.agree(organisation=organisation, goal=agreed.id, by=own)
    wished = goals.propose(
        organisation=organisation,
        agent=agent,
        terms=terms("tone", 90, "I want to sound less hurried at the end of a call."),
        by=own,
    )
    return [agreed, wished]


def _session(organisation: UUID, agent: UUID, calls: list[UUID], coach: Actor, own: Actor) -> None:
    row = sessions.plan(
        organisation=organisation, agent=agent, at=clock.now(organisation) - timedelta(days=1), by=coach
    )
    given: dict[str, Any] = {"organisation": organisation, "session": row.id}
    if calls:
        sessions.put_excerpt(
            **given, conversation=calls[0], start_s=4.0, end_s=None, by=coach,
            text="A clear start: name, department, offer of help. Keep it.",
        )  # fmt: skip
    said = "We heard the start together. Next time: repeat the order before opening it."
    sessions.note(**given, text=said, by=coach)
    sessions.note(**given, text="I will try this with every delivery call this week.", by=own)
    sessions.lead(**given, then=SessionState.HELD, by=coach)


def _subject(member: Membership) -> UUID:
    assert member.subject_id is not None
    return member.subject_id


def _calls(organisation: UUID, member: Membership, by: Actor) -> list[UUID]:
    """Somebody's calls with sound, oldest first."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        own = Participation.objects.filter(subject_id=_subject(member), role=Participation.Role.AGENT).values(
            "conversation_id"
        )
        rows = PlayCopy.objects.filter(conversation_id__in=own, duration_s__gt=CLIP_S + 2)
        return list(rows.order_by("conversation__started_at").values_list("conversation_id", flat=True))


def _chats(organisation: UUID, member: Membership, by: Actor) -> list[UUID]:
    """Somebody's chats, newest first."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        own = Participation.objects.filter(subject_id=_subject(member), role=Participation.Role.AGENT).values(
            "conversation_id"
        )
        rows = Conversation.objects.filter(id__in=own, kind=Conversation.Kind.CHAT, erased_at=None)
        return list(rows.order_by("-started_at", "id").values_list("id", flat=True)[:2])


def _library(organisation: UUID, calls: list[UUID], by: Actor, thanks: Actor | None) -> int:
    """The start of the last call, put there by its agent or by a coach, who then waits for a yes."""
    if not calls:
        return 0
    with purpose(PURPOSE, organisation=organisation, by=by):
        clip = conversations.clip(
            conversation=Conversation.objects.get(id=calls[-1]),
            start_s=2.0,
            end_s=2.0 + CLIP_S,
            title="How a call begins",
            by=by,
        )
    text = "Name, team and an open question in ten seconds."
    made = sharing.offer(organisation=organisation, clip=clip.id, text=text, by=by)
    if thanks is not None:
        thanking.thank_for_clip(
            organisation=organisation, clip=made.id, text="I use this start now. Thank you.", by=thanks
        )
    return 1
