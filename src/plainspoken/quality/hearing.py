"""A conversation as the rules may see it: its redacted turns and their times, from the transcript."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from plainspoken.conversations.models import Conversation as Row
from plainspoken.conversations.models import Participation
from plainspoken.conversations.ports import Line, Script
from plainspoken.kernels.scoring import Activity, Conversation, Turn, Word
from plainspoken.kernels.scoring.conversation import Speaker
from plainspoken.transcripts.models import Transcript
from plainspoken.transcripts.queries import script

# A pause within a turn from which the speaker counts as silent.
PAUSE_S = 0.8
UNHEARD = ("UNCLEAR", "UNHEARD")


def heard(row: Row, *, agent: UUID) -> Conversation | None:
    """The conversation for the rules, with this agent's words as the agent's; None while there is no transcript.

    What another agent says counts as unknown. Words are redacted: what was removed is known by its type alone. The
    confidence of single words is not kept outside the sealed words, so the transcript's mean stands for all.
    """
    found = script(row.id)
    if found is None or found.state != Transcript.State.READY:
        return None
    speakers = _speakers(row.id, agent)
    turns = tuple(_turn(line, speakers) for line in found.lines)
    return Conversation(
        turns=turns,
        language=found.language or row.language,
        spoken=row.kind == Row.Kind.CALL,
        duration=row.duration_s,
        sure=found.sure,
        activity=tuple(_activity(turns)),
    )


def _speakers(conversation: UUID, agent: UUID) -> Mapping[int | None, Speaker]:
    rows = Participation.objects.filter(conversation_id=conversation)
    found: dict[int | None, Speaker] = {None: "unknown"}
    for position, role, subject in rows.values_list("position", "role", "subject_id"):
        if role == Participation.Role.CUSTOMER:
            found[position] = "customer"
        else:
            found[position] = "agent" if subject == agent else "unknown"
    return found


def _turn(line: Line, speakers: Mapping[int | None, Speaker]) -> Turn:
    types = {cut["n"]: cut for cut in line.cuts}
    unclear = any(cut["type"] in UNHEARD for cut in line.cuts)
    return Turn(
        number=line.ordinal,
        speaker=speakers.get(line.position, "unknown"),
        words=() if line.gone else tuple(_word(piece, types) for piece in line.pieces),
        start=line.start_s,
        end=line.end_s,
        unclear=unclear,
        gone=line.gone,
    )


def _word(piece: Mapping[str, Any], cuts: Mapping[int, Mapping[str, Any]]) -> Word:
    if "removed" not in piece:
        return Word(piece["word"], piece.get("start_s"), piece.get("end_s"))
    cut = cuts.get(piece["n"], {})
    kind = str(piece["removed"])
    return Word(f"[{kind.lower()}]", cut.get("start_s"), cut.get("end_s"), removed=kind)


def _activity(turns: Sequence[Turn]) -> Iterator[Activity]:
    """When who speaks: the words of each turn, apart where there is a pause; else the whole turn."""
    for turn in turns:
        if turn.start is None or turn.end is None:
            continue
        spans = [(w.start, w.end) for w in turn.words if w.start is not None and w.end is not None]
        if len(spans) < len(turn.words) or not spans:
            yield Activity(turn.speaker, turn.start, turn.end)
            continue
        start, end = spans[0]
        for begins, ends in spans[1:]:
            if begins - end >= PAUSE_S:
                yield Activity(turn.speaker, start, end)
                start = begins
            end = max(end, ends)
        yield Activity(turn.speaker, start, end)


def said(
    found: Script | None, *, turn: int | None, start: float | None, end: float | None, word: int | None = None
) -> str:
    """The redacted words of a turn: one by its place, those between two seconds, or all where words have no times."""
    line = next((line for line in found.lines if line.ordinal == turn), None) if found else None
    if line is None or line.gone:
        return ""
    words = [
        str(piece.get("word") or f"[{str(piece['removed']).lower().replace('_', ' ')}]")
        for piece in (line.pieces if word is None else line.pieces[word : word + 1])
        if start is None
        or end is None
        or piece.get("start_s") is None
        or (piece["start_s"] >= start - 0.01 and piece["end_s"] <= end + 0.01)
    ]
    return " ".join(words)
