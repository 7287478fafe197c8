"""Copies of words for the people concerned (GDPR Art. 15): their own in full, of others what is not
about others.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from plainspoken.conversations import wording
from plainspoken.conversations.models import Participation
from plainspoken.conversations.queries import reference
from plainspoken.conversations.services import parties, widened
from plainspoken.conversations.services.copying import hides_others
from plainspoken.custody import acts, keys
from plainspoken.custody.asking import Asked, batches, each
from plainspoken.custody.places import Copied, CopiedFile
from plainspoken.custody.sessions import required
from plainspoken.transcripts import segments
from plainspoken.transcripts.models import Correction, Overruling, Transcript, Turn, Words
from plainspoken.transcripts.segments import Said
from plainspoken.ui.wording import clock_time

from .owning import Owner, owners
from .storing import raw

HEARD = "transcripts.heard"
Cut = Mapping[str, Any]  # as a turn keeps it


def _mine(subject: UUID) -> "QuerySet[Participation, Any]":
    """The ids of the conversations that the subject took part in, as a subquery."""
    return Participation.objects.filter(subject_id=subject).values("conversation_id")


_WORDS = Asked(
    lambda subject: (
        Words.objects.filter(transcript__conversation_id__in=_mine(subject))
        .select_related("content_key", "transcript")
        .defer("transcript__search")
        .order_by("transcript__conversation__started_at", "id")
    )
)
# Columns by name: with each row would come its index, and that of the whole transcript.
_TURNS = Asked(
    lambda subject: (
        Turn.objects.filter(transcript__conversation_id__in=_mine(subject))
        .order_by("transcript_id", "ordinal")
        .values_list(
            "id",
            "transcript__conversation_id",
            "start_s",
            "text",
            "participation__subject_id",
            "participation__role",
        )
    )
)
_TRANSCRIPTS = Asked(
    lambda subject: (
        Transcript.objects.filter(conversation_id__in=_mine(subject))
        .defer("search")
        .order_by("conversation__started_at", "id")
    )
)


def copy_words(subject: UUID) -> Iterator[Copied]:
    """Both sides of each conversation as words, one row each, with a readable file beside it."""
    hides = hides_others()
    for batch in batches(_WORDS(subject)):
        heard = _hear(batch, subject)
        for row in batch:
            yield _copied(row, heard[row.transcript.conversation_id], subject, hides=hides)


@dataclass(frozen=True)
class _Heard:
    """The raw words of one conversation, what was cut from each turn (by its ordinal), and whose that is."""

    said: Sequence[Said]
    cuts: Mapping[int, Sequence[Cut]]
    mine: Owner


def _hear(rows: Sequence[Words], subject: UUID) -> dict[UUID, _Heard]:
    """Each conversation of these words, as one subject's copy needs it.

    The last ones stay with the session: sound is copied after words, and asks for the same.
    """
    said = {row.transcript.conversation_id: raw(row) for row in rows}
    cuts, mine = _cuts(said), owners(said, subject)
    heard = {key: _Heard(words, cuts[key], mine[key]) for key, words in said.items()}
    required().answers[f"{HEARD}/{subject}"] = heard
    return heard


def _cuts(conversations: Collection[UUID]) -> dict[UUID, dict[int, Sequence[Cut]]]:
    """What was cut from each turn of these conversations."""
    found: dict[UUID, dict[int, Sequence[Cut]]] = {key: {} for key in conversations}
    rows = Turn.objects.filter(transcript__conversation_id__in=found).order_by("transcript_id", "ordinal")
    for conversation, ordinal, cuts in rows.values_list("transcript__conversation_id", "ordinal", "cuts"):
        found[conversation][ordinal] = cuts
    return found


def _copied(row: Words, heard: _Heard, subject: UUID, *, hides: bool) -> Copied:
    conversation = row.transcript.conversation_id
    hidden = _hidden(heard) if hides else [[] for _ in heard.said]
    who = _names(heard.mine, subject)
    lines = [_line(item, own, who) for item, own in zip(heard.said, hidden, strict=True) if not item.gone]
    count = sum(len(own) for own in hidden)
    return Copied(
        row=str(row.id),
        values={
            "conversation": reference(conversation),
            "language": row.transcript.language,
            "words": lines,
        },
        masked={f"{count} parts of what others said": wording.MASKED_OTHERS} if count else {},
        files=(CopiedFile(f"{reference(conversation)}.txt", "text/plain; charset=utf-8", _readable(lines)),),
    )


def _line(
    item: Said, hidden: Sequence[tuple[int, int, str]], who: dict[int | None, str]
) -> dict[str, object]:
    text, at = "", 0
    for start, end, kind in hidden:
        text += item.text[at:start] + segments.label(kind)
        at = end
    return {"at_s": item.start_s, "who": who.get(item.position, "somebody"), "text": text + item.text[at:]}


def _readable(lines: Sequence[dict[str, object]]) -> Callable[[], Iterator[bytes]]:
    def read() -> Iterator[bytes]:
        for line in lines:
            at = clock_time(line["at_s"]) if isinstance(line["at_s"], int | float) else ""
            yield f"{at}\t{line['who']}\t{line['text']}\n".encode()

    return read


def _names(mine: Owner, subject: UUID) -> dict[int | None, str]:
    """ "you", and the roles of the others."""
    return {
        row.position: "you"
        if row.subject_id == subject
        else ("agent" if row.role == "agent" else "another customer")
        for row in mine.people
    }


def _hidden(heard: _Heard) -> list[list[tuple[int, int, str]]]:
    """For each utterance the characters that a copy masks, with their type."""
    said, mine = heard.said, heard.mine
    types = {cut["n"]: cut["type"] for cuts in heard.cuts.values() for cut in cuts}
    return [
        []
        if mine.said(item)
        else [
            (start, end, types.get(n, "PERSON"))
            for n, start, end in sorted(item.removed, key=lambda cut: cut[1])
            if not mine.owns(item.text[start:end], types.get(n, "PERSON"))
        ]
        for item in said
    ]


def hidden_from(
    conversations: Collection[UUID], subject: UUID
) -> dict[UUID, dict[int | str, list[tuple[float, float]]]]:
    """Seconds of each sound that this person may not hear: what others said about others.

    Without words nobody can tell; then every channel is silent on which somebody else may speak.
    """
    heard: dict[UUID, _Heard] = required().answers.get(f"{HEARD}/{subject}", {})
    rows = Words.objects.filter(transcript__conversation_id__in=set(conversations) - set(heard))
    if not set(conversations) <= set(heard):
        heard = {**heard, **_hear(list(rows.select_related("content_key", "transcript")), subject)}
    return {
        key: _about_others(heard[key]) if key in heard and heard[key].cuts else _all_but_own(key, subject)
        for key in conversations
    }


def _about_others(heard: _Heard) -> dict[int | str, list[tuple[float, float]]]:
    found: dict[int | str, list[tuple[float, float]]] = {}
    for place, item in enumerate(heard.said):
        cuts = heard.cuts.get(place)
        if cuts is None or heard.mine.said(item):
            continue
        texts = {n: item.text[start:end] for n, start, end in item.removed}
        where: int | str = item.channel if item.channel is not None else "both"
        for cut in cuts:
            if cut.get("start_s") is None:
                continue
            if not heard.mine.owns(texts.get(cut["n"], ""), cut["type"]):
                found.setdefault(where, []).append(widened(cut["start_s"], cut["end_s"]))
    return found


def _all_but_own(conversation: UUID, subject: UUID) -> dict[int | str, list[tuple[float, float]]]:
    whole = [(0.0, float("inf"))]
    people = parties(conversation)
    own = next((p for p in people if p.subject == subject and p.alone), None)
    if own is None or own.channel is None:
        return {"both": whole}
    return {1 - own.channel: whole} if any(p.channel != own.channel for p in people) else {}


def copy_turns(subject: UUID) -> Iterator[Copied]:
    """The redacted turns, as staff read them."""
    for row, conversation, at_s, text, speaker, role in each(_TURNS(subject)):
        yield Copied(
            row=str(row),
            values={
                "conversation": reference(conversation),
                "at_s": at_s,
                "who": "somebody" if role is None else "you" if speaker == subject else role,
                "text": text,
            },
        )


_OVERRULINGS = Asked(
    lambda subject: (
        Overruling.objects.filter(transcript__conversation_id__in=_mine(subject))
        .select_related("content_key", "transcript")
        .defer("transcript__search")
        .order_by("at", "id")
    )
)


def copy_overrulings(subject: UUID) -> Iterator[Copied]:
    """Each decision of a person on what is removed; who decided is masked, and what they wrote from those who are no
    customer of the conversation.
    """
    for row in each(_OVERRULINGS(subject)):
        mine = Participation.objects.filter(
            conversation_id=row.transcript.conversation_id, subject_id=subject, role="customer"
        )
        values: dict[str, Any] = {
            "conversation": reference(row.transcript.conversation_id),
            "at": row.at,
            "shown": row.shown,
            "type": row.type,
        }
        masked = {"by": wording.MASKED_OTHERS}
        if mine.exists():
            sealer = keys.content_sealer(row.content_key)
            values["reason"] = sealer.open_text(bytes(row.reason), context=acts.context(row, "reason"))
        else:
            masked["reason"] = wording.MASKED_OTHERS
        yield Copied(row=str(row.id), values=values, masked=masked)


_CORRECTIONS = Asked(
    lambda subject: (
        Correction.objects.filter(transcript__conversation_id__in=_mine(subject))
        .select_related("transcript")
        .defer("transcript__search")
        .order_by("at", "id")
    )
)


def copy_corrections(subject: UUID) -> Iterator[Copied]:
    """When a turn was mended. The words as they stand are in the copy of the words; those before were wrong."""
    for row in each(_CORRECTIONS(subject)):
        yield Copied(
            row=str(row.id),
            values={
                "conversation": reference(row.transcript.conversation_id),
                "turn": row.ordinal,
                "at": row.at,
                "undone_at": row.undone_at,
            },
            masked={"by": wording.MASKED_OTHERS, "before": wording.MASKED_OTHERS},
        )


def copy_transcripts(subject: UUID) -> Iterator[Copied]:
    """What is known of each transcript."""
    for row in each(_TRANSCRIPTS(subject)):
        yield Copied(
            row=str(row.id),
            values={
                "conversation": reference(row.conversation_id),
                "title": row.title,
                "language": row.language,
                "made_by": row.made_by,
                "made_at": row.made_at,
                "sure": row.sure,
                "parts_removed": row.removed,
            },
        )
