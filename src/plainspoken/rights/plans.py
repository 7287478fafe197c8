"""What a request would do, place by place, from the data map. Counts only; shown, kept, and made again at
execution.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from plainspoken.custody import acts, clock
from plainspoken.custody.places import Ending, Kept, places
from plainspoken.custody.places import place as place_of
from plainspoken.policies.queries import policy_in_force, rule
from plainspoken.retention.models import Hold
from plainspoken.retention.queries import HOLD_MARK, held, mark
from plainspoken.ui import shapes
from plainspoken.ui.wording import when

from .closes import OBJECT, RESTRICT, closed_by, follows, people_of

VERBS = {
    "erase": ("Erase", "Erased", "trash"),
    "unlink": ("Unlink", "Unlinked", "unlink"),
    "destroy-key": ("Destroy the key", "Key destroyed", "key-off"),
    "rewrite": ("Rewrite without them", "Rewritten without them", "unlink"),
    "keep": ("Keep", "Kept", "lock"),
    "copy": ("Copy", "Copied", "copy"),
    "restrict": ("Suspend", "Suspended", "hand-stop"),
}
REASONS = {
    "legal-obligation": "a law tells us to keep it",
    "claims": "it is needed for a claim",
    "hold": "a court or an authority told us to hold it",
    "free-expression": "the freedom of expression of others needs it",
    "security": "it is needed to find a breach of security",
    "transaction": "a contract or an order needs it",
}


@dataclass(frozen=True)
class Row:
    """One place: `count` rows are acted on by `verb`; kept ones are counted apart."""

    place: str
    title: str
    verb: str
    count: int
    kept: tuple[Kept, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For the request's row."""
        return {
            "place": self.place,
            "title": self.title,
            "verb": self.verb,
            "count": self.count,
            "kept": [[k.count, k.reason, k.until] for k in self.kept],
        }


@dataclass(frozen=True)
class Plan:
    """Every place that holds something. `blocked` says what the policy does not let be kept, and so stops it
    all.
    """

    rows: tuple[Row, ...]
    empty: int
    made_at: datetime
    blocked: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """The number on the button."""
        return sum(row.count for row in self.rows)

    @property
    def kept(self) -> int:
        return sum(k.count for row in self.rows for k in row.kept)

    @property
    def fingerprint(self) -> str:
        """Equal for plans that do the same. What is merely kept may grow meanwhile (each mail leaves a
        trace).
        """
        acted = sorted(
            (row.place, row.verb, row.count, sorted({code(k) for k in row.kept}))
            for row in self.rows
            if row.count
        )
        return hashlib.sha256(json.dumps(acted).encode()).hexdigest()[:16]

    def as_json(self) -> dict[str, Any]:
        """For the request's row."""
        return {
            "rows": [row.as_json() for row in self.rows],
            "empty": self.empty,
            "made_at": self.made_at.isoformat(),
            "fingerprint": self.fingerprint,
            "blocked": list(self.blocked),
        }


def from_json(data: Mapping[str, Any]) -> Plan | None:
    """The plan that a request's row keeps, or None."""
    if not data:
        return None
    return Plan(
        rows=tuple(
            Row(
                place=row["place"],
                title=row["title"],
                verb=row["verb"],
                count=row["count"],
                kept=tuple(Kept(*kept) for kept in row["kept"]),
            )
            for row in data["rows"]
        ),
        empty=data["empty"],
        made_at=datetime.fromisoformat(data["made_at"]),
        blocked=tuple(data["blocked"]),
    )


def code(kept: Kept) -> str:
    """The reason's code: what stands before the first colon."""
    return kept.reason.partition(":")[0].strip()


def make(*, organisation: UUID, subject: UUID | None, kind: str, clause: str) -> Plan:
    """Walk the data map for a request of this kind. Needs the purpose rights.execute."""
    hold = (
        held(organisation=organisation, subject=subject) if subject is not None and kind == "erase" else None
    )
    found = _rows(organisation, subject, kind, clause, hold) if subject is not None else {}
    rows = tuple(row for row in found.values() if row.count or row.kept)
    return Plan(
        rows=rows,
        empty=len(found) - len(rows),
        made_at=clock.now(organisation),
        blocked=_blocked(organisation, clause, rows, subject) if kind == "erase" and subject else (),
    )


def _rows(organisation: UUID, subject: UUID, kind: str, clause: str, hold: Hold | None) -> dict[str, Row]:
    """What an erasure would do at each place; for other kinds, how many rows are copied or suspended."""
    titles = {place.model: place.title for place in acts.personal_places()}
    if kind in (RESTRICT, OBJECT):
        people = people_of(subject)
        closed = set(closed_by(kind, organisation=organisation, clause=clause, people=people))
        touched = {
            place.model
            for place in acts.personal_places()
            if closed & set(place.purposes) and follows(place, people=people)
        }
        return {
            model: Row(model, titles[model], "restrict", n if model in touched else 0)
            for model, n in acts.counts(subject).items()
        }
    if kind != "erase":
        return {model: Row(model, titles[model], "copy", n) for model, n in acts.counts(subject).items()}
    endings = acts.plans(subject)
    if hold is not None:
        endings = {model: held_ending(ending, hold) for model, ending in endings.items()}
    return {
        model: Row(model, titles[model], ending.verb, ending.count, ending.kept)
        for model, ending in endings.items()
    }


def held_ending(ending: Ending, hold: Hold) -> Ending:
    """What an erasure does while a hold is in force: nothing ends, and each row says why."""
    if not ending.count:
        return ending
    kept = Kept(
        count=ending.count,
        reason=f"{hold.reason}: {mark(hold)}",
        until=hold.until.isoformat() if hold.until else "",
    )
    return Ending(count=0, verb="keep", kept=(*ending.kept, kept))


LEGAL_OBLIGATION = "legal-obligation"


def _blocked(organisation: UUID, clause: str, rows: Sequence[Row], subject: UUID) -> tuple[str, ...]:
    """Reasons for keeping that the policy does not know (`keep_only_for`), and what would be kept by law
    although no purpose of its place rests on a legal obligation for such people (GDPR Art. 17(3)(b)).
    """
    policy = policy_in_force(organisation=organisation)
    allowed = rule(organisation=organisation, clause=clause).keep_only_for
    people = people_of(subject)
    lawful = {name for name, item in policy.purposes.items() if item.basis[people] == LEGAL_OBLIGATION}
    found = []
    for row in rows:
        for kept in row.kept:
            if code(kept) not in allowed:
                found.append(
                    f"{row.title} would keep something for the reason {code(kept)}, which the policy does not"
                    " name."
                )
            elif code(kept) == LEGAL_OBLIGATION and not lawful & set(place_of(row.place).purposes):
                found.append(f"{row.title} would keep something by law, but no purpose of it rests on a law.")
    return tuple(found)


def reason_text(reason: str, laws: Mapping[str, str]) -> str:
    """A reason for keeping in words: what follows its code, else what the code says. `laws`: what stands for the
    law of a hold -> that law, for those who may read it.
    """
    head, _, rest = (part.strip() for part in reason.partition(":"))
    told = laws.get(rest, "") if rest.startswith(HOLD_MARK) else rest
    return told or REASONS.get(head, head)


def _kinds(model: str) -> str:
    """Which categories of personal data stand in a place: "name, phone". A place may have gone since."""
    columns = next((one.columns for one in places() if one.model == model), {})
    return ", ".join(sorted({column.category for column in columns.values() if column.category})) or "–"


def shown(plan: Plan, *, laws: Mapping[str, str], done: bool = False) -> shapes.Plan:
    """The plan as the page shows it."""
    rows: list[shapes.PlanRow] = []
    for row in plan.rows:
        before, after, icon = VERBS[row.verb]
        if row.count:
            rows.append(
                shapes.PlanRow(row.title, _kinds(row.place), row.count, after if done else before, icon)
            )
        for kept in row.kept:
            rows.append(
                shapes.PlanRow(
                    row.title,
                    "stays",
                    kept.count,
                    "Kept" if done else "Keep",
                    "lock",
                    when=f"until {when(date.fromisoformat(kept.until))}"
                    if kept.until
                    else "until the hold ends",
                    kept=True,
                    reason=reason_text(kept.reason, laws),
                )
            )
    return shapes.Plan(
        rows=tuple(rows),
        made_at=plan.made_at,
        total=plan.total,
        summary=_summary(plan),
        empty_places=plan.empty,
        done=done,
    )


def _summary(plan: Plan) -> str:
    acted = {row.verb for row in plan.rows if row.count}
    word = "copied" if "copy" in acted else "suspended" if "restrict" in acted else "erased or unlinked"
    return f"{plan.total} {word}" + (f", {plan.kept} kept" if plan.kept else "")
