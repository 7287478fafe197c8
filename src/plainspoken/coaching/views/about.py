"""The sections that an agent's own page and their coach's page share: work, goals, sessions, thanks, scores."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.urls import reverse

from plainspoken.coaching import access, measuring, queries, shapes, working
from plainspoken.coaching.models import CoachingSession, Goal
from plainspoken.coaching.services import goals as goal_services
from plainspoken.coaching.states import OPEN
from plainspoken.custody import clock, ledger
from plainspoken.kernels.coaching import LEAST
from plainspoken.quality.queries import names_of
from plainspoken.ui.shapes import Act

from .reading import Reading

SESSIONS = 10


def sections(reading: Reading, agent: UUID, *, propose_url: str) -> dict[str, Any]:
    """Everything about one agent that both may see; inside the reader's session."""
    house = reading.organisation
    now = clock.now(house)
    found = working.to_work_on(organisation=house, agent=agent, now=now)
    ledger.enter_read(
        place="quality.Evaluation",
        rows=sum(one.evaluations for one in found),
        by=reading.actor,
        subject=agent,
        about=f"subject:{agent}",
    )
    return {
        "found": [_found(reading, one, propose_url) for one in found],
        "least": LEAST,
        "days": measuring.PERIOD.days,
        **_goals(reading, agent),
        "sessions": _sessions(reading, agent),
        "thanks": _thanks(reading, agent),
        "months": measuring.months(organisation=house, agent=agent),
        "propose_url": propose_url,
        "mine": agent == reading.membership.subject_id,
    }


def _found(reading: Reading, one: working.Found, propose_url: str) -> dict[str, Any]:
    return {
        "title": shapes.MAKERS[one.made_by],
        "evaluations": shapes.count(one.evaluations),
        "enough": one.enough,
        "missing": max(0, LEAST - one.evaluations),
        "work": [
            {
                "question": work.question,
                "rate": shapes.rate(work.weakness.own),
                "percent": shapes.percent(work.weakness.own.rate),
                "change": shapes.difference(work.change, before="in the 90 days before"),
                "propose_url": f"{propose_url}?about={'/'.join(work.key)}",
                "examples": [_example(reading, example) for example in work.examples],
            }
            for work in one.work
        ],
    }


def _example(reading: Reading, one: working.Example) -> dict[str, Any]:
    show = reverse("conversations:show", args=[one.conversation])
    return {
        "title": one.title,
        "when": one.when,
        "share": shapes.percent(one.share),
        "second": one.second if one.spoken else None,
        "spoken": one.spoken,
        "url": reading.address(show, t=int(one.second or 0)) if one.heard else "",
        "evaluation_url": reverse("quality:evaluation", args=[one.evaluation]),
    }


def names(reading: Reading, actors: Iterable[str]) -> dict[str, str]:
    """What people are called; the reader is "you"."""
    return {**names_of({one for one in actors if one}), str(reading.actor): "you"}


def goals_of(reading: Reading, rows: list[Goal]) -> list[dict[str, Any]]:
    """Goals as a list shows them."""
    house = reading.organisation
    found = queries.measured(rows, now=clock.now(house), today=goal_services.today(house))
    called = names(reading, [one for row in rows for one in (row.proposed_by, row.agreed_by)])
    return [
        {
            **shapes.goal(one, names=called),
            "asks": access.allowed(lambda row=one.row: access.check_answer_goal(row, reading.actor)),  # type: ignore[misc]
        }
        for one in found
    ]


def _goals(reading: Reading, agent: UUID) -> dict[str, Any]:
    rows = Goal.objects.filter(organisation_id=reading.organisation, agent_id=agent).select_related("form")
    open_ones = list(rows.filter(state__in=OPEN).order_by("due_on", "id")[: queries.MANY])
    over = list(rows.exclude(state__in=OPEN).order_by("-ended_at", "id")[: queries.MANY])
    return {"goals": goals_of(reading, open_ones), "past_goals": goals_of(reading, over)}


def _sessions(reading: Reading, agent: UUID) -> list[dict[str, Any]]:
    rows = CoachingSession.objects.filter(organisation_id=reading.organisation, agent_id=agent)
    found = list(rows.order_by("-at", "id")[:SESSIONS])
    called = names(reading, [one.coach for one in found])
    return [shapes.session(one, coach=called[one.coach]) for one in found]


def _thanks(reading: Reading, agent: UUID) -> list[dict[str, Any]]:
    found = queries.thanks_to(agent, organisation=reading.organisation)
    called = names(reading, [row.by for row, _ in found])
    return [
        {
            "text": text,
            "by": called[row.by],
            "at": row.at,
            "about": _about(reading, row.conversation_id, row.goal_id),
            "remove": Act(reverse("coaching:unthank", args=[row.id]), "Remove", icon="trash")
            if access.allowed(lambda row=row: access.check_take_back(row, reading.actor))  # type: ignore[misc]
            else None,
        }
        for row, text in found
    ]


def _about(reading: Reading, conversation: UUID | None, goal: UUID | None) -> dict[str, str] | None:
    if goal:
        return {"text": "a goal", "url": reverse("coaching:goal", args=[goal])}
    if conversation:
        show = reverse("conversations:show", args=[conversation])
        return {"text": "a conversation", "url": reading.address(show)}
    return None
