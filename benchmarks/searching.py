"""Search at size: a mix of what people look for among a million segments, beside the same SQL without its guards."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from uuid import UUID

from django.db import connection, connections, transaction

from plainspoken.conversations.ports import Wanted
from plainspoken.conversations.queries import COUNTED
from plainspoken.conversations.searching import understood
from plainspoken.custody.sessions import purpose
from plainspoken.transcripts.queries import FOUND, arguments, search, search_sql

from .loading import run
from .measuring import Figure, Line
from .rights import NotTheSame
from .store import ME, OWNER
from .words import documents, looked_for

PAGE = 50
GOAL = 1.5
ALLOWED_MISSING = 0.03  # rows of restricted people, whom the guard hides
UNGUARDED = FOUND.replace("transcripts_search", "bench_search")


@dataclass(frozen=True)
class Timed:
    """Seconds of one query, of ours and of the unguarded, in turn."""

    query: str
    ours: Sequence[float]
    theirs: Sequence[float]


def mix() -> tuple[str, ...]:
    """Words from frequent to rare, phrases, NEAR, beginnings, who said it, and facts of the call."""
    word = looked_for()
    said = documents()[7].turns[1].split()
    return (
        word[0], word[2], word[4], word[6], word[8],
        f"{word[1]} {word[3]}", f"{word[0]} -{word[1]}", f"{word[5]} OR {word[7]}",
        f'"{said[0]} {said[1]}"', f'"{said[2]} {said[3]} {said[4]}"', f"{word[1]} NEAR/5 {word[2]}",
        f"{word[2][:5]}*", f"speaker:customer {word[0]}", f"speaker:customer {word[4]}",
        f"speaker:agent {said[0]} {said[1]}", f"queue:Returns {word[0]}", f"queue:Billing {word[3]}",
        f"from:2025-03-01 to:2025-03-31 {word[1]}", f"silence>30 {word[0]}", f"duration>600 kind:call {word[2]}",
    )  # fmt: skip


def found_lines(organisation: UUID, *, count: int, segments: int) -> tuple[Line, list[Figure]]:
    """The p95 of the mix, guarded and not; and what a whole search takes, with its marked turns. Raises NotTheSame."""
    run(unguarded_sql(organisation))
    hits = [_check(organisation, query) for query in mix()]
    timed = [_timed(organisation, query, count=count) for query in mix()]
    ours = sorted(one for query in timed for one in query.ours)
    theirs = sorted(one for query in timed for one in query.theirs)
    ratios = sorted(a / b for query in timed for a, b in zip(query.ours, query.theirs, strict=True))
    slowest = max(timed, key=lambda query: median(query.ours))
    line = Line(
        name="Search, p95",
        ours="transcripts_search() for service.answer",
        baseline="its statements without row and purpose guards, as the owner",
        ours_ms=_ms(_percentile(ours, 95)),
        baseline_ms=_ms(_percentile(theirs, 95)),
        ratio=round(_percentile(ours, 95) / _percentile(theirs, 95), 3),
        spread=(round(_percentile(ratios, 10), 3), round(_percentile(ratios, 90), 3)),
        goal=GOAL,
        pairs=len(ratios),
        note=f"{len(timed)} kinds of queries among {segments:,} segments, {min(hits):,} to {max(hits):,} hits counted"
        f" (counting stops at {COUNTED:,}). The p50 is {_ms(median(ours))} ms against {_ms(median(theirs))} ms;"
        f" the slowest kind, `{slowest.query}`, takes {_ms(median(slowest.ours))} ms. The range is that of the pairs.",
    )
    return line, _whole(organisation)


def unguarded_sql(organisation: UUID) -> str:
    """The reviewed function without purpose, masks and definer, for one organisation."""
    text = search_sql().partition("REVOKE ALL")[0]
    text = re.sub(r"^ +AND [tc]\.closed_to & .*$", "", text, flags=re.M)
    text = re.sub(
        r"AND a\.closed_to & v_bit <> v_bit AND \(v_need = 0 OR a\.open_to & v_need <> 0\)", "", text
    )
    text = text.replace("  v_bit bigint := custody_bit();\n  v_need bigint := custody_need();\n", "")
    text = re.sub(r"  PERFORM custody_may.*\n", "", text)
    text = text.replace("custody_organisation()", f"'{organisation}'").replace("SECURITY DEFINER", "")
    text = re.sub(r"DROP FUNCTION IF EXISTS.*?;", "", text, flags=re.S)
    return text.replace("transcripts_search(", "bench_search(")


def _wanted(query: str) -> Wanted:
    return understood(Wanted(q=query, limit=PAGE))


def _ours(organisation: UUID, query: str) -> list[tuple[UUID, int, bool]]:
    with purpose("service.answer", organisation=organisation, by=ME), connection.cursor() as cursor:
        cursor.execute(FOUND, arguments(_wanted(query)))
        return list(cursor.fetchall())


def _theirs(query: str) -> list[tuple[UUID, int, bool]]:
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute(UNGUARDED, arguments(_wanted(query)))
        return list(cursor.fetchall())


def _check(organisation: UUID, query: str) -> int:
    ours, theirs = _ours(organisation, query), _theirs(query)
    mine, all_of_it = (found[0][1] if found else 0 for found in (ours, theirs))
    if not all_of_it * (1 - ALLOWED_MISSING) - 20 <= mine <= all_of_it:
        raise NotTheSame(f"The guarded search finds {mine} of {all_of_it} for {query}.")
    return all_of_it


def _timed(organisation: UUID, query: str, *, count: int) -> Timed:
    ours: list[float] = []
    theirs: list[float] = []
    for turn in range(count + 1):
        for mine in (True, False) if turn % 2 else (False, True):
            started = time.perf_counter()
            if mine:
                _ours(organisation, query)
            else:
                _theirs(query)
            if turn:
                (ours if mine else theirs).append(time.perf_counter() - started)
    return Timed(query, ours, theirs)


def _whole(organisation: UUID) -> list[Figure]:
    took = []
    for query in mix():
        started = time.perf_counter()
        with purpose("service.answer", organisation=organisation, by=ME):
            search(_wanted(query))
        took.append(time.perf_counter() - started)
    how = f"the same queries once each, {PAGE} conversations with up to three marked turns"
    return [
        Figure("Search, a whole page, p50", _ms(median(took)), "ms", how),
        Figure("Search, a whole page, p95", _ms(_percentile(sorted(took), 95)), "ms", how),
    ]


def _percentile(ordered: Sequence[float], percent: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
