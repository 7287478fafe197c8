"""Somebody mends what the recogniser wrote. The words are redacted anew, so nothing comes back by it."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from plainspoken.conversations import services as conversations
from plainspoken.conversations.models import Mark
from plainspoken.conversations.queries import customers_of
from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.acts import context
from plainspoken.custody.keys import content_sealer
from plainspoken.custody.sessions import purpose
from plainspoken.transcripts.mending import NotMended, mended, without_pauses
from plainspoken.transcripts.models import Correction, Overruling, Transcript, Turn, Words
from plainspoken.transcripts.segments import Said

from .redacting import redact
from .storing import keep, locked, raw

LONGEST = 5000


def correct(*, conversation: UUID, organisation: UUID, ordinal: int, text: str, by: Actor) -> Correction:
    """Put other words in place of those of a turn; labels of removed parts stay. Text, sound copy and index follow.

    Raises NotMended, NoConversation, KeyGone. The caller checks that the reader may see the conversation.
    """
    if len(text) > LONGEST:
        raise NotMended(f"A turn has at most {LONGEST} characters.")
    with purpose("ingest.write", organisation=organisation, by=by):
        held, transcript, said = _open(conversation)
        item = _turn(said, ordinal)
        turn = Turn.objects.get(transcript=transcript, ordinal=ordinal)
        types = {cut["n"]: cut["type"] for cut in turn.cuts}
        parts = sorted(item.removed, key=lambda cut: cut[1])
        changed = mended(item, text, [types.get(n, "OTHER") for n, _, _ in parts])
        if changed.text == item.text:
            raise NotMended("These are the words that stand there already.")
        row = Correction(
            organisation_id=held.organisation,
            transcript=transcript,
            content_key_id=held.content_key,
            ordinal=ordinal,
            by=str(by),
            at=clock.now(held.organisation),
        )
        _put(held, transcript, said, ordinal, changed, by)
        after = Turn.objects.get(transcript=transcript, ordinal=ordinal).text
        kept = json.dumps({"said": item.as_list(), "shown": [turn.text, after]}, ensure_ascii=False)
        row.before = held.sealer.seal_text(kept, context=context(row, "before"))
        row.save(force_insert=True)
        _enter("transcript.corrected", row, conversation, by)
        return row


def undo(*, conversation: UUID, organisation: UUID, correction: UUID, by: Actor) -> Correction:
    """The words of before the newest correction of a turn stand again. Raises NotMended, NoConversation, KeyGone."""
    with purpose("ingest.write", organisation=organisation, by=by):
        held, transcript, said = _open(conversation)
        row = (
            Correction.objects.select_related("content_key")
            .filter(id=correction, transcript=transcript, undone_at=None)
            .first()
        )
        if row is None:
            raise NotMended("This correction was taken back already.")
        later = Correction.objects.filter(
            transcript=transcript, ordinal=row.ordinal, undone_at=None, at__gt=row.at
        )
        decided = Overruling.objects.filter(transcript=transcript, ordinal=row.ordinal, at__gt=row.at)
        if later.exists() or decided.exists():
            raise NotMended("Somebody changed this turn since. Correct it by hand.")
        sealed = content_sealer(row.content_key).open_text(bytes(row.before), context=context(row, "before"))
        before = replace(Said.read(unsealed(sealed)["said"]), removed=())
        pauses = Mark.objects.filter(conversation_id=conversation, kind=Mark.Kind.PAUSE)
        away = [conversations.widened(one.start_s, one.end_s) for one in pauses]
        (before,) = without_pauses([before], away)
        row.undone_at, row.undone_by = clock.now(held.organisation), str(by)
        row.save(update_fields=["undone_at", "undone_by"])
        _turn(said, row.ordinal)
        _put(held, transcript, said, row.ordinal, before, by)
        _enter("transcript.correction-undone", row, conversation, by)
        return row


def unsealed(text: str) -> dict[str, Any]:
    """What a correction keeps: `said`, the utterance as it was, and `shown`, the redacted text before and after; none
    of the latter in corrections from before it was kept.
    """
    found = json.loads(text)
    return found if isinstance(found, dict) else {"said": found, "shown": []}


def _open(conversation: UUID) -> tuple[conversations.Held, Transcript, list[Said]]:
    held = locked(conversation)
    transcript = Transcript.objects.filter(conversation_id=conversation, state=Transcript.State.READY).first()
    words = Words.objects.select_related("content_key").filter(transcript=transcript).first()
    if transcript is None or words is None:
        raise NotMended("The words of this conversation are not ready yet. Try again later.")
    return held, transcript, raw(words)


def _turn(said: list[Said], ordinal: int) -> Said:
    if not 0 <= ordinal < len(said):
        raise NotMended("There is no such turn any more. Load the page again.")
    if said[ordinal].gone or said[ordinal].unclear:
        raise NotMended("There are no words here that could be mended.")
    return said[ordinal]


def _put(
    held: conversations.Held, transcript: Transcript, said: list[Said], ordinal: int, item: Said, by: Actor
) -> None:
    words = [item if place == ordinal else other for place, other in enumerate(said)]
    keep(transcript, words, key=held.content_key, sealer=held.sealer)
    redact(conversation=held.id, by=by)


def _enter(act: str, row: Correction, conversation: UUID, by: Actor) -> None:
    subjects: list[UUID | None] = [*customers_of(conversation)] or [None]
    for subject in subjects:
        ledger.enter(
            act=act, subject=subject, about=f"conversation:{conversation}", by=by,
            detail={"turn": row.ordinal, "correction": str(row.id)},
        )  # fmt: skip
