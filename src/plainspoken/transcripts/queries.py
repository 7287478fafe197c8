"""Reads of transcripts: searching, and what a page shows. All inside the reader's purpose session."""

import re
from collections.abc import Collection, Sequence
from importlib import resources
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db import connection

from plainspoken.conversations.ports import Found, Hit, Line, Script, Summary, Wanted
from plainspoken.custody.places import place
from plainspoken.ui.shapes import Segment

from . import segments
from .models import Transcript, Turn, Words

HITS = 3  # turns shown for each conversation found
AROUND = 90  # characters shown before and after the first word found
LONGEST_QUERY = 500
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_FUNCTION = "transcripts_search(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"


def search_sql() -> str:
    """The reviewed search function, with the purposes that the declarations let use it."""
    text = resources.files("plainspoken.transcripts").joinpath("sql/search.sql").read_text("utf-8")
    purposes = ", ".join(f"'{name}'" for name in place("transcripts.Transcript").purposes)
    return text.replace("{purposes}", purposes)


# ---- searching ----


def search(wanted: Wanted) -> Found:
    """Conversations whose redacted words match, as people write in a search box: words, "phrases", or,
    -without.

    Raises a database error without a purpose, and for a purpose that may not use transcripts.
    """
    query = wanted.q.replace("\0", " ")[:LONGEST_QUERY]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT conversation, found FROM {_FUNCTION}",  # noqa: S608 - a constant
            [
                query,
                wanted.queue or None,
                wanted.agent,
                wanted.kind or None,
                wanted.since,
                wanted.until,
                wanted.participant,
                wanted.sort,
                wanted.limit,
                wanted.offset,
            ],
        )
        rows = cursor.fetchall()
    ids = tuple(row[0] for row in rows)
    return Found(ids, rows[0][1] if rows else 0, hits(query, ids))


def hits(query: str, conversations: Collection[UUID]) -> dict[UUID, tuple[Hit, ...]]:
    """The first turns of each conversation that hold any of the words looked for, with those words marked."""
    lexemes = _lexemes(query)
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


def _any(lexemes: Sequence[str]) -> str:
    return " | ".join("'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'" for lexeme in lexemes)


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
    """Redacted subject line and number of removed parts of each conversation that has a transcript."""
    rows = Transcript.objects.filter(conversation_id__in=conversations)
    return {
        key: Summary(title, removed)
        for key, title, removed in rows.values_list("conversation_id", "title", "removed")
    }


def script(conversation: UUID) -> Script | None:
    """The redacted transcript of a conversation; None where none was begun."""
    row = Transcript.objects.filter(conversation_id=conversation).first()
    if row is None:
        return None
    turns = Turn.objects.filter(transcript=row).select_related("participation").order_by("ordinal")
    return Script(
        state=row.state,
        reason=row.reason,
        language=row.language,
        made_by=row.made_by,
        sure=row.sure,
        title=row.title,
        lines=tuple(
            Line(
                ordinal=turn.ordinal,
                position=turn.participation.position if turn.participation else None,
                channel=turn.channel,
                start_s=turn.start_s,
                end_s=turn.end_s,
                text=turn.text,
                pieces=turn.pieces,
                cuts=turn.cuts,
                gone=turn.gone,
            )
            for turn in turns
        ),
    )


def revealed(conversation: UUID) -> dict[int, str]:
    """The raw text of each removed part. Only for purposes that may see words in full. Raises KeyGone."""
    from .services.storing import raw

    row = Words.objects.select_related("content_key").filter(transcript__conversation_id=conversation).first()
    if row is None:
        return {}
    return {n: said.text[first:last] for said in raw(row) for n, first, last in said.removed}
