"""What quality adds to the search of conversations: the provider that `conversations.ports` asks."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from plainspoken.conversations.models import Conversation
from plainspoken.conversations.ports import Scored, ScoresHidden
from plainspoken.custody.places import place
from plainspoken.custody.sessions import required

from . import queries
from .models import Evaluation
from .states import SHOWN_TO_AGENT

HIDDEN = "Evaluations are not for this purpose. Choose another purpose to search by scores."


class EvaluatedConversations:
    """Implements `conversations.ports.Scores`. Only evaluations that their agent may see count, so that nobody learns
    from a list what nobody has told the agent.
    """

    def matching(
        self, *, human: Scored, automatic: Scored, agent: UUID | None
    ) -> "QuerySet[Conversation, UUID]":
        if not may_see():
            raise ScoresHidden(HIDDEN)
        rows = Conversation.objects.filter(organisation_id=required().organisation)
        for wanted, made_by in ((human, Evaluation.MadeBy.PERSON), (automatic, Evaluation.MadeBy.AUTOMATIC)):
            if wanted.asked:
                rows = rows.filter(id__in=_evaluated(wanted, made_by, agent).values("conversation_id"))
        return rows.order_by("-started_at", "id").values_list("id", flat=True)

    def questions(self) -> Sequence[tuple[str, str]]:
        if not may_see():
            return ()
        found: dict[str, str] = {}
        for version in queries.published(organisation=required().organisation):
            found |= {question.id: question.text for question in queries.form_of(version).questions}
        return sorted(found.items(), key=lambda one: one[1])


def may_see() -> bool:
    """Whether the purpose in force may see evaluations, as they are declared."""
    return required().purpose in place("quality.Evaluation").purposes


def _evaluated(wanted: Scored, made_by: str, agent: UUID | None) -> "QuerySet[Evaluation]":
    rows = Evaluation.objects.filter(
        organisation_id=required().organisation, made_by=made_by, state__in=SHOWN_TO_AGENT
    )
    given: dict[str, Any] = {
        "percent__gt": wanted.over,
        "percent__lt": wanted.under,
        "passed": wanted.passed,
        "agent_id": agent,
    }
    rows = rows.filter(**{name: value for name, value in given.items() if value is not None})
    for question, value in wanted.answers:
        if value == queries.NOT_APPLICABLE:
            rows = rows.filter(answers__question=question, answers__not_applicable=True)
        else:
            rows = rows.filter(answers__question=question, answers__value__iexact=value)
    return rows
