"""How words end for one person, place by place (see `conversations.services.ending`)."""

import math
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchVector
from django.db.models import Exists, OuterRef, QuerySet, Value

from plainspoken.conversations.models import Conversation, Participation
from plainspoken.conversations.services.holding import widened
from plainspoken.conversations.services.leaving import Leaving, Manner, Part, all_of, begin, whole_and_others
from plainspoken.conversations.services.measures import links_to
from plainspoken.custody import acts, keys, ledger, objects
from plainspoken.custody.actors import Actor
from plainspoken.custody.asking import delete
from plainspoken.custody.keys import KeyGone
from plainspoken.custody.places import Ending
from plainspoken.custody.sessions import required
from plainspoken.transcripts import segments
from plainspoken.transcripts.models import Correction, Overruling, Transcript, Turn, Words
from plainspoken.transcripts.segments import Said

from .owning import kinds, owner
from .storing import lines, raw

Intervals = dict[int | str, list[tuple[float, float]]]


class _Words(Part[Words]):
    model = Words
    path = "transcript__conversation"
    stored = "words"

    def rewrite(self, row: Words, leaving: Leaving, conversation: Conversation) -> None:
        """Without the utterances that are gone, and without what in others' was about the one who leaves."""
        if conversation.content_key is None:
            raise KeyGone("The conversation has no key any more.")
        turns = {turn.ordinal: turn for turn in Turn.objects.filter(transcript_id=row.transcript_id)}
        said = [_left(item, turns.get(place)) for place, item in enumerate(raw(row))]
        name, _ = objects.write(lines(said), sealer=keys.content_sealer(conversation.content_key))
        objects.remove_after_commit(row.words)
        row.words, row.content_key = name, conversation.content_key
        row.save()


class _Overrulings(Part[Overruling]):
    model = Overruling
    path = "transcript__conversation"

    def rewrite(self, row: Overruling, leaving: Leaving, conversation: Conversation) -> None:
        """Sealed anew. What was decided stays as long as the words of others do."""
        if conversation.content_key is None:
            raise KeyGone("The conversation has no key any more.")
        place = acts.context(row, "reason")
        plain = keys.content_sealer(row.content_key).open(bytes(row.reason), context=place)
        row.content_key = conversation.content_key
        row.reason = keys.content_sealer(row.content_key).seal(plain, context=place)
        row.save()


class _Corrections(Part[Correction]):
    model = Correction
    path = "transcript__conversation"

    def rewrite(self, row: Correction, leaving: Leaving, conversation: Conversation) -> None:
        """What stood there before goes with whoever leaves: nobody can tell any more what of it was about them."""
        raise KeyGone("What was corrected goes.")


WORDS, OVERRULINGS, CORRECTIONS = _Words(), _Overrulings(), _Corrections()


def _left(item: Said, turn: Turn | None) -> Said:
    """What is left of an utterance: nothing but its time, or its text with labels where parts are
    gone for good.
    """
    if turn is None or turn.gone:
        return Said("", None, item.channel, item.start_s, item.end_s, gone=True)
    gone = {cut["n"] for cut in turn.cuts if cut.get("gone")}
    if not gone:
        return item
    types = {cut["n"]: cut["type"] for cut in turn.cuts}
    return segments.without(item, {n: types.get(n, "PERSON") for n in gone})


# ---- turns ----


def _affected(leaving: Leaving) -> "QuerySet[Turn]":
    """Turns that end for somebody in a conversation that others stay in: their own, and those that may
    be theirs.
    """
    turns = Turn.objects.filter(transcript__conversation_id=leaving.conversation)
    if leaving.manner == Manner.UNLINK:
        return turns.none()
    theirs = turns.filter(participation_id=leaving.participation)
    unknown = turns.filter(participation=None, gone=False)
    if leaving.channel is not None:
        unknown = unknown.filter(channel=leaving.channel) | unknown.filter(channel=None)
    return theirs | unknown


def plan_turns(subject: UUID, found: int) -> Ending:
    """Turns that end."""
    whole, others = whole_and_others(subject)
    if not others:
        return all_of(whole, found)
    done = [(one, _affected(one).count()) for one in others]
    if whole:
        done.append((whole[0], _of(whole).count()))
    return _ending([(one, count) for one, count in done if count])


def _of(ends: Sequence[Leaving]) -> "QuerySet[Turn]":
    return Turn.objects.filter(transcript__conversation_id__in=[one.conversation for one in ends])


def erase_turns(subject: UUID, by: Actor) -> Ending:
    """Deleted where the person was the only customer; elsewhere only the time of their turns stays."""
    whole, others = whole_and_others(subject)
    done = []
    if whole:
        done.append((whole[0], len(delete(_of(whole)))))
    for leaving in others:
        affected = _affected(leaving)
        count = affected.count()
        if not count:
            continue
        transcript = Transcript.objects.get(conversation_id=leaving.conversation)
        if leaving.manner == Manner.PART:
            _forget_in_others(transcript, subject, leaving)
        begin(leaving, by)
        affected.update(text="", pieces=[], cuts=[], gone=True, participation=None)
        _index_again(transcript, title=transcript.title if leaving.manner == Manner.CHANNEL else "")
        done.append((leaving, count))
    return _ending([(one, count) for one, count in done if count])


def _forget_in_others(transcript: Transcript, subject: UUID, leaving: Leaving) -> None:
    """Mark what others said about the one who leaves: agents' removed parts unless surely another's,
    customers' by name.
    """
    row = Words.objects.select_related("content_key").filter(transcript=transcript).first()
    if row is None:
        return
    try:
        said = raw(row)
    except KeyGone:
        return
    turns = list(Turn.objects.filter(transcript=transcript, gone=False).select_related("participation"))
    types, mine = kinds(turns), owner(leaving.conversation, subject, said)
    for turn in turns:
        if turn.participation is None or turn.participation.id == leaving.participation:
            continue
        raw_cuts = {n: said[turn.ordinal].text[start:end] for n, start, end in said[turn.ordinal].removed}
        by_agent = turn.participation.role == "agent"
        changed = False
        for cut in turn.cuts:
            text = raw_cuts.get(cut["n"], "")
            if by_agent or mine.owns(text, types[cut["n"]]):
                cut["gone"] = changed = True
        if changed:
            turn.save(update_fields=["cuts"])


def _index_again(transcript: Transcript, *, title: str) -> None:
    turns = list(Turn.objects.filter(transcript=transcript).order_by("ordinal"))
    config = "english" if transcript.language.startswith("en") else "simple"
    text = segments.LABEL.sub(" ", "\n".join(turn.text for turn in turns))
    plain_title = segments.LABEL.sub(" ", title)
    Transcript.objects.filter(id=transcript.id).update(
        title=title,
        removed=sum(len(turn.cuts) for turn in turns),
        search=SearchVector(Value(plain_title), config=config, weight="A")
        + SearchVector(Value(text), config=config, weight="B"),
    )


def gone_from(conversation: UUID, channel: int | None, *, alone: bool) -> Intervals:
    """Seconds to silence once somebody's turns are gone: cuts about them, and of a shared channel
    all but others' turns.
    """
    found: Intervals = {}
    turns = list(Turn.objects.filter(transcript__conversation_id=conversation).order_by("start_s"))
    for turn in turns:
        where: int | str = turn.channel if turn.channel is not None else "both"
        for cut in turn.cuts:
            if cut.get("gone") and cut.get("start_s") is not None:
                found.setdefault(where, []).append(widened(cut["start_s"], cut["end_s"]))
    if not alone:
        others = [t for t in turns if not t.gone and t.channel == channel and t.start_s is not None]
        found.setdefault("both" if channel is None else channel, []).extend(_between(others))
    return found


def _between(turns: Sequence[Turn]) -> list[tuple[float, float]]:
    """Everything outside these turns."""
    gaps, at = [], 0.0
    for turn in sorted(turns, key=lambda t: t.start_s or 0.0):
        start, end = turn.start_s or 0.0, turn.end_s or 0.0
        if start > at:
            gaps.append((at, start))
        at = max(at, end)
    return [*gaps, (at, math.inf)]


# ---- transcripts ----


def _whole(subject: UUID) -> "QuerySet[Transcript]":
    whole, _ = whole_and_others(subject)
    return Transcript.objects.filter(conversation_id__in=[one.conversation for one in whole])


def plan_transcripts(subject: UUID, found: int) -> Ending:
    """Transcripts that end whole; others were indexed again with their turns."""
    whole, others = whole_and_others(subject)
    return all_of(whole, _whole(subject).count() if others else found)


def erase_transcripts(subject: UUID, by: Actor) -> Ending:
    """Deleted where the person was the only customer."""
    # What was written again since its turns and words were deleted ends with its conversation, which is locked then.
    emptied = _whole(subject)
    for link in links_to(Transcript):
        rows = link.related_model._default_manager.filter(**{link.field.name: OuterRef("pk")})
        emptied = emptied.exclude(Exists(rows))
    return Ending(count=len(delete(emptied)), verb="erase")


def purge_turns(before: datetime, except_subjects: Collection[UUID], by: Actor) -> int:
    """End turns of conversations that began before a moment; returns how many."""
    rows = Turn.objects.filter(**_old(before, except_subjects, "transcript__conversation"))
    count = rows.count()
    rows.delete()
    _enter("transcripts.turn", count, by)
    return count


def purge_transcripts(before: datetime, except_subjects: Collection[UUID], by: Actor) -> int:
    """End transcripts of conversations that began before a moment; returns how many."""
    rows = Transcript.objects.filter(**_old(before, except_subjects, "conversation"))
    count = rows.count()
    rows.delete()
    _enter("transcripts.transcript", count, by)
    return count


def _old(before: datetime, except_subjects: Collection[UUID], path: str) -> dict[str, Any]:
    ids = Conversation.objects.filter(organisation_id=required().organisation, started_at__lt=before)
    if except_subjects:
        spared = Participation.objects.filter(subject_id__in=except_subjects)
        ids = ids.exclude(id__in=spared.values("conversation_id"))
    return {f"{path}__in": ids.values("id")}


def _enter(place: str, count: int, by: Actor) -> None:
    if count:
        ledger.enter(act="purge.rows", about=place, by=by, detail={"rows": count})


def end(conversation: UUID) -> None:
    """Remove every word of one conversation."""
    for row in Words.objects.filter(transcript__conversation_id=conversation):
        WORDS.remove(row)
    for decision in Overruling.objects.filter(transcript__conversation_id=conversation):
        OVERRULINGS.remove(decision)
    for correction in Correction.objects.filter(transcript__conversation_id=conversation):
        CORRECTIONS.remove(correction)
    Turn.objects.filter(transcript__conversation_id=conversation).delete()
    Transcript.objects.filter(conversation_id=conversation).delete()


def _ending(done: Sequence[tuple[Leaving, int]]) -> Ending:
    whole = any(leaving.manner == Manner.WHOLE for leaving, _ in done)
    return Ending(count=sum(count for _, count in done), verb="erase" if whole or not done else "rewrite")
