"""Changing a draft step by step: what the form builder's buttons and fields do. Pure: JSON in, JSON out.

A draft may be wrong in the middle of the work; what people wrote is kept as it is, and the kernel says what is wrong.
"""

import copy
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from plainspoken.kernels.quality.parsing import MOST_BANDS, MOST_OPTIONS, MOST_QUESTIONS, MOST_SECTIONS

LONGEST_FIELD = 1000
NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,6})?\Z")


class Fields(Protocol):
    """What was sent, as Django's QueryDict gives it."""

    def get(self, name: str, default: str, /) -> Any:
        """The last value."""

    def getlist(self, name: str, /) -> Sequence[Any]:
        """All values."""

    def __contains__(self, name: object, /) -> bool: ...


@dataclass(frozen=True)
class Step:
    """One press or change: what to do, and where by place from 0."""

    act: str
    section: int = -1
    question: int = -1
    option: int = -1


class NoSuchStep(ValueError):
    """The draft has no such place, or nothing is called so."""


def apply(content: dict[str, Any], step: Step, fields: Fields) -> dict[str, Any]:
    """The draft after a step. What the part's fields say is kept first, so that no press loses a word."""
    made = copy.deepcopy(content)
    made.setdefault("sections", [])
    if step.act not in ACTS:
        raise NoSuchStep("Nothing is called so. Load the page again.")
    try:
        if step.question >= 0:
            _set_question(_question(made, step), fields)
        elif step.section >= 0:
            _set_section(_section(made, step), fields)
        elif step.act == "set":
            _set_form(made, fields)
        ACTS[step.act](made, step)
    except (IndexError, KeyError, TypeError, AttributeError) as error:
        raise NoSuchStep("This part is not there any more. Load the page again.") from error
    return made


def _section(made: dict[str, Any], step: Step) -> dict[str, Any]:
    if step.section < 0:
        raise IndexError
    found: dict[str, Any] = made["sections"][step.section]
    return found


def _question(made: dict[str, Any], step: Step) -> dict[str, Any]:
    found: dict[str, Any] = _section(made, step)["questions"][step.question]
    return found


# ---- fields ----


def _text(fields: Fields, name: str) -> str:
    return str(fields.get(name, ""))[:LONGEST_FIELD].replace("\0", "").strip()


def _number(text: str) -> Any:
    """A number where it is one, nothing where nothing was written, else the text, which the kernel refuses."""
    text = text.strip().replace(",", ".")[:40]
    if not text:
        return None
    if not NUMBER.match(text):
        return text
    return float(text) if "." in text else int(text)


def _put(part: dict[str, Any], name: str, value: Any) -> None:
    """Write a value, or take it out where it says nothing."""
    if value in (None, "", [], False):
        part.pop(name, None)
    else:
        part[name] = value


def _set_form(made: dict[str, Any], fields: Fields) -> None:
    made["title"] = _text(fields, "title")
    _put(made, "description", _text(fields, "description"))
    made["counting"] = _text(fields, "counting") or "percent"
    made["channels"] = [str(one) for one in fields.getlist("channels")][:4]
    _put(made, "pass_at", _number(_text(fields, "pass_at")))
    if made.get("pass_at") is None and _text(fields, "pass_at") == "0":
        made["pass_at"] = 0
    bands = zip(fields.getlist("band_from"), fields.getlist("band_title"), strict=False)
    kept = [{"from": _number(str(a)), "title": str(b).strip()[:LONGEST_FIELD]} for a, b in bands]
    _put(made, "bands", [one for one in kept if one["from"] is not None or one["title"]][:MOST_BANDS])
    days = {name: _number(_text(fields, name)) for name in ("dispute_days", "decide_days", "appeal_days")}
    _put(made, "terms", {name: value for name, value in days.items() if value is not None})


def _set_section(section: dict[str, Any], fields: Fields) -> None:
    if "section_title" not in fields:
        return
    section["title"] = _text(fields, "section_title")
    weight = _number(_text(fields, "weight"))
    if weight is not None:
        section["weight"] = weight


def _set_question(question: dict[str, Any], fields: Fields) -> None:
    if "text" not in fields:
        return
    kind = _text(fields, "kind") or "yes-no"
    question["text"], question["kind"] = _text(fields, "text"), kind
    _put(question, "help", _text(fields, "help"))
    question.pop("required", None)
    if "required" not in fields:
        question["required"] = False
    _put(question, "may_not_apply", "may_not_apply" in fields)
    _put(question, "error", _text(fields, "error") if kind != "text" else "")
    _put(question, "shown_when", _condition(_text(fields, "shown_when")))
    for name, kinds in (
        ("points", ("yes-no", "scale")),
        ("least", ("scale",)),
        ("most", ("scale",)),
        ("fails_at", ("scale",)),
    ):
        _put(question, name, _number(_text(fields, name)) if kind in kinds else None)
        if kind in kinds and _text(fields, name) == "0":
            question[name] = 0
    if "error" not in question:
        question.pop("fails_at", None)
    _put(question, "right", "no" if kind == "yes-no" and _text(fields, "right") == "no" else "")
    _options(question, kind, fields)


def _condition(text: str) -> dict[str, Any] | None:
    asked, mark, values = text.partition("=")
    return {"question": asked, "is": values.split(",")} if mark else None


def _options(question: dict[str, Any], kind: str, fields: Fields) -> None:
    if kind != "choice":
        question.pop("options", None)
        return
    if not fields.getlist("option_value"):
        question.setdefault("options", [_option(1), _option(2)])
        return
    fails = set(fields.getlist("option_fails"))
    question["options"] = [
        {
            "value": str(value)[:40],
            "title": str(title).strip()[:LONGEST_FIELD],
            "points": _number(str(points)) or 0,
            **({"fails": True} if value in fails and "error" in question else {}),
        }
        for value, title, points in zip(
            fields.getlist("option_value"),
            fields.getlist("option_title"),
            fields.getlist("option_points"),
            strict=False,
        )
    ][:MOST_OPTIONS]


def _option(number: int) -> dict[str, Any]:
    return {"value": f"o{number}", "title": "", "points": 0}


# ---- acts ----


def _new(prefix: str, taken: set[str]) -> str:
    return next(name for n in range(1, 10_000) if (name := f"{prefix}{n}") not in taken)


def _add_section(made: dict[str, Any], step: Step) -> None:
    if len(made["sections"]) >= MOST_SECTIONS:
        return
    name = _new("s", {section.get("id", "") for section in made["sections"]})
    made["sections"].append({"id": name, "title": "", "weight": 1, "questions": [_blank(made)]})


def _blank(made: dict[str, Any]) -> dict[str, Any]:
    taken = {q.get("id", "") for section in made["sections"] for q in section.get("questions", [])}
    return {"id": _new("q", taken), "text": "", "kind": "yes-no", "points": 10}


def _add_question(made: dict[str, Any], step: Step) -> None:
    if sum(len(section.get("questions", [])) for section in made["sections"]) < MOST_QUESTIONS:
        _section(made, step).setdefault("questions", []).append(_blank(made))


def _remove_section(made: dict[str, Any], step: Step) -> None:
    _section(made, step)
    del made["sections"][step.section]


def _remove_question(made: dict[str, Any], step: Step) -> None:
    _question(made, step)
    del made["sections"][step.section]["questions"][step.question]


def _move_section(by: int) -> Callable[[dict[str, Any], Step], None]:
    def move(made: dict[str, Any], step: Step) -> None:
        part, to = _section(made, step), step.section + by
        if 0 <= to < len(made["sections"]):
            made["sections"].remove(part)
            made["sections"].insert(to, part)

    return move


def _move_question(by: int) -> Callable[[dict[str, Any], Step], None]:
    """Beyond its section's end a question goes into the next one."""

    def move(made: dict[str, Any], step: Step) -> None:
        part, own = _question(made, step), _section(made, step)["questions"]
        to, sections = step.question + by, made["sections"]
        if 0 <= to < len(own):
            own.insert(to, own.pop(step.question))
        elif 0 <= step.section + by < len(sections):
            del own[step.question]
            other = sections[step.section + by].setdefault("questions", [])
            other.insert(0 if by > 0 else len(other), part)

    return move


def _add_option(made: dict[str, Any], step: Step) -> None:
    options = _question(made, step).setdefault("options", [])
    if len(options) < MOST_OPTIONS:
        taken = {option.get("value", "") for option in options}
        options.append({**_option(1), "value": _new("o", taken)})


def _remove_option(made: dict[str, Any], step: Step) -> None:
    options = _question(made, step).get("options", [])
    if 0 <= step.option < len(options):
        del options[step.option]


def _nothing(made: dict[str, Any], step: Step) -> None:
    """The fields were kept already."""


ACTS: dict[str, Callable[[dict[str, Any], Step], None]] = {
    "set": _nothing,
    "add-section": _add_section,
    "remove-section": _remove_section,
    "up-section": _move_section(-1),
    "down-section": _move_section(1),
    "add-question": _add_question,
    "remove-question": _remove_question,
    "up-question": _move_question(-1),
    "down-question": _move_question(1),
    "add-option": _add_option,
    "remove-option": _remove_option,
}
