"""Whose is what was removed? For a copy, and for an erasure, a part of the words is somebody's own
or about others.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from plainspoken.conversations.models import Participation
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import required
from plainspoken.kernels.redaction import Known, detect
from plainspoken.transcripts.models import Turn
from plainspoken.transcripts.segments import Said

from .redacting import known

# What tells one person by itself. Of the rest (a card, an address), what the only customer is told is theirs.
TELLING = ("PERSON", "PHONE", "EMAIL", "IP", "UNCLEAR", "UNHEARD")
SHORTEST = 4


@dataclass(frozen=True)
class Owner:
    """One person in one conversation: where they stand, what is held of them, what of theirs was removed."""

    people: tuple[Participation, ...]
    positions: frozenset[int]
    sole_customer: bool
    known: Known
    own: frozenset[str]
    others: Known

    def said(self, item: Said) -> bool:
        """Whether they said it themselves, as far as is known."""
        return item.position in self.positions

    def owns(self, text: str, kind: str) -> bool:
        """Whether a removed part of another's words is about this person."""
        if any("known party" in span.reason for span in detect(text, known=self.known)):
            return True
        plain = _plain(text)
        if plain in self.own or any(len(plain) >= SHORTEST and plain in mine for mine in self.own):
            return True
        if any("known party" in span.reason for span in detect(text, known=self.others)):
            return False
        return self.sole_customer and kind not in TELLING


def owner(conversation: UUID, subject: UUID, said: Sequence[Said]) -> Owner:
    """What belongs to a subject in a conversation whose raw words are given."""
    return owners({conversation: said}, subject)[conversation]


def owners(said: Mapping[UUID, Sequence[Said]], subject: UUID) -> dict[UUID, Owner]:
    """What belongs to a subject in each of these conversations, asked together."""
    people = participations(said)
    region = Organisation.objects.values_list("phone_region", flat=True).get(id=required().organisation)
    held = known([subject], region=region)
    # Agents are the same few in many conversations: what is held of each group is read once.
    apart = {
        key: frozenset(row.subject_id for row in rows if row.subject_id and row.subject_id != subject)
        for key, rows in people.items()
    }
    others = {group: known(sorted(group), region=region) for group in set(apart.values())}
    return {key: _owner(people[key], subject, words, held, others[apart[key]]) for key, words in said.items()}


def participations(conversations: Collection[UUID]) -> dict[UUID, list[Participation]]:
    """Who took part in each of these conversations, in order."""
    people: dict[UUID, list[Participation]] = {key: [] for key in conversations}
    for row in Participation.objects.filter(conversation_id__in=people).order_by("position"):
        people[row.conversation_id].append(row)
    return people


def _owner(
    rows: Sequence[Participation], subject: UUID, said: Sequence[Said], held: Known, others: Known
) -> Owner:
    mine = [row for row in rows if row.subject_id == subject]
    customers = [row for row in rows if row.role == Participation.Role.CUSTOMER and row.subject_id]
    positions = frozenset(row.position for row in mine)
    return Owner(
        people=tuple(rows),
        positions=positions,
        sole_customer=len(customers) == 1 and customers[0].subject_id == subject,
        known=held,
        others=others,
        own=frozenset(
            _plain(item.text[start:end])
            for item in said
            if item.position in positions
            for _, start, end in item.removed
        )
        - {""},
    )


def kinds(turns: Sequence[Turn]) -> dict[int, str]:
    """The type of each removed part, by its number."""
    return {cut["n"]: cut["type"] for turn in turns for cut in turn.cuts}


def _plain(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return digits if len(digits) >= SHORTEST else re.sub(r"\W", "", text).casefold()
