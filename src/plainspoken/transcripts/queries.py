"""Reads of transcripts: searching, and what a page shows. All inside the reader's purpose session."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import resources
from textwrap import shorten
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Q

from plainspoken.conversations.models import Participation
from plainspoken.conversations.ports import Change, Found, Hit, Line, Script, Summary, Wanted
from plainspoken.conversations.queries import may_reveal, scored
from plainspoken.conversations.searching import understood
from plainspoken.custody import keys
from plainspoken.custody.acts import context
from plainspoken.custody.places import place
from plainspoken.custody.sessions import required
from plainspoken.people.models import Membership
from plainspoken.ui.shapes import Segment

from . import segments
from .models import Correction, Overruling, Transcript, Turn, Words

HITS = 3  # turns shown for each conversation found
AROUND = 90  # characters shown before and after the first word found
LONGEST_QUERY = 500
EARLY = 12  # turns in which somebody says what they want
TELLING = 7  # words of a sentence that tells something, not only greets
TITLE = 64  # characters of a title made of what was said
_SENTENCE = re.compile(r"[^.!?]+[.!?]*")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
MOST_SCORED = 100_000
FOUND = f"SELECT conversation, found, more FROM transcripts_search({', '.join(['%s'] * 21)})"  # noqa: S608


def search_sql() -> str:
    """The reviewed search function, with the purposes that the declarations let use it."""
    purposes = ", ".join(f"'{name}'" for name in place("transcripts.Transcript").purposes)
    english, simple = "ts_rank(search, v_english)", "ts_rank(search, v_simple)"
    either = f"CASE WHEN language LIKE 'en%' THEN {english} ELSE {simple} END"
    ways = {
        "{indexed}": _matching_sql("0::real", _source("indexed")),
        "{walked}": _matching_sql("0::real", _source("walked")),
        "{indexed_best}": _matching_sql("t.rank", _source("indexed", english=english, simple=simple)),
        "{walked_best}": _matching_sql("t.rank", _source("walked", either=either)),
    }
    text = _sql("search").replace("{purposes}", purposes)
    for name, way in ways.items():
        text = text.replace(name, way)
    return text


def _sql(name: str) -> str:
    return resources.files("plainspoken.transcripts").joinpath(f"sql/{name}.sql").read_text("utf-8")


def _source(name: str, *, english: str = "", simple: str = "", either: str = "") -> str:
    """Where the transcripts come from, each with a rank where one is wanted."""
    text = _sql(name)
    for slot, rank in (("{english_rank}", english), ("{simple_rank}", simple), ("{rank}", either)):
        text = text.replace(slot, f", {rank} AS rank" if rank else "")
    return text.rstrip("\n")


def _matching_sql(rank: str, source: str) -> str:
    return _sql("matching").replace("{source}", source).replace("{rank}", rank).rstrip("\n")


# ---- searching ----


def search(wanted: Wanted) -> Found:
    """Conversations whose redacted words match, as people write in a search box: words, "phrases", or,
    -without.

    Raises a database error without a purpose, and for a purpose that may not use transcripts; searching.QueryError.
    """
    wanted = understood(wanted)
    with connection.cursor() as cursor:
        cursor.execute(FOUND, arguments(wanted))
        rows = cursor.fetchall()
    ids = tuple(row[0] for row in rows)
    total, more = rows[0][1:] if rows else (0, False)
    return Found(ids, total, hits(_plain(wanted), ids, prefixes=wanted.prefixes), more_than=more)


def arguments(wanted: Wanted) -> list[Any]:
    """What FOUND takes for a search that was understood."""
    return [
        _plain(wanted),
        wanted.queue or None,
        wanted.agent,
        wanted.kind or None,
        wanted.since,
        wanted.until,
        wanted.participant,
        wanted.sort,
        wanted.limit,
        wanted.offset,
        list(wanted.not_from) or None,
        " & ".join(wanted.near) or None,
        list(wanted.agent_said) or None,
        list(wanted.customer_said) or None,
        wanted.silence_over,
        wanted.talk_over,
        wanted.longer,
        wanted.shorter,
        _scored(wanted),
        *(wanted.after or (None, None)),
    ]


def _plain(wanted: Wanted) -> str:
    return wanted.q.replace("\0", " ")[:LONGEST_QUERY]


def _scored(wanted: Wanted) -> list[UUID] | None:
    """The conversations with a score as wanted; None where no score is."""
    return list(scored(wanted)[:MOST_SCORED]) if wanted.by_score else None


def hits(
    query: str, conversations: Collection[UUID], *, prefixes: Collection[str] = ()
) -> dict[UUID, tuple[Hit, ...]]:
    """The first turns of each conversation that hold any of the words looked for, with those words marked."""
    lexemes = [*(_quoted(lexeme) for lexeme in _lexemes(query)), *(f"{_quoted(word)}:*" for word in prefixes)]
    if not lexemes or not conversations:
        return {}
    english = SearchQuery(_any(lexemes), search_type="raw", config="simple")
    turns = (
        Turn.objects.filter(transcript__conversation_id__in=conversations, search=english)
        .order_by("ordinal")
        .values_list(
            "transcript__conversation_id", "ordinal", "start_s", "participation__position", "text", "language"
        )
    )
    first: dict[UUID, list[tuple[int, float | None, int | None, str, str]]] = {}
    for conversation, *rest in turns.iterator(chunk_size=500):
        own = first.setdefault(conversation, [])
        if len(own) < HITS:
            own.append(tuple(rest))  # type: ignore[arg-type]
    marked = _marked([row for own in first.values() for row in own], lexemes)
    return {
        key: tuple(Hit(ordinal, at, position, marked[text]) for ordinal, at, position, text, _ in own)
        for key, own in first.items()
    }


def _lexemes(query: str) -> list[str]:
    """What the database looks for: stems and plain forms of the words wanted, without those excluded."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT lexeme FROM ("
            " SELECT unnest(regexp_matches(querytree(websearch_to_tsquery(config::regconfig, %s)),"
            " '''((?:[^'']|'''')+)''', 'g')) AS lexeme"
            " FROM unnest(ARRAY['english', 'simple']) AS config) AS found ORDER BY lexeme",
            [query],
        )
        return [row[0].replace("''", "'") for row in cursor.fetchall()]


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def _any(lexemes: Sequence[str]) -> str:
    return " | ".join(lexemes)


def _marked(
    rows: Sequence[tuple[int, float | None, int | None, str, str]], lexemes: Sequence[str]
) -> dict[str, tuple[Segment, ...]]:
    """Each text cut around its first hit, in runs. Which words are hits the database says, with its
    own stemmer.
    """
    words = {word for row in rows for word in _words(row[3])}
    found = _matching(words, lexemes)
    return {row[3]: tuple(_runs(row[3], found)) for row in rows}


def _words(text: str) -> list[str]:
    return [text[start:end] for start, end in _spans(text)]


def _spans(text: str) -> list[tuple[int, int]]:
    """Words outside labels."""
    labels = [match.span() for match in segments.LABEL.finditer(text)]
    return [
        match.span()
        for match in _WORD.finditer(text)
        if not any(start <= match.start() < end for start, end in labels)
    ]


def _matching(words: Collection[str], lexemes: Sequence[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word FROM unnest(%s::text[]) AS word"
            " WHERE (to_tsvector('english', word) || to_tsvector('simple', word)) @@ %s::tsquery",
            [sorted(words), _any(lexemes)],
        )
        return {row[0] for row in cursor.fetchall()}


def _runs(text: str, found: set[str]) -> list[Segment]:
    spans = [(start, end) for start, end in _spans(text) if text[start:end] in found]
    first = spans[0][0] if spans else 0
    low = max(0, text.rfind(" ", 0, max(0, first - AROUND)) + 1) if first > AROUND else 0
    high = len(text)
    if high > first + 2 * AROUND:
        high = text.find(" ", first + 2 * AROUND)
        high = len(text) if high < 0 else high
    runs, at = [Segment("… ")] if low else [], low
    for start, end in spans:
        if start < low or end > high:
            continue
        if at < start:
            runs.append(Segment(text[at:start]))
        runs.append(Segment(text[start:end], hit=True))
        at = end
    runs.append(Segment(text[at:high] + (" …" if high < len(text) else "")))
    return [run for run in runs if run.text]


# ---- pages ----


def summaries(conversations: Collection[UUID]) -> dict[UUID, Summary]:
    """What each conversation that has a transcript is called, and the number of its removed parts."""
    rows = list(
        Transcript.objects.filter(conversation_id__in=conversations).values_list(
            "conversation_id", "title", "removed"
        )
    )
    openings = _openings([key for key, title, _ in rows if not title])
    return {key: Summary(title or openings.get(key, ""), removed) for key, title, removed in rows}


def _openings(conversations: Collection[UUID]) -> dict[UUID, str]:
    """What to call conversations without a subject line: the first thing a customer tells, quoted.

    Only a turn from which nothing was removed, so that the title never depends on a redaction within it.
    """
    if not conversations:
        return {}
    turns = (
        Turn.objects.filter(
            transcript__conversation_id__in=conversations, gone=False, cuts=[], ordinal__lt=EARLY
        )
        .exclude(participation__role=Participation.Role.AGENT)
        .order_by("transcript_id", "ordinal")
        .values_list("transcript__conversation_id", "text")
    )
    found: dict[UUID, str] = {}
    for key, text in turns:
        if key not in found and (said := _told(text)):
            found[key] = said
    return found


def _told(text: str) -> str:
    """The first sentence that tells something, quoted and short; empty for greetings and questions."""
    for sentence in _SENTENCE.findall(text):
        words = sentence.split()
        if len(words) >= TELLING and not sentence.rstrip().endswith("?"):
            said = shorten(sentence.strip().rstrip(".,;!"), TITLE, placeholder=" …")
            return f"“{said}”"
    return ""


def script(conversation: UUID) -> Script | None:
    """The redacted transcript of a conversation; None where none was begun."""
    row = Transcript.objects.filter(conversation_id=conversation).first()
    if row is None:
        return None
    # Values, not rows: a call of two hours has 1,500 turns, and what is searched of them is as long again.
    turns = Turn.objects.filter(transcript=row).order_by("ordinal").values_list(
        "ordinal", "participation__position", "channel", "start_s", "end_s", "text", "pieces", "cuts", "gone"
    )  # fmt: skip
    return Script(
        state=row.state,
        reason=row.reason,
        language=row.language,
        made_by=row.made_by,
        sure=row.sure,
        title=row.title or _openings([conversation]).get(conversation, ""),
        lines=tuple(Line(*turn) for turn in turns),
    )


def may_overrule(membership: Membership) -> bool:
    """Whether this member may show or hide against the rules: whoever may ask to see what was removed."""
    return may_reveal(membership)


@dataclass(frozen=True)
class Decided:
    """One decision of a person on a turn: shown or hidden, what the rules had said, who, when, and in what words."""

    id: UUID
    ordinal: int
    shown: bool
    type: str
    rule: str
    by: str
    at: datetime
    reason: str


def overrulings(conversation: UUID) -> tuple[Decided, ...]:
    """The history of decisions on a conversation, the newest first. Raises KeyGone."""
    rows = Overruling.objects.filter(transcript__conversation_id=conversation).select_related("content_key")
    return tuple(
        Decided(
            row.id, row.ordinal, row.shown, row.type, row.rule, row.by, row.at,
            keys.content_sealer(row.content_key).open_text(bytes(row.reason), context=context(row, "reason")),
        )
        for row in rows.order_by("-at", "id")
    )  # fmt: skip


def corrections(conversation: UUID) -> tuple[Correction, ...]:
    """The corrections of a conversation, the newest first; what stood before is sealed."""
    rows = Correction.objects.filter(transcript__conversation_id=conversation).select_related("content_key")
    return tuple(rows.order_by("-at", "id"))


def history(conversation: UUID) -> dict[int, list[Change]]:
    """What people changed, by the ordinal of the turn, the newest first. Raises KeyGone.

    What stood before a correction is left out where words of the turn were hidden since: they may stand in it.
    """
    found: dict[int, list[Change]] = {}
    hidden: dict[int, datetime] = {}  # when words of a turn were last hidden
    for one in overrulings(conversation):
        act = "shown" if one.shown else "hidden"
        if not one.shown:
            hidden[one.ordinal] = max(one.at, hidden.get(one.ordinal, one.at))
        kind = segments.label(one.type).strip("[]")
        found.setdefault(one.ordinal, []).append(
            Change(one.id, act, one.at, one.by, kind, one.rule, one.reason)
        )
    for row in corrections(conversation):
        away = hidden.get(row.ordinal)
        before, after = ("", "") if away and away > row.at else _shown(row)
        change = Change(
            row.id, "corrected", row.at, row.by, undone=row.undone_at is not None, before=before, after=after
        )
        found.setdefault(row.ordinal, []).append(change)
    for changes in found.values():
        changes.sort(key=lambda change: change.at, reverse=True)
        newest = next((place for place, one in enumerate(changes) if not one.undone), None)
        if newest is not None and changes[newest].act == "corrected":
            changes[newest] = replace(changes[newest], can_undo=True)
    return found


def _shown(row: Correction) -> tuple[str, str]:
    """The redacted text before and after a correction; empty where it was not kept. Raises KeyGone."""
    from .services.correcting import unsealed

    text = keys.content_sealer(row.content_key).open_text(bytes(row.before), context=context(row, "before"))
    before, after = unsealed(text)["shown"] or ("", "")
    return before, after


CARD_TYPES = ("CARD", "CARD_CODE")


def slipped(since: datetime) -> list[tuple[UUID, int]]:
    """Conversations since a moment in which card data was found outside of pauses, and in how many parts."""
    hit = Q()
    for kind in CARD_TYPES:
        hit |= Q(cuts__contains=[{"type": kind}])
    rows = Turn.objects.filter(hit, transcript__conversation__started_at__gte=since).values_list(
        "transcript__conversation_id", "cuts"
    )
    count: Counter[UUID] = Counter()
    for key, cuts in rows.iterator(chunk_size=1000):
        count[key] += sum(cut["type"] in CARD_TYPES for cut in cuts)
    return sorted(count.items())


def overruled_cases(*, most: int = 1000) -> list[dict[str, Any]]:
    """The newest decisions of the house as test cases (`kernels.redaction.cases`), without anybody's words."""
    rows = Overruling.objects.filter(organisation_id=required().organisation).exclude(case={})
    return [dict(case) for case in rows.order_by("-at", "id").values_list("case", flat=True)[:most]]


def revealed(conversation: UUID) -> dict[int, str]:
    """The raw text of each removed part. Only for purposes that may see words in full. Raises KeyGone."""
    from .services.storing import raw

    row = Words.objects.select_related("content_key").filter(transcript__conversation_id=conversation).first()
    if row is None:
        return {}
    return {
        n: said.text[first:last]
        for said in raw(row)
        for n, first, last in said.removed
        if first < last and not any(part.start == first and part.end == last for part in said.lost)
    }
