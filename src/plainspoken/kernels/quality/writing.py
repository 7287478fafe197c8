"""A form as JSON, and what changed between two versions of one."""

import json
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from typing import Any, Literal

from .form import Form, Kind, Question, Section, Terms


def to_json(form: Form) -> dict[str, Any]:
    """The form as `parse` reads it; what is usual is left out."""
    found: dict[str, Any] = {"title": form.title}
    if form.description:
        found["description"] = form.description
    found |= {"counting": form.counting.value, "channels": [channel.value for channel in form.channels]}
    if form.pass_at is not None:
        found["pass_at"] = _number(form.pass_at)
    if form.bands:
        found["bands"] = [{"from": _number(band.least), "title": band.title} for band in form.bands]
    if form.terms != Terms():
        found["terms"] = vars(form.terms).copy()
    found["sections"] = [_section(section) for section in form.sections]
    return found


def digest(form: Form) -> str:
    """SHA-256 of the form, the same for the same form however it was written."""
    return sha256(json.dumps(to_json(form), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _section(section: Section) -> dict[str, Any]:
    return {
        "id": section.id,
        "title": section.title,
        "weight": _number(section.weight),
        "questions": [_question(question) for question in section.questions],
    }


def _question(question: Question) -> dict[str, Any]:
    found: dict[str, Any] = {"id": question.id, "text": question.text, "kind": question.kind.value}
    if question.help:
        found["help"] = question.help
    if question.points:
        found["points"] = _number(question.points)
    if not question.required:
        found["required"] = False
    if question.may_not_apply:
        found["may_not_apply"] = True
    if question.error:
        found["error"] = question.error.value
    match question.kind:
        case Kind.YES_NO:
            found["right"] = question.right
        case Kind.SCALE:
            found |= {"least": question.least, "most": question.most}
            if question.fails_at is not None:
                found["fails_at"] = question.fails_at
        case Kind.CHOICE:
            found["options"] = [
                {"value": o.value, "title": o.title, "points": _number(o.points), **({"fails": True} if o.fails else {})}
                for o in question.options
            ]  # fmt: skip
    if question.shown_when:
        found["shown_when"] = {
            "question": question.shown_when.question,
            "is": list(question.shown_when.values),
        }
    return found


def _number(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


@dataclass(frozen=True)
class Change:
    """One difference between two versions. `where` is what people call the place; before and after are JSON."""

    kind: Literal["added", "removed", "changed", "moved"]
    where: str
    field: str = ""
    before: str = ""
    after: str = ""


def changes(old: Form, new: Form) -> tuple[Change, ...]:
    """What is different, by the ids of sections and questions; an empty answer means the same form."""
    before, after = to_json(old), to_json(new)
    found = _fields("The form", before, after, skip=("sections",))
    found += _parts(
        {s["id"]: (s["title"], s) for s in before["sections"]},
        {s["id"]: (s["title"], s) for s in after["sections"]},
        "Section",
        ("questions",),
    )
    found += _parts(_flat(before), _flat(after), "Question", ())
    return tuple(found)


def _flat(form: dict[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    return {
        q["id"]: (q["text"], {**q, "section": section["id"]})
        for section in form["sections"]
        for q in section["questions"]
    }


def _parts(
    before: dict[str, tuple[str, dict[str, Any]]],
    after: dict[str, tuple[str, dict[str, Any]]],
    what: str,
    skip: tuple[str, ...],
) -> list[Change]:
    found = [Change("removed", f"{what}: {before[key][0]}") for key in before if key not in after]
    found += [Change("added", f"{what}: {after[key][0]}") for key in after if key not in before]
    both = [key for key in after if key in before]
    for key in both:
        found += _fields(f"{what}: {after[key][0]}", before[key][1], after[key][1], skip=skip)
    order = [key for key in before if key in after]
    found += [Change("moved", f"{what}: {after[key][0]}") for key in _moved(order, both)]
    return found


def _moved(before: list[str], after: list[str]) -> list[str]:
    """The fewest that must move to make one order the other: those outside a longest common run."""
    place = {key: n for n, key in enumerate(before)}
    best: list[list[str]] = []
    for n, key in enumerate(after):
        runs = [best[m] for m in range(n) if place[after[m]] < place[key]]
        best.append([*max(runs, key=lambda run: len(run), default=[]), key])
    longest: list[str] = max(best, key=lambda run: len(run), default=[])
    staying = set(longest)
    return [key for key in after if key not in staying]


def _fields(where: str, before: dict[str, Any], after: dict[str, Any], skip: tuple[str, ...]) -> list[Change]:
    names = [name for name in {**before, **after} if name not in (*skip, "id")]
    return [
        Change("changed", where, name, _shown(before.get(name)), _shown(after.get(name)))
        for name in names
        if before.get(name) != after.get(name)
    ]


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
