"""A person overrules the rules on one part of a turn: it is shown to everybody, or hidden from everybody.

The raw words carry the decision, so that it outlives every later run of the rules; text, sound copy, index and
title follow at once, because the conversation is redacted anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args
from uuid import UUID

from plainspoken.conversations import services as conversations
from plainspoken.conversations.queries import customers_of
from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.acts import context
from plainspoken.custody.sessions import purpose
from plainspoken.kernels.redaction import Type
from plainspoken.kernels.redaction.cases import case_of
from plainspoken.transcripts import segments
from plainspoken.transcripts.models import Overruling, Transcript, Turn, Words
from plainspoken.transcripts.segments import Decision, Said

from .redacting import redact
from .storing import keep, locked, raw

HIDDEN_AS = (*get_args(Type), "OTHER")


class CannotOverrule(ValueError):
    """The part cannot be shown or hidden; the sentence says why."""


@dataclass(frozen=True)
class Overruled:
    """What was decided: the row of the history and the ledger's entry."""

    row: UUID
    entry: UUID


def show(*, conversation: UUID, organisation: UUID, n: int, reason: str, by: Actor) -> Overruled:
    """Leave the removed part with this number in the text, the sound and the index from now on.

    Raises CannotOverrule, NoConversation, KeyGone. The caller checks `queries.may_overrule`.
    """
    with purpose("ingest.write", organisation=organisation, by=by):
        opened = _open(conversation, reason)
        for ordinal, said in enumerate(opened.said):
            for number, start, end in said.removed:
                if number == n:
                    return opened.decide(ordinal, start, end, shown=True, kind="", by=by)
    raise CannotOverrule("This part is not removed any more. Load the page again.")


def hide(
    *,
    conversation: UUID,
    organisation: UUID,
    ordinal: int,
    first: int,
    last: int,
    kind: str = "OTHER",
    reason: str,
    by: Actor,
) -> Overruled:
    """Remove the pieces `first` to `last` (both included, as the turn lists them) of the turn with this ordinal.

    `kind`: a type of `kernels.redaction`, or OTHER. Raises as `show`.
    """
    if kind not in HIDDEN_AS:
        raise CannotOverrule(f"There is no kind {kind}. Choose one of the list.")
    with purpose("ingest.write", organisation=organisation, by=by):
        opened = _open(conversation, reason)
        if not 0 <= ordinal < len(opened.said):
            raise CannotOverrule("There is no such turn any more. Load the page again.")
        said = opened.said[ordinal]
        places = segments.places(said.text, sorted(said.removed, key=lambda cut: cut[1]))
        if not 0 <= first <= last < len(places):
            raise CannotOverrule("There are no such words in this turn. Load the page again.")
        return opened.decide(ordinal, places[first][0], places[last][1], shown=False, kind=kind, by=by)


@dataclass(frozen=True)
class _Opened:
    """A conversation's raw words, locked, and why somebody changes what is removed from them."""

    conversation: UUID
    held: conversations.Held
    transcript: Transcript
    said: Sequence[Said]
    reason: str

    def decide(self, ordinal: int, start: int, end: int, *, shown: bool, kind: str, by: Actor) -> Overruled:
        said = self.said[ordinal]
        _check(said, start, end, shown=shown)
        turn = Turn.objects.get(transcript=self.transcript, ordinal=ordinal)
        cut = _cut_at(said, turn, start, end)
        kind = kind or (cut["type"] if cut else "OTHER")
        rule = str(cut["reason"]) if cut else ""
        row = Overruling(
            organisation_id=self.held.organisation,
            transcript=self.transcript,
            ordinal=ordinal,
            shown=shown,
            type=kind,
            rule=rule[:120],
            content_key_id=self.held.content_key,
            case=_case(said, turn, start, end, shown=shown, kind=kind, rule=rule),
            by=str(by),
            at=clock.now(self.held.organisation),
        )
        row.reason = self.held.sealer.seal_text(self.reason, context=context(row, "reason"))
        row.save(force_insert=True)
        decided = replace(said, decided=(*said.decided, Decision(start, end, shown, kind, str(row.id))))
        words = [decided if place == ordinal else item for place, item in enumerate(self.said)]
        keep(self.transcript, words, key=self.held.content_key, sealer=self.held.sealer)
        entry = self._entered(row, by)
        redact(conversation=self.conversation, by=by)
        return Overruled(row.id, entry)

    def _entered(self, row: Overruling, by: Actor) -> UUID:
        """One entry for each customer, as for a look."""
        subjects = customers_of(self.conversation)
        entries = [
            ledger.enter(
                act="redaction.shown" if row.shown else "redaction.hidden", subject=subject,
                about=f"conversation:{self.conversation}", by=by,
                detail={"type": row.type, "turn": row.ordinal, "overruling": str(row.id)},
            )
            for subject in (*subjects, *([] if subjects else [None]))
        ]  # fmt: skip
        return entries[0]


def _open(conversation: UUID, reason: str) -> _Opened:
    if not reason.strip():
        raise CannotOverrule("Say in one sentence why.")
    held = locked(conversation)
    transcript = Transcript.objects.filter(conversation_id=conversation, state=Transcript.State.READY).first()
    words = Words.objects.select_related("content_key").filter(transcript=transcript).first()
    if transcript is None or words is None:
        raise CannotOverrule("The words of this conversation are not ready yet. Try again later.")
    return _Opened(conversation, held, transcript, raw(words), reason.strip())


def _check(said: Said, start: int, end: int, *, shown: bool) -> None:
    if said.gone or start >= end:
        raise CannotOverrule("There are no words here to show or hide.")
    if shown and any(part.start < end and start < part.end for part in said.lost):
        raise CannotOverrule("We keep no card security codes, so there is nothing to show.")


def _cut_at(said: Said, turn: Turn, start: int, end: int) -> dict[str, str] | None:
    """The cut that the rules made here, as the turn has it."""
    numbers = {n for n, first, last in said.removed if first < end and start < last}
    return next((cut for cut in turn.cuts if cut["n"] in numbers), None)


def _case(
    said: Said, turn: Turn, start: int, end: int, *, shown: bool, kind: str, rule: str
) -> dict[str, object]:
    """Its shape, with labels over every other part."""
    types = {cut["n"]: cut["type"] for cut in turn.cuts}
    others = [
        (first, last, types.get(n, "PERSON"))
        for n, first, last in sorted(said.removed, key=lambda cut: cut[1])
        if last <= start or end <= first
    ]
    text, at, begin, finish = "", 0, start, end
    for first, last, other in others:
        label = segments.label(other)
        text += said.text[at:first] + label
        shift = len(label) - (last - first)
        begin += shift if last <= start else 0
        finish += shift if last <= start else 0
        at = last
    text += said.text[at:]
    return case_of(text, begin, finish, shown=shown, kind=kind, rule=rule).as_dict()
