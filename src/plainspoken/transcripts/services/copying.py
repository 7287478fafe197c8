"""Copies of words for the people concerned (GDPR Art. 15): their own in full, of others what is not
about others.
"""

from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

from plainspoken.conversations import wording
from plainspoken.conversations.models import Participation
from plainspoken.conversations.queries import reference
from plainspoken.conversations.services import parties, widened
from plainspoken.conversations.services.copying import hides_others
from plainspoken.custody.places import Copied, CopiedFile
from plainspoken.transcripts import segments
from plainspoken.transcripts.models import Transcript, Turn, Words
from plainspoken.transcripts.segments import Said
from plainspoken.ui.wording import clock_time

from .owning import kinds, owner
from .storing import raw


def _about(subject: UUID) -> dict[str, object]:
    mine = Participation.objects.filter(subject_id=subject, conversation__erased_at=None)
    return {"conversation_id__in": mine.values("conversation_id")}


def copy_words(subject: UUID) -> Iterator[Copied]:
    """Both sides of each conversation as words, one row each, with a readable file beside it."""
    about = {f"transcript__{name}": value for name, value in _about(subject).items()}
    rows = Words.objects.filter(**about).select_related("content_key", "transcript")
    for row in rows.order_by("transcript__conversation__started_at", "id"):
        conversation = row.transcript.conversation_id
        said = raw(row)
        hidden = _hidden(conversation, subject, said)
        who = _names(conversation, subject)
        lines = [_line(item, own, who) for item, own in zip(said, hidden, strict=True) if not item.gone]
        count = sum(len(own) for own in hidden)
        yield Copied(
            row=str(row.id),
            values={
                "conversation": reference(conversation),
                "language": row.transcript.language,
                "words": lines,
            },
            masked={f"{count} parts of what others said": wording.MASKED_OTHERS} if count else {},
            files=(
                CopiedFile(f"{reference(conversation)}.txt", "text/plain; charset=utf-8", _readable(lines)),
            ),
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


def _names(conversation: UUID, subject: UUID) -> dict[int | None, str]:
    """ "you", and the roles of the others."""
    return {
        party.position: "you"
        if party.subject == subject
        else ("agent" if party.role == "agent" else "another customer")
        for party in parties(conversation)
    }


def _hidden(conversation: UUID, subject: UUID, said: Sequence[Said]) -> list[list[tuple[int, int, str]]]:
    """For each utterance the characters that the subject's copy masks, with their type."""
    if not hides_others():
        return [[] for _ in said]
    types = kinds(list(Turn.objects.filter(transcript__conversation_id=conversation)))
    mine = owner(conversation, subject, said)
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


def hidden_from(conversation: UUID, subject: UUID) -> dict[int | str, list[tuple[float, float]]]:
    """Seconds of the sound that this person may not hear: what others said about others.

    Without words nobody can tell; then every channel is silent on which somebody else may speak.
    """
    row = Words.objects.select_related("content_key").filter(transcript__conversation_id=conversation).first()
    turns = {turn.ordinal: turn for turn in Turn.objects.filter(transcript__conversation_id=conversation)}
    if row is None or not turns:
        return _all_but_own(conversation, subject)
    said = raw(row)
    mine = owner(conversation, subject, said)
    found: dict[int | str, list[tuple[float, float]]] = {}
    for place, item in enumerate(said):
        turn = turns.get(place)
        if turn is None or mine.said(item):
            continue
        texts = {n: item.text[start:end] for n, start, end in item.removed}
        where: int | str = item.channel if item.channel is not None else "both"
        for cut in turn.cuts:
            if cut.get("start_s") is not None and not mine.owns(texts.get(cut["n"], ""), cut["type"]):
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
    about = {f"transcript__{name}": value for name, value in _about(subject).items()}
    rows = Turn.objects.filter(**about).select_related("transcript", "participation")
    for row in rows.order_by("transcript_id", "ordinal").iterator(chunk_size=500):
        who = "somebody"
        if row.participation is not None:
            who = "you" if row.participation.subject_id == subject else row.participation.role
        yield Copied(
            row=str(row.id),
            values={
                "conversation": reference(row.transcript.conversation_id),
                "at_s": row.start_s,
                "who": who,
                "text": row.text,
            },
        )


def copy_transcripts(subject: UUID) -> Iterator[Copied]:
    """What is known of each transcript."""
    for row in Transcript.objects.filter(**_about(subject)).order_by("conversation__started_at", "id"):
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
