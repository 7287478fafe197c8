"""Copies for the people concerned (GDPR Art. 15): words about a conversation, and what is asked about an agent."""

from collections.abc import Iterator
from uuid import UUID

from plainspoken.conversations.services.copying import hides_others
from plainspoken.conversations.wording import MASKED_OTHERS
from plainspoken.custody.places import Copied
from plainspoken.kernels.redaction import detect, mask
from plainspoken.quality.models import Comment
from plainspoken.quality.words import opened

from .ending import assignments


def copy_comments(subject: UUID) -> Iterator[Copied]:
    """Agents see the words about them, without identifiers, which may be a customer's. Customers see that something was written, and when: the words judge a
    colleague's work, and may name them (GDPR Art. 15(4)).
    """
    rows = (
        Comment.objects.filter(conversation__participations__subject_id=subject)
        | Comment.objects.filter(evaluation__agent_id=subject)
    ).distinct()
    for row in rows.select_related("content_key", "evaluation").order_by("at", "id").iterator(chunk_size=200):
        about_them = row.evaluation.agent_id == subject
        masked = {}
        values = {"kind": row.get_kind_display(), "at_s": row.at_s, "written_at": row.at}
        if not about_them and hides_others():
            masked["text"] = MASKED_OTHERS
        else:
            text = opened(row)
            values["text"] = mask(text, detect(text)).text if hides_others() else text
        if about_them:
            values["question"] = row.question
        yield Copied(row=str(row.id), values=values, masked=masked)


def copy_assignments(subject: UUID) -> Iterator[Copied]:
    """What of an agent's work, or of a customer's conversations, somebody is asked to evaluate."""
    for row in assignments(subject).order_by("made_at", "id"):
        yield Copied(
            row=str(row.id), values={"state": row.state, "asked_at": row.made_at, "due_at": row.due_at}
        )
