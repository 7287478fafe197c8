"""Copies for the people concerned (GDPR Art. 15): an agent's goals, sessions, notes and thanks; a customer's clips."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from plainspoken.coaching import measuring
from plainspoken.coaching.models import Excerpt, Goal, LibraryClip
from plainspoken.coaching.words import own_text, text_of
from plainspoken.conversations.models import Participation
from plainspoken.conversations.queries import reference
from plainspoken.conversations.services.copying import hides_others
from plainspoken.conversations.wording import MASKED_OTHERS
from plainspoken.custody.places import Copied
from plainspoken.custody.sessions import required
from plainspoken.kernels.redaction import detect, mask


def copy_goals(subject: UUID) -> Iterator[Copied]:
    """An agent's goals: what was agreed, and what was measured before and since."""
    rows = list(Goal.objects.filter(agent_id=subject).order_by("proposed_at", "id"))
    if not rows:
        return
    texts = measuring.questions(required().organisation)
    for row in rows:
        yield Copied(
            row=str(row.id),
            values={
                "question": texts.get((str(row.form_id), row.question), row.question),
                "answered_by": row.get_made_by_display(),
                "target_percent": row.target,
                "starts_on": row.starts_on,
                "due_on": row.due_on,
                "state": row.get_state_display(),
                "words": own_text(row, agent=subject),
                "proposed_at": row.proposed_at,
                "agreed_at": row.agreed_at,
                "ended_at": row.ended_at,
                "before": _measure(row.base_n, row.base_earned),
                "since": _measure(row.since_n, row.since_earned),
            },
            masked={"by": MASKED_OTHERS},
        )


def _measure(n: int | None, earned: float | None) -> str | None:
    return None if n is None else f"{earned:g} of {n} evaluations"


def copy_excerpts(subject: UUID) -> Iterator[Copied]:
    """An agent sees the words about them, without identifiers, which may be a customer's. A customer sees that
    something was written, and when: the words judge a colleague's work, and may name them (GDPR Art. 15(4)).
    """
    rows = (
        Excerpt.objects.filter(conversation__participations__subject_id=subject)
        .distinct()
        .select_related("content_key", "session", "recognition")
    )
    for row in rows.order_by("at", "id").iterator(chunk_size=200):
        about = (row.session and row.session.agent_id) or (row.recognition and row.recognition.agent_id)
        values: dict[str, Any] = {
            "conversation": reference(row.conversation_id),
            "start_s": row.start_s,
            "end_s": row.end_s,
            "written_at": row.at,
        }
        masked = {"by": MASKED_OTHERS}
        if about == subject or not hides_others():
            text = text_of(row)
            values["text"] = mask(text, detect(text)).text if hides_others() else text
        else:
            masked["text"] = MASKED_OTHERS
        yield Copied(row=str(row.id), values=values, masked=masked)


def copy_clips(subject: UUID) -> Iterator[Copied]:
    """Stretches of their conversations in the library, its words for a customer; an agent's own yes or no."""
    rows = LibraryClip.objects.filter(conversation__participations__subject_id=subject).distinct()
    for row in rows.select_related("content_key").order_by("at", "id"):
        customer = Participation.objects.filter(
            conversation_id=row.conversation_id, subject_id=subject, role=Participation.Role.CUSTOMER
        ).exists()
        values: dict[str, Any] = {
            "conversation": reference(row.conversation_id),
            "start_s": row.start_s,
            "end_s": row.end_s,
            "put_there_at": row.at,
            "state": row.get_state_display(),
        }
        masked = {"by": MASKED_OTHERS}
        if row.agent_id == subject:
            values["decided_at"] = row.decided_at
        if row.agent_id == subject or customer:
            values["title"] = text_of(row, "title")
        if row.agent_id == subject:
            values["text"] = text_of(row)
        else:
            masked["text"] = MASKED_OTHERS
        yield Copied(row=str(row.id), values=values, masked=masked)
