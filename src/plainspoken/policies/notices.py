"""The layered notice: a summary first, each section opening to its full text, all of it from the published
source.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.utils.safestring import SafeString, mark_safe

from plainspoken.kernels.policy import ControllerShown, NoticeLayers, Policy, fill, html
from plainspoken.ui.wording import when

from . import queries
from .models import Version

SHOWN = {
    "name": "Controller",
    "postal_address": "Postal address",
    "privacy_contact": "Privacy contact",
    "privacy_officer": "Privacy officer",
    "telephone": "Telephone",
    "representative": "Representative",
}


@dataclass(frozen=True)
class Part:
    """A line about the controller; `url` may be empty."""

    term: str
    text: str
    url: str = ""


@dataclass(frozen=True)
class ClauseText:
    """A clause as people read it; `html` is safe, `markdown` the same text for programs."""

    id: str
    title: str
    html: SafeString
    markdown: str
    summary: str


@dataclass(frozen=True)
class Layer:
    """A section: its summary, the text of its own, and its clauses."""

    id: str
    letter: str
    title: str
    summary: str
    html: SafeString
    clauses: Sequence[ClauseText]


@dataclass(frozen=True)
class Page:
    """What `policies/notice.html` shows of a version."""

    title: str
    version: str
    number: int
    effective: Any
    state_text: str
    intro: str
    summary: Sequence[str]
    open: bool
    controller: Sequence[Part]
    sections: Sequence[Layer]
    changes_url: str = ""
    download: None = None


def page(row: Version, *, in_force: Version | None = None, changes_url: str = "") -> Page:
    """The notice of a version. `in_force` is the version in force now, for the sentence that says which this
    is.
    """
    policy = queries.compiled(row)
    rule = cast(NoticeLayers, policy.rule("notice.layered"))
    sections = layers(policy)
    return Page(
        title=policy.title,
        version=policy.version_label,
        number=row.number,
        effective=queries.in_force_from(row) or row.effective_at,
        state_text=_state(row, in_force),
        intro=f"What {policy.controller.name} does with your data: in short first, then in full.",
        summary=tuple(section.summary for section in sections if section.summary),
        open=rule.sections_start == "open",
        controller=controller(policy),
        sections=sections,
        changes_url=changes_url,
    )


def _state(row: Version, in_force: Version | None) -> str:
    start = queries.in_force_from(row)
    if start is None:
        return f"announced; it starts on {when(row.effective_at)} at the earliest"
    if in_force is not None and row.number > in_force.number:
        return f"starting on {when(start)}"
    if in_force is not None and row.number < in_force.number:
        return f"no longer in force; it started on {when(start)}"
    return f"in force since {when(start)}"


def controller(policy: Policy) -> tuple[Part, ...]:
    """Who is responsible: the fields that `notice.controller` shows, in its order (GDPR Art. 13(1)(a) and
    (b)).
    """
    rule = cast(ControllerShown, policy.rule("notice.controller"))
    values = policy.controller
    addresses = {
        "privacy_contact": f"mailto:{values.privacy_contact}",
        "telephone": "tel:" + "".join(c for c in values.telephone if c.isdigit() or c == "+"),
    }
    return tuple(Part(SHOWN[name], getattr(values, name), addresses.get(name, "")) for name in rule.shows)


_layers: dict[str, tuple[Layer, ...]] = {}


def layers(policy: Policy) -> tuple[Layer, ...]:
    """The sections with their clauses, rendered once for each text."""
    found = _layers.get(policy.digest)
    if found is None:
        found = tuple(_layer(policy, section) for section in policy.sections)
        while len(_layers) >= queries.MOST_COMPILED:
            _layers.pop(next(iter(_layers)), None)
        _layers[policy.digest] = found
    return found


def _layer(policy: Policy, section: Any) -> Layer:
    return Layer(
        id=section.slug,
        letter=section.letter,
        title=section.title,
        summary=section.summary,
        html=_safe(policy, section),
        clauses=tuple(
            ClauseText(
                id=clause.id,
                title=clause.title,
                html=_safe(policy, clause),
                markdown=fill(clause, policy=policy),
                summary=clause.summary,
            )
            for clause in policy.clauses_of(section.letter)
        ),
    )


def _safe(policy: Policy, part: Any) -> SafeString:
    """The kernel renders without any HTML of the author's, so its result may be shown as it is."""
    return mark_safe(html(part, policy=policy))  # noqa: S308


def as_json(row: Version, *, organisation: str) -> dict[str, Any]:
    """The notice for programs: every clause with its title, summary and text in Markdown."""
    policy = queries.compiled(row)
    return {
        "organisation": organisation,
        "title": policy.title,
        "version": policy.version_label,
        "number": row.number,
        "language": policy.language,
        "effective": queries.in_force_from(row) or row.effective_at,
        "digest": row.digest,
        "controller": [{"term": part.term, "text": part.text} for part in controller(policy)],
        "sections": [
            {
                "id": section.id,
                "letter": section.letter,
                "title": section.title,
                "summary": section.summary,
                "clauses": [
                    {"id": c.id, "title": c.title, "summary": c.summary, "text": c.markdown}
                    for c in section.clauses
                ],
            }
            for section in layers(policy)
        ],
    }
