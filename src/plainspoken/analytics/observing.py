"""The SQL of reports: which evaluations, what is observed of each, and what the observations are grouped by.

One statement a report: the evaluations are joined once, and every group is counted from that. It runs inside the
purpose session of the reader, under row-level security like every other read. All values are parameters; what is put
together here are constants of ours.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from plainspoken.custody.sessions import required
from plainspoken.kernels.reporting import Range, previous
from plainspoken.policies.collection import closed_to
from plainspoken.quality.models import FormVersion
from plainspoken.quality.queries import form_of
from plainspoken.quality.services.calibrating import share

from .definitions import Columns, Dated, Definition, MadeBy, Measure, Rows

MOMENT = {Dated.EVALUATED: "COALESCE({e}.submitted_at, {e}.made_at)", Dated.HAPPENED: "c.started_at"}

# Of several automatic evaluations of one conversation the newest of the range counts: rules may have changed since.
_PICKED = """
SELECT e.id, e.made_by, e.percent, e.passed, e.fatal, e.evaluator, e.agent_id, e.conversation_id, e.version_id,
  v.form_id, e.released_at, e.acknowledged_at, c.queue, {moment} AS moment
FROM quality_evaluation e
JOIN quality_formversion v ON v.id = e.version_id
JOIN conversations_conversation c ON c.id = e.conversation_id
WHERE e.organisation_id = %(organisation)s AND e.state <> 'draft' AND e.made_by = ANY (%(made_by)s)
  AND {moment} >= %(since)s AND {moment} < %(until)s {filters}
  AND (e.made_by <> 'automatic' OR NOT EXISTS (
    SELECT 1 FROM quality_evaluation n JOIN quality_formversion w ON w.id = n.version_id
    WHERE n.conversation_id = e.conversation_id AND n.made_by = 'automatic' AND n.state <> 'draft'
      AND n.agent_id IS NOT DISTINCT FROM e.agent_id AND w.form_id = v.form_id
      AND (n.made_at, n.id) > (e.made_at, e.id) AND {later} < %(until)s
      AND ({later} >= %(start)s) = ({moment} >= %(start)s)))"""

# Sheets of closed calibration sessions, each answer beside the leader's.
_SHEETS = """
SELECT s.id, 'person' AS made_by, s.by AS evaluator, s.evaluator_id AS agent_id, e.conversation_id, e.version_id,
  v.form_id, c.queue, e.closed_at AS moment, s.answers, l.answers AS reference
FROM quality_calibrationsession e
JOIN quality_calibrationsheet s ON s.session_id = e.id AND s.submitted_at IS NOT NULL AND s.by <> e.leader
JOIN quality_calibrationsheet l ON l.session_id = e.id AND l.submitted_at IS NOT NULL AND l.by = e.leader
JOIN quality_formversion v ON v.id = e.version_id
JOIN conversations_conversation c ON c.id = e.conversation_id
WHERE e.organisation_id = %(organisation)s AND e.state = 'closed'
  AND e.closed_at >= %(since)s AND e.closed_at < %(until)s {filters}"""

_SCALE = """unnest(%(scale_versions)s::uuid[], %(scale_questions)s::text[], %(scale_values)s::text[],
  %(scale_shares)s::float8[]) AS {name} (version_id, question, value, share)"""

_WHOLE = "SELECT p.*, '' AS question, ({x})::float8 AS x FROM picked p"
# OFFSET 0 keeps the planner from joining the points to the evaluations before their answers are there.
_ANSWERS = f"""
SELECT o.*, ({{x}})::float8 AS x FROM (
  SELECT p.*, a.question, a.value FROM picked p
  JOIN quality_answer a ON a.evaluation_id = p.id AND NOT a.not_applicable
  WHERE (%(question)s = '' OR a.question = %(question)s) OFFSET 0) o
JOIN {_SCALE.format(name="s")} ON s.version_id = o.version_id AND s.question = o.question AND s.value = o.value"""
# What the rules had said before somebody overturned it, as quality's own page counts it.
_SAID = """COALESCE((SELECT d.changes -> a.question ->> 0 FROM quality_dispute d
    WHERE d.evaluation_id = p.id AND d.changes -> a.question IS NOT NULL ORDER BY d.made_at LIMIT 1),
  CASE WHEN a.not_applicable THEN '-' ELSE a.value END)"""

OBSERVED = {
    Measure.EVALUATIONS: _WHOLE.format(x="1"),
    Measure.PERCENT: _WHOLE.format(x="p.percent"),
    Measure.PASSED: _WHOLE.format(x="p.passed::int"),
    Measure.FATAL: _WHOLE.format(x="(cardinality(p.fatal) > 0)::int"),
    Measure.RESULT: _ANSWERS.format(x="s.share"),
    Measure.FULL: _ANSWERS.format(x="(s.share >= 1)::int"),
    Measure.DISPUTED: _WHOLE.format(
        x="EXISTS (SELECT 1 FROM quality_dispute d WHERE d.evaluation_id = p.id)::int"
    )
    + " WHERE p.released_at IS NOT NULL",
    Measure.OVERTURNED: """
SELECT p.*, '' AS question, (d.outcome = 'overturned')::int::float8 AS x FROM picked p
JOIN quality_dispute d ON d.evaluation_id = p.id AND d.decided_at IS NOT NULL""",
    Measure.ACKNOWLEDGED: _WHOLE.format(x="EXTRACT(EPOCH FROM p.acknowledged_at - p.released_at) / 3600.0"),
    Measure.DRIFT: f"""
SELECT p.id, p.made_by, p.evaluator, p.agent_id, p.conversation_id, p.queue, p.moment, o.key AS question,
  s.share - t.share AS x
FROM picked p CROSS JOIN LATERAL jsonb_each_text(p.answers) o
JOIN {_SCALE.format(name="s")} ON s.version_id = p.version_id AND s.question = o.key AND s.value = o.value
JOIN {_SCALE.format(name="t")} ON t.version_id = p.version_id AND t.question = o.key
  AND t.value = p.reference ->> o.key
WHERE (%(question)s = '' OR o.key = %(question)s)""",
    Measure.AGREEMENT: f"""
SELECT p.id, p.made_by, h.evaluator, p.agent_id, p.conversation_id, p.queue, p.moment, a.question,
  (said.value = heard.value)::int::float8 AS x
FROM picked p
JOIN quality_answer a ON a.evaluation_id = p.id
JOIN quality_evaluation h ON h.conversation_id = p.conversation_id AND h.made_by = 'person' AND h.state <> 'draft'
  AND h.agent_id IS NOT DISTINCT FROM p.agent_id
JOIN quality_formversion u ON u.id = h.version_id AND u.form_id = p.form_id
JOIN quality_answer b ON b.evaluation_id = h.id AND b.question = a.question
CROSS JOIN LATERAL (SELECT {_SAID} AS value) said
CROSS JOIN LATERAL (SELECT CASE WHEN b.not_applicable THEN '-' ELSE b.value END AS value) heard
WHERE said.value <> '' AND heard.value <> '' AND (%(question)s = '' OR a.question = %(question)s)""",
}

_KEY = {
    "team": "COALESCE(m.team, '')",
    "agent": "COALESCE(o.agent_id::text, '')",
    "question": "o.question",
    "evaluator": "o.evaluator",
    "queue": "o.queue",
    "period": "to_char(date_trunc(%(every)s, o.moment AT TIME ZONE %(zone)s), 'YYYY-MM-DD')",
    "": "''",
}
_SET = "COALESCE(q.name, '')"
_TEAM = """LEFT JOIN LATERAL (SELECT team FROM people_membership WHERE subject_id = o.agent_id
  AND organisation_id = %(organisation)s ORDER BY since LIMIT 1) m ON true"""
_SETS = (
    "LEFT JOIN unnest(%(set_names)s::text[], %(set_queues)s::text[]) AS q (name, queue) ON q.queue = o.queue"
)
# One customer a conversation: there may be more, so that groups are taken for smaller than they are, never larger.
_CUSTOMER = """(SELECT t.subject_id FROM conversations_participation t WHERE t.conversation_id = o.conversation_id
  AND t.role = 'customer' AND t.subject_id IS NOT NULL ORDER BY t.position LIMIT 1)"""

_KEYED = """
WITH picked AS MATERIALIZED ({picked}), observed AS ({observed}), keyed AS (
SELECT o.id, {row} AS row, {col} AS col, o.made_by, o.moment >= %(start)s AS now,
  to_char(date_trunc(%(every)s, o.moment AT TIME ZONE %(zone)s), 'YYYY-MM-DD') AS bucket,
  o.x, o.agent_id, {customer} AS customer
FROM observed o {joins} WHERE o.x IS NOT NULL)"""
# Added up once by everything, then by less: people are few, and answers many.
_COUNTED = """, summed AS (
SELECT row, col, made_by, now, bucket, agent_id, customer, count(*) AS n, sum(x) AS total, sum(x * x) AS squares
FROM keyed GROUP BY row, col, made_by, now, bucket, agent_id, customer)
SELECT row, col, made_by, now, bucket, GROUPING(row, col, bucket) AS level,
  sum(n)::bigint, sum(total), sum(squares), count(DISTINCT agent_id), count(DISTINCT customer)
FROM summed GROUP BY GROUPING SETS ((row, col, made_by, now), (row, made_by, now, bucket), (made_by, now))"""
_BEHIND = """
SELECT id FROM keyed WHERE row = %(row)s AND col = %(col)s AND made_by = %(cell_made_by)s AND now
GROUP BY id ORDER BY id LIMIT %(most)s"""
# GROUPING's bits: which of row, col and bucket were not grouped by.
CELL, SERIES, TOTAL = 0b001, 0b010, 0b111


@dataclass(frozen=True)
class Counted:
    """One group: its key, and its observations added up. Keys that were not grouped by are empty."""

    level: int
    row: str
    col: str
    made_by: str
    now: bool
    bucket: str
    n: int
    total: float
    squares: float
    agents: int
    customers: int


def counted(definition: Definition, *, zone: ZoneInfo, span: Range, customers: bool) -> list[Counted]:
    """Every group of a report, in the range and in the one before, inside the purpose session of the reader.

    customers: count them too, where a least number of people holds; else they are 0.
    """
    statement = _keyed(definition, customers=customers) + _COUNTED
    with connection.cursor() as cursor:
        cursor.execute(statement, _values(definition, zone, span))
        rows = cursor.fetchall()
    return [
        Counted(
            level, row or "", col or "", made_by, now, bucket or "", n, float(total), float(squares), a, c
        )
        for row, col, made_by, now, bucket, level, n, total, squares, a, c in rows
    ]


def behind(
    definition: Definition, *, zone: ZoneInfo, span: Range, row: str, col: str, made_by: str, most: int
) -> list[UUID]:
    """The evaluations that one number counts, at most `most`."""
    statement = _keyed(definition, customers=False) + _BEHIND
    more = {"row": row, "col": col, "cell_made_by": made_by, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(statement, _values(definition, zone, span) | more)
        return [key for (key,) in cursor.fetchall()]


def _keyed(one: Definition, *, customers: bool) -> str:
    base = _SHEETS if one.measure == Measure.DRIFT else _PICKED
    moment = MOMENT[one.dated]
    picked = base.format(moment=moment.format(e="e"), later=moment.format(e="n"), filters=_filters(one))
    keys = {one.rows.value, one.columns.value}
    joins = [_TEAM] if "team" in keys else []
    if one.sets and "queue" in keys:
        joins.append(_SETS)
    return _KEYED.format(
        picked=picked,
        observed=OBSERVED[one.measure],
        row=_key(one, one.rows.value),
        col=_key(one, one.columns.value),
        customer=_CUSTOMER if customers else "NULL::uuid",
        joins="\n".join(joins),
    )


def _key(one: Definition, name: str) -> str:
    return _SET if name == "queue" and one.sets else _KEY[name]


def _filters(one: Definition) -> str:
    asked = (
        (one.form, "v.form_id = %(form)s"),
        (one.version, "v.number = %(version)s"),
        (one.kinds, "c.kind = ANY (%(kinds)s)"),
        (one.queues, "c.queue = ANY (%(queues)s)"),
        (True, "c.point <> ALL (%(closed)s)"),
    )
    return "".join(f" AND {sentence}" for wanted, sentence in asked if wanted)


def _values(one: Definition, zone: ZoneInfo, span: Range) -> dict[str, Any]:
    session = required()
    pairs = [(group.name, queue) for group in one.sets for queue in group.queues]
    return {
        "organisation": session.organisation,
        "made_by": made_by_of(one),
        "since": _midnight(previous(span).first, zone),
        "start": _midnight(span.first, zone),
        "until": _midnight(span.last + timedelta(days=1), zone),
        "zone": str(zone),
        "every": one.every.value,
        "form": one.form,
        "version": one.version,
        "question": one.question,
        "kinds": list(one.kinds),
        "queues": list(one.queues),
        "closed": list(closed_to(session.purpose, organisation=session.organisation)),
        "set_names": [name for name, _ in pairs],
        "set_queues": [queue for _, queue in pairs],
        **_scale(one, session.organisation),
    }


def made_by_of(one: Definition) -> list[str]:
    """Whose evaluations a report counts. Agreement begins with those of rules, drift with people's sheets."""
    if one.measure == Measure.AGREEMENT:
        return [MadeBy.AUTOMATIC.value]
    if one.measure == Measure.DRIFT:
        return [MadeBy.PERSON.value]
    both = [MadeBy.PERSON.value, MadeBy.AUTOMATIC.value]
    return both if one.made_by == MadeBy.BOTH else [one.made_by.value]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)


def _scale(one: Definition, organisation: UUID) -> dict[str, list[Any]]:
    """What each answer earns of its question, for every version asked about: arrays of equal length."""
    points: list[tuple[UUID, str, str, float]] = []
    if one.measure in (Measure.RESULT, Measure.FULL, Measure.DRIFT):
        for version in versions(one, organisation):
            for question in form_of(version).questions:
                for value in question.values:
                    if (earned := share(question, value)) is not None:
                        points.append((version.id, question.id, value, earned))
    names = ("scale_versions", "scale_questions", "scale_values", "scale_shares")
    return {name: [row[place] for row in points] for place, name in enumerate(names)}


def versions(one: Definition, organisation: UUID) -> Iterable[FormVersion]:
    """The versions of forms that a report may count, drafts left out, newest first."""
    rows = FormVersion.objects.filter(organisation_id=organisation).exclude(state=FormVersion.State.DRAFT)
    if one.form:
        rows = rows.filter(form_id=one.form)
    if one.version:
        rows = rows.filter(number=one.version)
    return rows.select_related("form").order_by("form_id", "-number")


# Rows and columns whose keys are calendar days.
def is_calendar(name: Rows | Columns) -> bool:
    """Whether keys are first days of periods."""
    return name.value == "period"
