"""What came with a conversation beside its facts: kept sealed with it, read again, ended with it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from plainspoken.conversations.models import Conversation, Participation
from plainspoken.conversations.queries import reference
from plainspoken.conversations.services.copying import hides_others
from plainspoken.conversations.services.leaving import Leaving, Part
from plainspoken.conversations.wording import MASKED_OTHERS
from plainspoken.custody import keys
from plainspoken.custody.acts import context
from plainspoken.custody.asking import Asked, each
from plainspoken.custody.keys import KeyGone
from plainspoken.custody.places import Copied

from .basis import Basis, merged
from .models import Origin


@dataclass(frozen=True)
class Came:
    """The lawful basis of a conversation, where one came, and its legs in seconds from its start."""

    basis: Basis | None
    legs: tuple[tuple[float, float], ...]
    messages: frozenset[str] = frozenset()


NOTHING = Came(None, ())


def keep(
    row: Conversation,
    *,
    basis: Basis | None = None,
    legs: Sequence[tuple[float, float]] = (),
    messages: Sequence[str] = (),
) -> None:
    """Keep what came with a conversation, in the transaction in which it arrives.

    `messages`: digests of the mails that it is made of. Of one that is here already, a new lawful basis joins those
    that came before: the strictest of them counts.
    """
    if row.content_key is None or not (basis or legs or messages):
        return
    origin = Origin.objects.select_related("content_key").filter(conversation=row).first()
    body = dict(_opened(origin)) if origin else {"lawful_basis": [], "legs": [], "messages": []}
    bodies = list(basis.bodies) if basis else []
    added = [one for one in bodies if one not in body["lawful_basis"]]
    if origin and not added:
        return
    body["lawful_basis"] += added
    if origin is None:
        origin = Origin(organisation_id=row.organisation_id, conversation=row, content_key=row.content_key)
        body |= {"legs": [list(leg) for leg in legs], "messages": list(messages)}
    ends = merged(body["lawful_basis"]).expires if body["lawful_basis"] else None
    origin.expires_at = ends
    sealer = keys.content_sealer(origin.content_key)
    origin.body = sealer.seal_text(json.dumps(body, ensure_ascii=False), context=context(origin, "body"))
    origin.save()


def came_with(conversation: UUID) -> Came:
    """What came with a conversation, opened; nothing where nothing did. Raises KeyGone after an erasure."""
    row = Origin.objects.select_related("content_key").filter(conversation_id=conversation).first()
    if row is None:
        return NOTHING
    body = _opened(row)
    bodies = body["lawful_basis"]
    legs = tuple((float(start), float(end)) for start, end in body["legs"])
    return Came(merged(bodies) if bodies else None, legs, frozenset(body["messages"]))


def legs_of(conversation: UUID) -> tuple[tuple[float, float], ...]:
    """The legs of a conversation in seconds from its start; none where none came, or their key is gone."""
    try:
        return came_with(conversation).legs
    except KeyGone:
        return ()


def _opened(row: Origin) -> Mapping[str, Any]:
    text = keys.content_sealer(row.content_key).open_text(bytes(row.body), context=context(row, "body"))
    found: Mapping[str, Any] = json.loads(text)
    return found


class _Origins(Part[Origin]):
    model = Origin

    def rewrite(self, row: Origin, leaving: Leaving, conversation: Conversation) -> None:
        """Sealed anew: what allows the others' conversation stays as long as it does."""
        if conversation.content_key is None:
            raise KeyGone("The conversation has no key any more.")
        place = context(row, "body")
        plain = keys.content_sealer(row.content_key).open(bytes(row.body), context=place)
        row.content_key = conversation.content_key
        row.body = keys.content_sealer(row.content_key).seal(plain, context=place)
        row.save()


ORIGINS = _Origins()


def _about(subject: UUID):  # type: ignore[no-untyped-def]
    from plainspoken.custody import acts
    from plainspoken.custody.places import place

    return acts.about(place("exchange.Origin"), [subject]).select_related("content_key")


_ASKED = Asked(_about)


def copy_origins(subject: UUID) -> Iterator[Copied]:
    """The lawful basis as it came with each conversation, for the customers whose it is."""
    own = Participation.objects.filter(subject_id=subject, role=Participation.Role.CUSTOMER)
    theirs = set(own.values_list("conversation_id", flat=True))
    for row in each(_ASKED(subject)):
        body = _opened(row)
        values = {
            "conversation": reference(row.conversation_id),
            "legs": len(body["legs"]),
            "expires_at": row.expires_at,
        }
        masked = {}
        if hides_others() and row.conversation_id not in theirs:
            masked["lawful_basis"] = MASKED_OTHERS
        else:
            values["lawful_basis"] = json.dumps(body["lawful_basis"], ensure_ascii=False)
        yield Copied(row=str(row.id), values=values, masked=masked)
