"""How it ends: words with the conversation, an evaluation with its agent or by its own time."""

from uuid import UUID

from django.db.models import Q, QuerySet

from plainspoken.conversations.models import Conversation, Participation
from plainspoken.conversations.services.leaving import STAFF_STAYS, Leaving, Manner, Part
from plainspoken.custody import keys
from plainspoken.custody.actors import Actor
from plainspoken.custody.acts import context
from plainspoken.custody.keys import KeyGone
from plainspoken.custody.places import Ending, Kept
from plainspoken.custody.sessions import required
from plainspoken.policies.queries import rule
from plainspoken.quality.access import PURPOSE
from plainspoken.quality.models import Answer, Assignment, Comment, Dispute, Evaluation


class _Words(Part[Comment]):
    """Words about a conversation. Who of several customers they are about nobody can tell, so all of them end."""

    model = Comment

    def rewrite(self, row: Comment, leaving: Leaving, conversation: Conversation) -> None:
        if leaving.manner == Manner.PART or row.content_key is None or conversation.content_key is None:
            raise KeyGone("These words may be about the one who leaves.")
        place = context(row, "text")
        plain = keys.content_sealer(row.content_key).open(bytes(row.text), context=place)
        row.content_key = conversation.content_key
        row.text = keys.content_sealer(row.content_key).seal(plain, context=place)
        row.save()


WORDS = _Words()


# ---- what is asked of somebody ----


def assignments(subject: UUID) -> "QuerySet[Assignment]":
    """Those about an agent, and those about a customer's conversations."""
    theirs = Participation.objects.filter(subject_id=subject, role=Participation.Role.CUSTOMER)
    return Assignment.objects.filter(
        Q(agent_id=subject) | Q(conversation_id__in=theirs.values("conversation_id"))
    )


# ---- what is about an agent ----


def _stays() -> bool:
    """Whether the policy's ground for evaluating staff keeps an evaluation without its agent (GDPR Art. 17(3)(b))."""
    purposes = rule(organisation=required().organisation, clause="use.purposes").purposes
    evaluating = purposes.get(PURPOSE)
    return evaluating is not None and evaluating.basis.get("staff") in STAFF_STAYS


def plan_evaluations(subject: UUID, found: int) -> Ending:
    """Evaluations about an agent end; on a ground that the law gives they stay as measures about nobody."""
    if not _stays():
        return Ending(count=found, verb="erase")
    kept = Kept(count=found, reason="legal-obligation: what was measured, without your name", until="")
    return Ending(count=found, verb="unlink", kept=(kept,))


def erase_evaluations(subject: UUID, by: Actor) -> Ending:
    """Answers, words and disputes go with the evaluation; what stays loses its agent and their words."""
    rows = Evaluation.objects.filter(agent_id=subject)
    planned = plan_evaluations(subject, rows.count())
    if not _stays():
        rows.delete()
        return planned
    Comment.objects.filter(evaluation__in=rows).filter(
        Q(kind=Comment.Kind.REASON) | Q(content_key=None)
    ).delete()
    rows.update(agent=None)
    return planned


def plan_parts(subject: UUID, found: int) -> Ending:
    """Answers and disputes end with their evaluation, or stay with it."""
    return Ending(count=0 if _stays() else found, verb="erase")


def erase_answers(subject: UUID, by: Actor) -> Ending:
    """Delete the answers about an agent, unless the evaluation stays without them."""
    return _erase_parts(Answer, subject)


def erase_disputes(subject: UUID, by: Actor) -> Ending:
    """Delete the disputes of an agent, unless the evaluation stays without them."""
    return _erase_parts(Dispute, subject)


def _erase_parts(model: type[Answer] | type[Dispute], subject: UUID) -> Ending:
    if _stays():
        return Ending(count=0, verb="erase")
    rows = model._default_manager.filter(evaluation__agent_id=subject)
    count = rows.count()
    rows.delete()
    return Ending(count=count, verb="erase")
