"""Reads: forms, evaluations that somebody may see, their answers and words, work to do."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from json import dumps
from uuid import UUID

from django.db.models import Count, QuerySet

from plainspoken.conversations import ports
from plainspoken.conversations.models import Conversation, Participation
from plainspoken.conversations.queries import FORMER, agent_names, collected_for, title_of
from plainspoken.custody.actors import Actor
from plainspoken.kernels import quality as kernel
from plainspoken.people.models import Account, Membership
from plainspoken.policies.queries import may_read_for

from .access import ANALYSTS, PURPOSE, is_analyst, member
from .models import Answer, Assignment, Comment, Evaluation, Form, FormVersion
from .states import SHOWN_TO_AGENT
from .words import opened

NOT_APPLICABLE = "-"
MANY = 50


class NoSuchRow(LookupError):
    """There is no such form, evaluation, plan or session for who asks."""


class FormChanged(ValueError):
    """A published form is not what was published: somebody changed it past the program."""


# ---- forms ----


def form_of(version: FormVersion) -> kernel.Form:
    """What a published or retired version asks. Raises FormChanged where it differs from what was published."""
    form = _parsed(dumps(version.content, sort_keys=True))
    if version.digest and kernel.digest(form) != version.digest:
        raise FormChanged(
            f"Version {version.number} of this form is not what was published. Look into the ledger."
        )
    return form


@lru_cache(maxsize=64)
def _parsed(content: str) -> kernel.Form:
    return kernel.parse(content)


def versions(*, organisation: UUID, form: UUID | None = None) -> "QuerySet[FormVersion]":
    """Versions of one form or of all, newest first."""
    rows = FormVersion.objects.filter(organisation_id=organisation).select_related("form")
    return (rows.filter(form_id=form) if form else rows).order_by("form__title", "form_id", "-number")


def published(*, organisation: UUID) -> "QuerySet[FormVersion]":
    """The version in use of each form, by title."""
    return versions(organisation=organisation).filter(state=FormVersion.State.PUBLISHED)


def forms(*, organisation: UUID) -> "QuerySet[Form]":
    """Every form, by title."""
    return Form.objects.filter(organisation_id=organisation).order_by("title", "made_at")


def usage(*, organisation: UUID) -> dict[UUID, int]:
    """How many evaluations each form has, drafts too."""
    rows = Evaluation.objects.filter(organisation_id=organisation)
    return dict(rows.order_by().values_list("version__form_id").annotate(Count("id")))


# ---- people ----


def names_of(actors: Collection[str]) -> dict[str, str]:
    """What people who act are called; programs by their own name."""
    accounts = {one.partition(":")[2] for one in actors if one.startswith("person:")}
    known = {
        f"person:{key}": name
        for key, name in Account.objects.filter(id__in=accounts).values_list("id", "name")
    }
    return {
        one: known.get(one) or (FORMER if one.startswith("person:") else one.partition(":")[2])
        for one in actors
    }


def analysts(*, organisation: UUID) -> list[Membership]:
    """Everybody who may evaluate here, by name."""
    if not any(may_read_for(role, PURPOSE, organisation=organisation) for role in ANALYSTS):
        return []
    rows = Membership.objects.filter(organisation_id=organisation, role__in=ANALYSTS, ended_at=None)
    return list(rows.select_related("account").order_by("account__name", "id"))


def agents_in(conversation: UUID) -> list[UUID]:
    """The agents of a conversation who can be evaluated, in order."""
    rows = Participation.objects.filter(
        conversation_id=conversation, role=Participation.Role.AGENT, subject__isnull=False
    )
    return [subject for subject in rows.order_by("position").values_list("subject_id", flat=True) if subject]


def titles(rows: Collection[Conversation]) -> dict[UUID, str]:
    """What conversations are called: by their redacted subject line, else by queue and time."""
    found = ports.words().summaries([row.id for row in rows])
    return {row.id: title_of(row, found[row.id].title if row.id in found else "") for row in rows}


def conversation(*, organisation: UUID, id: UUID) -> Conversation:
    """A conversation that may be evaluated for the purpose in force. Raises NoSuchRow."""
    rows = collected_for(Conversation.objects.filter(organisation_id=organisation, erased_at=None))
    found = rows.filter(id=id).first()
    if found is None:
        raise NoSuchRow("There is no such conversation here for this purpose. It may have been erased.")
    return found


# ---- evaluations ----


def visible_to(by: Actor, *, organisation: UUID) -> "QuerySet[Evaluation]":
    """Evaluations that somebody may see: analysts all, agents those about them that were released."""
    rows = Evaluation.objects.filter(organisation_id=organisation).select_related(
        "version__form", "conversation"
    )
    if is_analyst(by, organisation=organisation):
        return rows
    found = member(by, organisation=organisation)
    if found is None or found.subject_id is None or found.role != Membership.Role.AGENT:
        return rows.none()
    return rows.filter(agent_id=found.subject_id, state__in=SHOWN_TO_AGENT)


def evaluation(*, organisation: UUID, id: UUID, by: Actor) -> Evaluation:
    """One evaluation. Raises NoSuchRow: what is not theirs is not there."""
    found = visible_to(by, organisation=organisation).filter(id=id).first()
    if found is None:
        raise NoSuchRow("There is no such evaluation here. Look in the list.")
    return found


def answers_of(row: Evaluation) -> dict[str, kernel.Answer]:
    """The answers with their words opened."""
    found = {
        one.question: kernel.Answer(one.value, one.not_applicable)
        for one in Answer.objects.filter(evaluation=row)
    }
    for words in comments_of(row, Comment.Kind.ANSWER):
        found[words.question] = kernel.Answer(opened(words))
    return found


def comments_of(row: Evaluation, *kinds: Comment.Kind) -> list[Comment]:
    """Words beside an evaluation, by second, those without a second last; sealed."""
    rows = Comment.objects.filter(evaluation=row, kind__in=kinds or Comment.Kind.values)
    return sorted(
        rows.select_related("content_key", "evaluation"),
        key=lambda one: (one.at_s is None, one.at_s or 0.0, one.at),
    )


def asked_by(row: Evaluation, answers: Mapping[str, kernel.Answer]) -> dict[str, kernel.Answer]:
    """The answers that the form takes: a version knows no question of another."""
    known = {question.id for question in form_of(row.version).questions}
    return {key: answer for key, answer in answers.items() if key in known}


@dataclass(frozen=True)
class Listed:
    """An evaluation as a list shows it."""

    row: Evaluation
    title: str
    agent: str
    evaluator: str


def listed(rows: Collection[Evaluation]) -> list[Listed]:
    """Evaluations with the names that a list shows."""
    agents = agent_names([row.agent_id for row in rows if row.agent_id])
    people = names_of([row.evaluator for row in rows])
    called = titles([row.conversation for row in rows])
    return [
        Listed(
            row=row,
            title=called[row.conversation_id],
            agent=agents.get(row.agent_id, FORMER) if row.agent_id else FORMER,
            evaluator=people[row.evaluator],
        )
        for row in rows
    ]


# ---- work ----


@dataclass(frozen=True)
class Work:
    """An open assignment as a list shows it."""

    row: Assignment
    title: str
    agent: str
    started: datetime
    draft: UUID | None
    late: bool


def work_of(by: Actor, *, organisation: UUID, now: datetime) -> list[Work]:
    """What somebody is asked to evaluate, soonest first."""
    rows = list(
        Assignment.objects.filter(
            organisation_id=organisation, evaluator=str(by), state=Assignment.State.OPEN
        )
        .filter(conversation__in=collected_for(Conversation.objects.filter(erased_at=None)))
        .select_related("conversation", "version__form")
        .order_by("due_at", "id")[:MANY]
    )
    drafts = dict(
        Evaluation.objects.filter(assignment__in=rows, state="draft", evaluator=str(by)).values_list(
            "assignment_id", "id"
        )
    )
    agents = agent_names([row.agent_id for row in rows])
    called = titles([row.conversation for row in rows])
    return [
        Work(
            row=row,
            title=called[row.conversation_id],
            agent=agents.get(row.agent_id, FORMER),
            started=row.conversation.started_at,
            draft=drafts.get(row.id),
            late=row.due_at < now,
        )
        for row in rows
    ]


def waiting(by: Actor, *, organisation: UUID) -> "QuerySet[Evaluation]":
    """Evaluations on which an analyst must act: approve, release, decide; not their own where somebody else must."""
    return visible_to(by, organisation=organisation).filter(
        state__in=("submitted", "approved", "disputed", "appealed")
    )
