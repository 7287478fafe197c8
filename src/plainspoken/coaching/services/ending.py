"""How it ends: words about a conversation with the conversation, a clip of the library with either of its people."""

from django.db.models import QuerySet

from plainspoken.coaching.models import Excerpt, LibraryClip
from plainspoken.conversations.models import Conversation
from plainspoken.conversations.services.leaving import Leaving, Manner, Part
from plainspoken.custody import keys
from plainspoken.custody.acts import context
from plainspoken.custody.keys import KeyGone


class _Excerpts(Part[Excerpt]):
    """Words about a conversation. Who of several customers they are about nobody can tell, so all of them end."""

    model = Excerpt

    def rewrite(self, row: Excerpt, leaving: Leaving, conversation: Conversation) -> None:
        if leaving.manner == Manner.PART or conversation.content_key is None:
            raise KeyGone("These words may be about the one who leaves.")
        place = context(row, "text")
        plain = keys.content_sealer(row.content_key).open(bytes(row.text), context=place)
        row.content_key = conversation.content_key
        row.text = keys.content_sealer(row.content_key).seal(plain, context=place)
        row.save()


class _Clips(Part[LibraryClip]):
    """Only its ending by time is asked here. Whoever leaves, customer or agent, takes the whole row along."""

    model = LibraryClip

    def rows(self, leaving: Leaving) -> "QuerySet[LibraryClip]":
        return LibraryClip.objects.filter(conversation_id=leaving.conversation)


EXCERPTS, CLIPS = _Excerpts(), _Clips()
