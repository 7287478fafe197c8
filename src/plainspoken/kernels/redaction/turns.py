"""Detection over the turns of a conversation: numbers spread over turns, answers to questions, echoes.

A number is often said in pieces with "mm-hmm" between, and what a number is stands in the other speaker's
question. So the rules read each turn three times: by itself, after the question it answers, and joined to the
speaker's next turns where the other only acknowledges. What was found is then looked for in every turn,
because agents repeat.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plainspoken.kernels.identifiers.names import words_in
from plainspoken.kernels.redaction.dates import of_long_ago
from plainspoken.kernels.redaction.detection import (
    LONGEST,
    TextTooLong,
    in_text,
    model_findings,
    name_parts,
    rule_findings,
)
from plainspoken.kernels.redaction.known import NOBODY, Known, repeated_names
from plainspoken.kernels.redaction.numerals import Run, spoken, written
from plainspoken.kernels.redaction.persons import NameFinder, vocatives
from plainspoken.kernels.redaction.scan import scan
from plainspoken.kernels.redaction.spans import GUESSED, Finding, Span, Type, merge
from plainspoken.kernels.redaction.view import view
from plainspoken.kernels.redaction.words import FILLERS, NUMBER_WORDS


@dataclass(frozen=True)
class Turn:
    """What one speaker said without the other coming in; also a segment of a recogniser."""

    speaker: str
    text: str


_MOST_JOINED = 12  # turns of one number
_LAST_OF_QUESTION = 400  # characters of a question that are read before its answer
_ACKNOWLEDGE = re.compile(r"[A-Za-z']+|[0-9]+")
_ACKNOWLEDGING = (
    FILLERS
    | NUMBER_WORDS
    | words_in(
        """
    got it that right alright great thanks thank you perfect go on ahead sure good yep yup correct
    please carry next rest continue mmm aha i see and the so then what's whats is it after keep going lovely
    brilliant wonderful gotcha noted cool fab super just a moment sec second bear with me writing down typing one ready
    when you you're are for to cheers ta anything else more all rest of first last four three two digits numbers yup
    could can say do did have got excellent nice awesome absolutely of course mhmm ah last bit part up far
    """
    )
)
_LONGEST_ACKNOWLEDGEMENT = 18  # words; an agent often repeats the digits


def detect_turns(
    turns: Sequence[Turn],
    *,
    known: Known = NOBODY,
    names: NameFinder | None = None,
) -> tuple[tuple[Span, ...], ...]:
    """Spans of each turn, in the order of the turns; offsets count in the turn's own text. Raises
    TextTooLong.
    """
    for turn in turns:
        if len(turn.text) > LONGEST:
            raise TextTooLong(len(turn.text))
    found: list[list[Finding]] = [list(rule_findings(turn.text, known=known)) for turn in turns]
    for place, people in enumerate(
        model_findings([turn.text for turn in turns], names, caseless=_is_caseless(turns))
    ):
        found[place] += people
    for place, turn in enumerate(turns):
        seen = view(turn.text)
        found[place] += [in_text(seen, finding) for finding in vocatives(seen.plain)]
        found[place] += [in_text(seen, finding) for finding in of_long_ago(seen.plain)]
    spread: dict[str, Finding] = {}
    for places, joint in _exchanges(turns):
        spread |= _spread(turns, places, joint, known, found)
    _echo(turns, found, spread)
    return tuple(merge(findings) for findings in found)


_CAPITAL = re.compile(r"(?!I\b)[A-Z]")


def _is_caseless(turns: Sequence[Turn]) -> bool:
    """Whether whoever wrote the conversation down used no capitals at all, as some recognisers do."""
    return not any(_CAPITAL.search(turn.text) for turn in turns)


def _exchanges(turns: Sequence[Turn]) -> Iterator[tuple[list[int], int | None]]:
    """Turns to read together, and which of them (by place in the list) is the first of the answer.

    Each answer is a speaker's turns that only acknowledgements part; the question is the turn before them.
    """
    taken: set[int] = set()
    for first, turn in enumerate(turns):
        if first in taken:
            continue
        answer = [first]
        at = first + 1
        while at < len(turns) and len(answer) < _MOST_JOINED:
            if turns[at].speaker == turn.speaker:
                answer.append(at)
                taken.add(at)
            elif not _acknowledges(turns[at].text):
                break
            at += 1
        asked = first - 1 if first and turns[first - 1].speaker != turn.speaker else None
        if asked is not None:
            yield [asked, *answer], 1
        elif len(answer) > 1:
            yield answer, None


def _acknowledges(text: str) -> bool:
    words = [word.lower() for word in _ACKNOWLEDGE.findall(text[:200])]
    return len(words) <= _LONGEST_ACKNOWLEDGEMENT and all(w in _ACKNOWLEDGING or w.isdigit() for w in words)


def _spread(
    turns: Sequence[Turn], places: Sequence[int], joint: int | None, known: Known, found: list[list[Finding]]
) -> dict[str, Finding]:
    """Read several turns as one text and give each its part of what is found; the numbers that lie in more
    than one turn come back by their digits.
    """
    pieces: list[str] = []
    spans: list[tuple[int, int, int]] = []  # offset in the joined text, turn, offset in the turn
    length = 0
    for number, place in enumerate(places):
        text = turns[place].text
        cut = max(0, len(text) - _LAST_OF_QUESTION) if joint and number < joint else 0
        spans.append((length, place, cut))
        pieces.append(text[cut:])
        length += len(text) - cut + 1
    start_of_answer = spans[joint][0] if joint else None
    whole: dict[str, Finding] = {}
    joined = " ".join(pieces)
    for finding in rule_findings(joined, known=known, joint=start_of_answer):
        parts = 0
        for offset, place, cut in spans:
            start = max(finding.start - offset + cut, cut)
            end = min(finding.end - offset + cut, len(turns[place].text))
            if start < end and finding.type in _NUMBERS:
                start, end = _less_fillers(turns[place].text, start, end)
            if start < end:
                found[place].append(finding._replace(start=start, end=end))
                parts += 1
        if parts > 1 and finding.type in _ECHOED:
            digits = "".join(run.digits for _, _, run in _runs(joined[finding.start : finding.end]))
            if len(digits) >= _SHORTEST_ECHO:
                whole[digits] = finding
    return whole


_WORD = re.compile(r"[A-Za-z']+|[0-9]+")


def _less_fillers(text: str, start: int, end: int) -> tuple[int, int]:
    """The part of a number that lies in one turn, without the words that only joined it to the next."""
    words = list(_WORD.finditer(text, start, end))
    said = [m for m in words if m.group().lower() not in FILLERS or m.group().lower() in NUMBER_WORDS]
    if not said:
        return start, start
    first = start if said[0] is words[0] else said[0].start()
    return first, end if said[-1] is words[-1] else said[-1].end()


_NUMBERS: tuple[Type, ...] = ("CARD", "NATIONAL_ID", "BANK", "PHONE", "ACCOUNT", "CARD_CODE")
_ECHOED: tuple[Type, ...] = ("CARD", "NATIONAL_ID", "BANK", "PHONE", "ACCOUNT", "PIN", "CARD_CODE", "DOB")
_SHORTEST_ECHO = 3  # digits of a value that is looked for again
_SHORTEST_PART = 4  # digits of a part of it
_SHORTEST_CLOSE = 2  # where the turn does nothing but say back what was said a moment ago


def _echo(turns: Sequence[Turn], found: list[list[Finding]], spread: dict[str, Finding]) -> None:
    """Find again, in every turn, the names and the numbers found in one: said back, in part or in other
    words.
    """
    parts = name_parts([turn.text for turn in turns], found)
    runs = [_runs(turn.text) for turn in turns]
    values = dict(spread)
    for findings, here in zip(found, runs, strict=True):
        for finding in findings:
            if finding.type in _ECHOED:
                for start, end, run in here:
                    if finding.start <= start and end <= finding.end and len(run.digits) >= _SHORTEST_ECHO:
                        values.setdefault(run.digits, finding)
    for place, turn in enumerate(turns):
        seen = view(turn.text)
        for again in repeated_names(seen, parts, reason="name: said elsewhere"):
            found[place].append(in_text(seen, again))
        for start, end, run in runs[place]:
            least = _SHORTEST_CLOSE if _acknowledges(turn.text) and _close(found, place) else _SHORTEST_PART
            value = _same(run.digits, values, least=least)
            if value is not None:
                reason = f"{value.reason.partition(':')[0]}: said elsewhere"
                found[place].append(Finding(start, end, value.type, reason, GUESSED))


def _runs(text: str) -> list[tuple[int, int, Run]]:
    seen = view(text)
    hits = scan(seen.plain)
    runs = [*written(seen.plain, hits.of("digits")), *spoken(seen.plain, hits.of("spoken"))]
    return [(*seen.original(run.start, run.end), run) for run in runs]


def _close(found: Sequence[Sequence[Finding]], place: int) -> bool:
    """Whether a number was found in a turn just before."""
    return any(finding.type in _ECHOED for near in found[max(0, place - 2) : place] for finding in near)


def _same(digits: str, values: dict[str, Finding], *, least: int) -> Finding | None:
    if digits in values:
        return values[digits]
    if len(digits) < least:
        return None
    longer = (finding for value, finding in values.items() if len(value) > len(digits) and digits in value)
    return next(longer, None)
