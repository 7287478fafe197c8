"""Sessions: planned, prepared, held, acknowledged."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages as notes
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from plainspoken.coaching import access, queries, words, working
from plainspoken.coaching.forms import ExcerptForm, NoteForm, SessionForm
from plainspoken.coaching.models import CoachingSession, Goal
from plainspoken.coaching.services import sessions as services
from plainspoken.coaching.shapes import session as shape
from plainspoken.coaching.states import OPEN, SessionState, WrongState
from plainspoken.conversations import services as conversations
from plainspoken.conversations.models import Clip, Participation
from plainspoken.conversations.queries import visible_to
from plainspoken.custody import clock, keys, ledger
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.quality.queries import titles
from plainspoken.ui.shapes import Act, Ask
from plainspoken.ui.shell import Crumb
from plainspoken.ui.wording import clock_time, local, when

from . import about
from .reading import COACHES, READERS, Reading
from .teaming import found

CLIPS = 30
# Both forms stand on one page and have words: their fields need ids of their own.
NOTE, EXCERPT = "note-%s", "excerpt-%s"
LEADS = {"hold": SessionState.HELD, "cancel": SessionState.CANCELLED, "reopen": SessionState.PLANNED}
MISTAKES = (services.SessionRefused, words.WordsRefused, WrongState, keys.KeyGone)


@require_http_methods(["GET", "POST"])
@for_roles(*COACHES)
def plan_session(request: StaffRequest, member: UUID) -> HttpResponse:
    """A coach plans a session."""
    reading = Reading(request)
    row = found(reading, member)
    assert row.subject_id is not None
    form = SessionForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = services.plan(
                organisation=reading.organisation,
                agent=row.subject_id,
                at=form.cleaned_data["at"],
                by=reading.actor,
            )
        except services.SessionRefused as error:
            form.add_error(None, str(error))
        else:
            notes.success(request, "The session is planned. Both of you see it.")
            return HttpResponseRedirect(reverse("coaching:session", args=[made.id]))
    back = reverse("coaching:agent", args=[row.id])
    context = {"form": form, "name": row.account.name, "back_url": back}
    crumbs = (reading.first(), Crumb(row.account.name, back), Crumb("Plan a session"))
    return reading.shown("coaching/plan.html", context, *crumbs, status=422 if form.is_bound else 200)


@require_safe
@for_roles(*READERS)
def session(request: StaffRequest, session: UUID) -> HttpResponse:
    """One session: agenda and notes."""
    return shown(Reading(request), session)


def shown(
    reading: Reading, key: UUID, *, note: NoteForm | None = None, excerpt: ExcerptForm | None = None
) -> HttpResponse:
    """The page, with what is wrong where something was sent."""
    with reading.session():
        row = _found(reading, key)
        member = queries.member_of(organisation=reading.organisation, subject=row.agent_id)
        name = member.account.name if member else "Former member of staff"
        goals = list(Goal.objects.filter(agent_id=row.agent_id, id__in=row.goals).select_related("form"))
        prepares = access.allowed(lambda: access.check_prepare(row, reading.actor))
        ledger.enter_read(
            place="coaching.SessionNote", rows=1, by=reading.actor, subject=row.agent_id,
            about=f"session:{row.id}",
        )  # fmt: skip
        context: dict[str, Any] = {
            "session": shape(row, coach=about.names(reading, [row.coach])[row.coach], agent=name),
            "mine": access.is_agent(row.agent_id, reading.actor, organisation=reading.organisation),
            "goals": _goals(reading, row, goals, prepares),
            "others": _others(row) if prepares else [],
            "excerpts": _excerpts(reading, row, prepares),
            "notes": _notes(reading, row),
            "note": note or NoteForm(auto_id=NOTE)
            if access.allowed(lambda: access.check_note(row, reading.actor))
            else None,
            "note_url": _address(row, "note"),
            "excerpt": (excerpt or ExcerptForm(auto_id=EXCERPT, stretches=_stretches(reading, row)))
            if prepares
            else None,
            "excerpt_url": _address(row, "excerpt"),
            "acts": _acts(row, reading),
        }
    crumbs = [reading.first()]
    if reading.coach and member:
        crumbs.append(Crumb(name, reverse("coaching:agent", args=[member.id])))
    status = 422 if (note and note.errors) or (excerpt and excerpt.errors) else 200
    return reading.shown("coaching/session.html", context, *crumbs, Crumb("Session"), status=status)


def _address(row: CoachingSession, name: str) -> str:
    return reverse("coaching:session_act", args=[row.id, name])


def _found(reading: Reading, key: UUID) -> CoachingSession:
    try:
        return queries.session(organisation=reading.organisation, id=key, by=reading.actor)
    except queries.NoSuchRow as error:
        raise Http404(str(error)) from error


def _goals(reading: Reading, row: CoachingSession, goals: list[Goal], prepares: bool) -> list[dict[str, Any]]:
    return [
        {
            **one,
            "off": Act(_address(row, "goal"), "Take off", icon="x", values={"goal": str(one["id"])})
            if prepares
            else None,
        }
        for one in about.goals_of(reading, goals)
    ]


def _others(row: CoachingSession) -> list[Act]:
    """Goals that are open and not on the agenda."""
    from plainspoken.coaching import measuring

    rows = Goal.objects.filter(agent_id=row.agent_id, state__in=OPEN).exclude(id__in=row.goals)
    texts = measuring.questions(row.organisation_id)
    return [
        Act(
            _address(row, "goal"),
            texts.get((str(one.form_id), one.question), one.question),
            icon="check",
            values={"goal": str(one.id)},
        )
        for one in rows.order_by("due_on")[:CLIPS]
    ]


def _excerpts(reading: Reading, row: CoachingSession, prepares: bool) -> list[dict[str, Any]]:
    found = queries.excerpts_of(row)
    called = titles([one.conversation for one, _ in found])
    people = about.names(reading, [one.by for one, _ in found])
    return [
        {
            "title": called.get(one.conversation_id, ""),
            "text": text,
            "by": people[one.by],
            "start_s": one.start_s,
            "url": reading.address(
                reverse("conversations:show", args=[one.conversation_id]), t=int(one.start_s or 0)
            ),
            "off": Act(_address(row, "off"), "Take off", icon="x", values={"excerpt": str(one.id)})
            if prepares
            else None,
        }
        for one, text in found
    ]


def _notes(reading: Reading, row: CoachingSession) -> list[dict[str, Any]]:
    found = queries.notes_of(row, reading.actor)
    called = about.names(reading, [one.by for one, _ in found])
    return [
        {
            "text": text,
            "by": called[one.by],
            "at": one.at,
            "own": one.audience == "agent",
            "remove": Act(_address(row, "unnote"), "Remove", icon="trash", values={"note": str(one.id)})
            if access.allowed(lambda one=one: access.check_unnote(one, reading.actor))  # type: ignore[misc]
            else None,
        }
        for one, text in found
    ]


def _stretches(reading: Reading, row: CoachingSession) -> list[tuple[str, Any]]:
    """What can come onto the agenda: the reader's clips of this agent's calls, and examples of what to work on."""
    own = Participation.objects.filter(subject_id=row.agent_id, role=Participation.Role.AGENT)
    seen = visible_to(reading.membership).filter(id__in=own.values("conversation_id"))
    clips = []
    rows = Clip.objects.filter(by=str(reading.actor), conversation__in=seen).select_related("content_key")
    for one in rows.order_by("-at")[:CLIPS]:
        try:
            title = conversations.title_of_clip(one)
        except keys.KeyGone:
            continue
        clips.append((f"{one.conversation_id}/{one.start_s}/{one.end_s}", title))
    examples: dict[str, str] = {}
    house = reading.organisation
    for maker in working.to_work_on(organisation=house, agent=row.agent_id, now=clock.now(house)):
        for work in maker.work:
            for one_of in work.examples:
                if one_of.heard:
                    at = f" at {clock_time(one_of.second)}" if one_of.second is not None else ""
                    key = f"{one_of.conversation}/{one_of.second if one_of.second is not None else ''}/"
                    examples.setdefault(key, f"{work.question} {one_of.title}{at}")
    groups = [("Your clips", clips), ("Examples of what to work on", list(examples.items()))]
    if not clips and not examples:
        recent = list(seen.order_by("-started_at")[:CLIPS])
        called = titles(recent)
        groups = [
            ("Recent calls", [(f"{one.id}//", f"{called[one.id]}, {when(one.started_at, 'short')}") for one in recent])
        ]  # fmt: skip
    return [(title, options) for title, options in groups if options]


def _acts(row: CoachingSession, reading: Reading) -> list[Act]:
    def may(then: SessionState) -> bool:
        return access.allowed(lambda: access.check_lead(row, then, reading.actor))

    acts = []
    if access.allowed(lambda: access.check_acknowledge(row, reading.actor)):
        acts.append(Act(_address(row, "acknowledge"), "It was as the notes say", icon="check"))
    if may(SessionState.HELD):
        moment = local(row.at).strftime("%Y-%m-%dT%H:%M")
        acts += [
            Act(_address(row, "hold"), "It took place", icon="check"),
            Act(_address(row, "move"), "Move it", icon="clock",
                fields=(Ask("at", "When", "datetime-local", value=moment),)),
            Act(_address(row, "cancel"), "Call it off", icon="x"),
        ]  # fmt: skip
    if may(SessionState.PLANNED):
        acts.append(Act(_address(row, "reopen"), "Take that back", icon="clock"))
    return acts


# ---- acts ----


@require_POST
@for_roles(*READERS)
def session_act(request: StaffRequest, session: UUID, name: str) -> HttpResponse:
    """Hold, call off, take back, move, acknowledge; notes; the agenda."""
    reading = Reading(request)
    with reading.session():
        row = _found(reading, session)
    act = ACTS.get(name)
    if act is None and name not in LEADS:
        raise Http404("There is no such act.")
    try:
        answer = None
        if act is not None:
            answer = act(reading, row)
        else:
            _lead(reading, row, LEADS[name])
    except queries.NoSuchRow as error:
        raise Http404(str(error)) from error
    except MISTAKES as error:
        notes.error(request, str(error))
        answer = None
    return answer or HttpResponseRedirect(reverse("coaching:session", args=[session]))


def _given(reading: Reading, row: CoachingSession) -> dict[str, Any]:
    return {"organisation": reading.organisation, "session": row.id, "by": reading.actor}


def _lead(reading: Reading, row: CoachingSession, then: SessionState) -> None:
    services.lead(**_given(reading, row), then=then)
    said = {
        SessionState.HELD: "Noted. The agent is asked to acknowledge it.",
        SessionState.CANCELLED: "The session is called off. You can take that back.",
        SessionState.PLANNED: "The session is planned again.",
    }
    notes.success(reading.request, said[then])


def _acknowledge(reading: Reading, row: CoachingSession) -> None:
    services.acknowledge(**_given(reading, row))
    notes.success(reading.request, "You acknowledged the session.")


def _move(reading: Reading, row: CoachingSession) -> None:
    form = SessionForm(reading.request.POST)
    if not form.is_valid():
        raise services.SessionRefused("Choose a day and a time.")
    services.move(**_given(reading, row), at=form.cleaned_data["at"])
    notes.success(reading.request, "The session is moved.")


def _note(reading: Reading, row: CoachingSession) -> HttpResponse | None:
    form = NoteForm(reading.request.POST, auto_id=NOTE)
    if not form.is_valid():
        return shown(reading, row.id, note=form)
    try:
        services.note(**_given(reading, row), text=form.cleaned_data["text"], own=form.cleaned_data["own"])
    except (services.SessionRefused, words.WordsRefused) as error:
        form.add_error(None, str(error))
        return shown(reading, row.id, note=form)
    notes.success(reading.request, "The note is kept.")
    return None


def _unnote(reading: Reading, row: CoachingSession) -> None:
    services.remove_note(**_given(reading, row), note=_key(reading, "note"))
    notes.success(reading.request, "The note is gone.")


def _goal(reading: Reading, row: CoachingSession) -> None:
    services.put_goal(**_given(reading, row), goal=_key(reading, "goal"))
    notes.success(reading.request, "The agenda is changed.")


def _excerpt(reading: Reading, row: CoachingSession) -> HttpResponse | None:
    with reading.session():
        stretches = _stretches(reading, row)
    form = ExcerptForm(reading.request.POST, auto_id=EXCERPT, stretches=stretches)
    if not form.is_valid():
        return shown(reading, row.id, excerpt=form)
    conversation, start, end = form.cleaned_data["what"].split("/")
    services.put_excerpt(
        **_given(reading, row),
        conversation=UUID(conversation),
        start_s=float(start) if start else None,
        end_s=float(end) if end else None,
        text=form.cleaned_data["text"],
    )
    notes.success(reading.request, "The call is on the agenda.")
    return None


def _off(reading: Reading, row: CoachingSession) -> None:
    services.remove_excerpt(**_given(reading, row), excerpt=_key(reading, "excerpt"))
    notes.success(reading.request, "The call is off the agenda.")


def _key(reading: Reading, name: str) -> UUID:
    try:
        return UUID(reading.request.POST.get(name, ""))
    except ValueError as error:
        raise Http404("There is no such row.") from error


Answer = Callable[[Reading, CoachingSession], HttpResponse | None]
ACTS: dict[str, Answer] = {
    "acknowledge": _acknowledge,
    "move": _move,
    "note": _note,
    "unnote": _unnote,
    "goal": _goal,
    "excerpt": _excerpt,
    "off": _off,
}
