"""Sealed words of coaching: about somebody's work with their own key, about a conversation with its key."""

from uuid import UUID

from plainspoken.conversations.models import Conversation
from plainspoken.conversations.typed import cleaned
from plainspoken.custody import keys
from plainspoken.custody.acts import context
from plainspoken.custody.keys import KeyGone
from plainspoken.custody.models import ContentKey

from .models import Excerpt, Goal, LibraryClip, Recognition, SessionNote

LONGEST, LONGEST_TITLE = 2000, 120
GONE = "These words were erased."
Own = Goal | SessionNote | Recognition


class WordsRefused(ValueError):
    """The words cannot be kept; the message says why."""


def checked(text: str, *, most: int = LONGEST) -> str:
    """The words as they are kept, without numbers and addresses of people. Raises WordsRefused."""
    if len(text) > most:
        raise WordsRefused(f"This is too long. Use {most} characters at most.")
    kept = cleaned(text, most=most)
    if not kept:
        raise WordsRefused("Write at least a word.")
    return kept


def seal_own(row: Own, text: str, *, agent: UUID) -> None:
    """Seal words about somebody's work into `row.text`."""
    row.text = keys.subject_sealer(agent).seal_text(checked(text), context=context(row, "text"))


def own_text(row: Own, *, agent: UUID) -> str:
    """The words, empty where there are none; a sentence in their place where their key is gone."""
    if row.text is None:
        return ""
    try:
        return keys.subject_sealer(agent).open_text(bytes(row.text), context=context(row, "text"))
    except KeyGone:
        return GONE


def key_of(conversation: UUID) -> ContentKey:
    """The content key, with a share of the lock that an erasure takes. Raises KeyGone."""
    rows = Conversation.objects.select_for_update(of=("self",), no_key=True).select_related("content_key")
    found = rows.filter(id=conversation).first()
    if found is None or found.content_key is None:
        raise KeyGone("This conversation was erased.")
    return found.content_key


def seal(row: Excerpt | LibraryClip, column: str, text: str) -> None:
    """Seal words about a conversation; `row.content_key` is set."""
    sealed = keys.content_sealer(row.content_key).seal_text(text, context=context(row, column))
    setattr(row, column, sealed)


def text_of(row: Excerpt | LibraryClip, column: str = "text") -> str:
    """The words; a sentence in their place where their key is gone."""
    try:
        return keys.content_sealer(row.content_key).open_text(
            bytes(getattr(row, column)), context=context(row, column)
        )
    except KeyGone:
        return GONE
