"""The query language of the search box: what somebody types, understood.

    refund lamp            both words, in any form           refund OR return     either
    "broken lamp"          these words in this order         -sofa  -"too late"   without
    lam*                   words that begin so               lamp NEAR/5 broken   at most 5 words apart
    speaker:customer lamp  said by the customer              silence>10           a silence longer than 10 seconds
    queue:"Late returns"   from:2026-01-31  to:2026-02-28    duration>600  duration<60  kind:call
    score<70  result:failed  question:greeting=no            what people found of it, when they evaluated it
    autoscore<70  autoresult:failed  autoquestion:...=no     what the rules found of it

Pure: no database. Words of one conversation are looked for in all of its turns; phrases and NEAR within one turn.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from .ports import Wanted

LONGEST = 500
FARTHEST = 10  # words between two that are NEAR
_TOKEN = re.compile(
    r'(?P<space>\s+)|(?P<phrase>-?"[^"]*"?)|(?P<near>NEAR(?:/\S*)?(?=\s|$))|(?P<or>OR(?=\s|$))'
    r'|(?P<field>-?[A-Za-z_]+(?::|[<>]=?)(?:"[^"]*"?|\S*))|(?P<word>\S+)'
)
_PLAIN = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_FIELD = re.compile(r"(?P<name>-?[A-Za-z_]+)(?P<sign>:|[<>]=?)(?P<value>.*)", re.DOTALL)
SPEAKERS = ("agent", "customer", "any")
KINDS = ("call", "chat")


class QueryError(ValueError):
    """The query cannot be understood: a sentence, and the characters from `start` to `end` that it is about."""

    def __init__(self, sentence: str, start: int, end: int) -> None:
        super().__init__(sentence)
        self.start, self.end = start, end


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


@dataclass
class _Reading:
    words: list[str]
    raw: list[str]
    agent: list[str]
    customer: list[str]
    prefixes: list[str]
    wanted: Wanted
    speaker: str = "any"


def understood(wanted: Wanted) -> Wanted:
    """The same search with the query of its `q` taken apart: plain words stay in `q`, the rest stands in its fields.

    Raises QueryError.
    """
    if wanted.understood:
        return wanted
    tokens = _tokens(wanted.q.replace("\0", " ")[:LONGEST])
    reading = _Reading(
        [], [], [], [], [], replace(wanted, near=(), agent_said=(), customer_said=(), prefixes=())
    )
    place = 0
    while place < len(tokens):
        place = _read(tokens, place, reading)
    if reading.words and reading.words[-1] == "OR":
        reading.words.pop()
    return replace(
        reading.wanted,
        q=" ".join(reading.words),
        near=tuple(reading.raw),
        agent_said=tuple(reading.agent),
        customer_said=tuple(reading.customer),
        prefixes=tuple(reading.prefixes),
        understood=True,
    )


def _tokens(text: str) -> list[_Token]:
    found = [
        _Token(match.lastgroup or "", match.group(), match.start(), match.end())
        for match in _TOKEN.finditer(text)
    ]
    return [token for token in found if token.kind != "space"]


def _read(tokens: list[_Token], place: int, reading: _Reading) -> int:
    """Read one term; returns the place of the next."""
    token = tokens[place]
    if place + 1 < len(tokens) and tokens[place + 1].kind == "near":
        return _near(tokens, place, reading)
    match token.kind:
        case "near":
            raise QueryError("NEAR stands between two words: lamp NEAR/5 broken.", token.start, token.end)
        case "or":
            if not reading.words or place + 1 == len(tokens):
                raise QueryError("OR stands between two words: refund OR return.", token.start, token.end)
            if reading.speaker != "any":
                raise QueryError("OR does not work after speaker:. Search twice.", token.start, token.end)
            reading.words.append("OR")
        case "phrase":
            _phrase(token, reading)
        case "field":
            _field(token, reading)
        case _:
            _word(token, reading)
    return place + 1


def _phrase(token: _Token, reading: _Reading) -> None:
    words = _PLAIN.findall(token.text)
    if not words:
        return
    if token.text.startswith("-"):
        reading.words.append(f'-"{" ".join(words)}"')
        return
    reading.words.append(f'"{" ".join(words)}"')
    _said(" <-> ".join(_quoted(word) for word in words), reading)


def _word(token: _Token, reading: _Reading) -> None:
    minus = token.text.startswith("-") and len(token.text) > 1
    words = _PLAIN.findall(token.text)
    if not words:
        return
    if token.text.endswith("*"):
        if minus:
            raise QueryError("A word to exclude cannot end with a star.", token.start, token.end)
        reading.raw.append(f"{_quoted(words[-1])}:*")
        reading.prefixes.append(words[-1].lower())
        _said(f"{_quoted(words[-1])}:*", reading)
        return
    reading.words.append(f"{'-' if minus else ''}{words[0]}" if len(words) == 1 else token.text)
    if not minus:
        _said(" & ".join(_quoted(word) for word in words), reading)


def _near(tokens: list[_Token], place: int, reading: _Reading) -> int:
    first, sign = tokens[place], tokens[place + 1]
    if place + 2 >= len(tokens) or tokens[place + 2].kind != "word" or first.kind != "word":
        raise QueryError("NEAR stands between two words: lamp NEAR/5 broken.", sign.start, sign.end)
    second = tokens[place + 2]
    apart = sign.text.partition("/")[2] or "5"
    if not apart.isdecimal() or not 1 <= int(apart) <= FARTHEST:
        raise QueryError(f"After NEAR/ stands a number from 1 to {FARTHEST}.", sign.start, sign.end)
    left, right = _PLAIN.findall(first.text), _PLAIN.findall(second.text)
    if len(left) != 1 or len(right) != 1 or first.text.startswith("-") or second.text.startswith("-"):
        raise QueryError("NEAR takes one word on each side.", first.start, second.end)
    one, two = _quoted(left[0]), _quoted(right[0])
    ways = [f"({a} <{n}> {b})" for n in range(1, int(apart) + 1) for a, b in ((one, two), (two, one))]
    raw = f"({' | '.join(ways)})"
    reading.raw.append(raw)
    reading.prefixes += [left[0].lower(), right[0].lower()]
    _said(raw, reading)
    return place + 3


def _said(raw: str, reading: _Reading) -> None:
    """Whoever `speaker:` named must have said it, in one turn."""
    if reading.speaker == "agent":
        reading.agent.append(raw)
    elif reading.speaker == "customer":
        reading.customer.append(raw)


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "''").replace("\\", "") + "'"


# ---- fields ----

Reader = Callable[[_Reading, str, str], Wanted]


def _field(token: _Token, reading: _Reading) -> None:
    match = _FIELD.match(token.text)
    assert match is not None
    name, sign, value = match["name"].lower(), match["sign"], match["value"].strip('"').strip()
    read = _FIELDS.get((name, sign[0]))
    if read is None:
        if sign == ":" and name.lstrip("-") not in {known for known, _ in _FIELDS}:
            # "11:30" or "note: ..." is something that somebody said.
            _word(replace(token, text=token.text.replace(":", " ")), reading)
            return
        known = ", ".join(sorted({f"{field}{mark}" for field, mark in _FIELDS}))
        raise QueryError(f"We do not know {name}{sign}. You can use {known}.", token.start, token.end)
    if not value:
        raise QueryError(f"After {name}{sign} something is missing.", token.start, token.end)
    try:
        reading.wanted = read(reading, sign, value)
    except ValueError as error:
        raise QueryError(str(error), token.start, token.end) from error


def _number(value: str, what: str) -> float:
    try:
        number = float(value.rstrip("s%"))
    except ValueError:
        raise ValueError(f"After {what} stands a number.") from None
    if not 0 <= number < 1e6:
        raise ValueError(f"After {what} stands a number below a million.")
    return number


def _day(value: str) -> date:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise ValueError("A day is written 2026-01-31.") from None
    if not 1970 <= day.year <= 2200:
        raise ValueError("This day is too far away.")
    return day


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _speaker(reading: _Reading, sign: str, value: str) -> Wanted:
    if value.lower() not in SPEAKERS:
        raise ValueError("After speaker: stands agent, customer or any.")
    reading.speaker = value.lower()
    return reading.wanted


def _kind(reading: _Reading, sign: str, value: str) -> Wanted:
    if value.lower() not in KINDS:
        raise ValueError("After kind: stands call or chat.")
    return replace(reading.wanted, kind=value.lower())


def _queue(reading: _Reading, sign: str, value: str) -> Wanted:
    return replace(reading.wanted, queue=value)


def _from(reading: _Reading, sign: str, value: str) -> Wanted:
    return replace(reading.wanted, since=_midnight(_day(value)))


def _to(reading: _Reading, sign: str, value: str) -> Wanted:
    return replace(reading.wanted, until=_midnight(_day(value) + timedelta(days=1)))


def _silence(reading: _Reading, sign: str, value: str) -> Wanted:
    return replace(reading.wanted, silence_over=_number(value, "silence>"))


def _talk_over(reading: _Reading, sign: str, value: str) -> Wanted:
    return replace(reading.wanted, talk_over=_number(value, "talkover>"))


def _longer(reading: _Reading, sign: str, value: str) -> Wanted:
    return replace(reading.wanted, longer=_number(value, "duration>"))


def _shorter(reading: _Reading, sign: str, value: str) -> Wanted:
    return replace(reading.wanted, shorter=_number(value, "duration<"))


_RESULTS = {"passed": True, "failed": False}


def _scored(reading: _Reading, automatic: bool, **changes: Any) -> Wanted:
    name = "automatic" if automatic else "human"
    return replace(reading.wanted, **{name: replace(getattr(reading.wanted, name), **changes)})


def _score(which: str, automatic: bool) -> Reader:
    what = f"{'auto' if automatic else ''}score{'>' if which == 'over' else '<'}"
    return lambda reading, sign, value: _scored(reading, automatic, **{which: _number(value, what)})


def _result(automatic: bool) -> Reader:
    def read(reading: _Reading, sign: str, value: str) -> Wanted:
        if value.lower() not in _RESULTS:
            raise ValueError(f"After {'auto' if automatic else ''}result: stands passed or failed.")
        return _scored(reading, automatic, passed=_RESULTS[value.lower()])

    return read


def _question(automatic: bool) -> Reader:
    def read(reading: _Reading, sign: str, value: str) -> Wanted:
        question, equals, answer = value.partition("=")
        if not (question and equals and answer):
            raise ValueError("A question is asked so: question:greeting=no.")
        before = (reading.wanted.automatic if automatic else reading.wanted.human).answers
        return _scored(reading, automatic, answers=(*before, (question, answer)))

    return read


_FIELDS: dict[tuple[str, str], Reader] = {
    ("speaker", ":"): _speaker,
    ("kind", ":"): _kind,
    ("queue", ":"): _queue,
    ("from", ":"): _from,
    ("to", ":"): _to,
    ("silence", ">"): _silence,
    ("talkover", ">"): _talk_over,
    ("duration", ">"): _longer,
    ("duration", "<"): _shorter,
    ("score", ">"): _score("over", False),
    ("score", "<"): _score("under", False),
    ("result", ":"): _result(False),
    ("question", ":"): _question(False),
    ("autoscore", ">"): _score("over", True),
    ("autoscore", "<"): _score("under", True),
    ("autoresult", ":"): _result(True),
    ("autoquestion", ":"): _question(True),
}


# ---- the form for people who do not type it ----


@dataclass(frozen=True)
class Asked:
    """What the form asks: each field as text, empty where it was left out."""

    all_words: str = ""
    phrase: str = ""
    without: str = ""
    near_first: str = ""
    near_second: str = ""
    apart: str = ""
    speaker: str = ""
    silence: str = ""
    longer: str = ""
    shorter: str = ""
    score_over: str = ""
    score_under: str = ""
    result: str = ""
    question: str = ""
    answer: str = ""
    scored_by: str = ""


def built(asked: Asked) -> str:
    """The query that says what the form asks."""
    return " ".join(_parts(asked))


def _parts(asked: Asked) -> Iterator[str]:
    if asked.silence:
        yield f"silence>{_whole(asked.silence)}"
    if asked.longer:
        yield f"duration>{_whole(asked.longer)}"
    if asked.shorter:
        yield f"duration<{_whole(asked.shorter)}"
    yield from _evaluated(asked)
    yield from (f"-{word}" for word in _PLAIN.findall(asked.without))
    if asked.speaker in ("agent", "customer"):
        yield f"speaker:{asked.speaker}"
    yield from _PLAIN.findall(asked.all_words)
    if words := _PLAIN.findall(asked.phrase):
        yield f'"{" ".join(words)}"'
    first, second = _PLAIN.findall(asked.near_first), _PLAIN.findall(asked.near_second)
    if first and second:
        yield f"{first[0]} NEAR/{_whole(asked.apart) or 5} {second[0]}"


def _evaluated(asked: Asked) -> Iterator[str]:
    who = "auto" if asked.scored_by == "auto" else ""
    if asked.score_over:
        yield f"{who}score>{_whole(asked.score_over)}"
    if asked.score_under:
        yield f"{who}score<{_whole(asked.score_under)}"
    if asked.result in _RESULTS:
        yield f"{who}result:{asked.result}"
    answer = asked.answer.replace('"', "").strip()
    if asked.question and answer:
        value = f"{asked.question}={answer}"
        yield f'{who}question:"{value}"' if " " in value else f"{who}question:{value}"


def _whole(value: str) -> str:
    return "".join(re.findall(r"\d+", value)[:1])
