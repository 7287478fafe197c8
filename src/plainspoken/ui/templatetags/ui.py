"""`{% load ui %}`: icons, marks, times, numbers, form fields and the components of every page."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.forms import (
    BaseForm,
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    RadioSelect,
    Select,
    Textarea,
)
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

from plainspoken.ui import figures, navigation, speech, wording
from plainspoken.ui.shapes import Clock, Page, Plan, Receipt

register = template.Library()

BREAKS = re.compile(r"(?<=[._])(?=\w)")
WORDS = {"held": "Held", "broken": "Broken", "unproved": "Unproved"}


# ---- signs ----


@register.simple_tag
def icon(name: str, small: bool = False, classes: str = "") -> SafeString:
    """A Tabler icon from the sprite, hidden from screen readers: the words beside it say what it means."""
    css = " ".join(part for part in ("icon", "icon-sm" if small else "", classes) if part)
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', css, static("vendor/icons.svg"), name
    )


@register.simple_tag
def mark(status: str, quiet: bool = False) -> SafeString:
    """The shape of a state. `quiet` hides it from screen readers where the word stands beside it."""
    word = WORDS[status]
    if quiet:
        return format_html(
            '<svg class="pn-mark pn-mark-{0}" aria-hidden="true"><use href="#pn-{0}"/></svg>', status
        )
    return format_html(
        '<svg class="pn-mark pn-mark-{0}" role="img" aria-label="{1}"><use href="#pn-{0}"/></svg>',
        status,
        word,
    )


@register.simple_tag
def state(status: str, word: str = "") -> SafeString:
    """Shape and word of a state; `word` replaces the word ("1 day late") where the same shapes are used."""
    return format_html(
        '<span class="pn-state pn-state-{}">{}{}</span>',
        status,
        mark(status, quiet=True),
        word or WORDS[status],
    )


# ---- words ----


@register.simple_tag
def when(moment: dt.datetime | dt.date | None, kind: str = "date", classes: str = "") -> SafeString | str:
    """A moment as `<time>`; kinds: date, time, seconds, datetime, day, short, short_year, short_time."""
    if not moment:
        return ""
    css = format_html(' class="{}"', classes) if classes else ""
    return format_html(
        '<time datetime="{}"{}>{}</time>', wording.machine(moment), css, wording.when(moment, kind)
    )


register.filter("duration", wording.duration)
register.filter("count", wording.count)
register.filter("clock_time", wording.clock_time)
register.filter("spoken_time", wording.spoken_time)
CODE = re.compile(r"`([^`]+)`")


@register.filter
def commands(text: str) -> SafeString:
    """A sentence with what stands between backticks as code."""
    parts = CODE.split(text)
    return format_html_join(
        "",
        "{}",
        ((format_html("<code>{}</code>", part) if odd % 2 else part,) for odd, part in enumerate(parts)),
    )


@register.filter
def breakable(name: str) -> SafeString:
    """A name of code or a column that may break after a dot or an underscore, and nowhere else."""
    return format_html_join(mark_safe("<wbr>"), "{}", ((part,) for part in BREAKS.split(name)))


@register.filter
def plural(number: int, forms: str) -> str:
    """ "item,items" by number, with the number before it: "1 item", "77 items"."""
    one, _, many = forms.partition(",")
    return f"{wording.count(number)} {one if number == 1 else many}"


@register.simple_tag
def redaction(piece: Any) -> SafeString:
    """Something that was taken out: its kind, never its length; the words themselves once they are shown."""
    return mark_safe(speech.redaction(piece))  # noqa: S308 - it escapes what it is given


@register.simple_tag
def turns(rows: Iterable[Any]) -> SafeString:
    """The turns of a transcript, as list items."""
    return speech.turns(rows, icon=lambda name: icon(name, small=True))


@register.simple_tag
def segments(parts: Iterable[Any]) -> SafeString:
    """Runs of text, hits marked; every run is escaped."""
    return format_html_join(
        "",
        "{}",
        (
            (format_html("<mark>{}</mark>", _of(p, "text")) if _of(p, "hit") else _of(p, "text"),)
            for p in parts
        ),
    )


def _of(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


@register.filter
def first_of(choices: Iterable[Any], attribute: str) -> str:
    """An attribute of the current choice, or an empty text."""
    return next((str(_of(choice, attribute)) for choice in choices if _of(choice, "current")), "")


# ---- navigation ----


@register.inclusion_tag("ui/components/nav.html")
def nav(shell: Any) -> dict[str, Any]:
    """The side bar of a role: sections, entries, and counts where somebody must act."""
    groups = [
        {
            "title": group.title,
            "links": [
                {
                    "title": link.title,
                    "icon": link.icon,
                    "url": link.url,
                    "due": _badge(shell, link.key),
                    "here": link.key == shell.active,
                }
                for link in group.links
            ],
        }
        for group in navigation.entries(shell.role)
    ]
    return {"groups": groups}


@register.inclusion_tag("ui/components/tabs.html")
def tabs(shell: Any) -> dict[str, Any]:
    """The bottom tabs of a small screen."""
    return {"links": navigation.tabs(shell.role), "active": shell.active}


def _badge(shell: Any, key: str) -> dict[str, Any] | None:
    value = shell.counts.get(key)
    if not value:
        return None
    if isinstance(value, int):
        return {"text": wording.count(value), "late": False}
    return {"text": _of(value, "text"), "late": bool(_of(value, "late"))}


# ---- forms ----


def _kind(bound: BoundField) -> str:
    widget = bound.field.widget
    if isinstance(widget, CheckboxInput):
        return "check"
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "group"
    if isinstance(widget, Select):
        return "select"
    return "area" if isinstance(widget, Textarea) else "text"


@register.simple_tag(takes_context=True)
def field(context: Context, bound: BoundField, help_text: str = "", classes: str = "") -> SafeString:
    """A form field with label, help and error; help and error are named by aria-describedby."""
    kind = _kind(bound)
    identifier = bound.id_for_label or bound.auto_id
    words = str(help_text or bound.help_text or "")
    named = [f"{identifier}-help"] if words else []
    named += [f"{identifier}-error"] if bound.errors else []
    css = {"select": "form-select", "check": "form-check-input", "group": ""}.get(kind, "form-control")
    attributes: dict[str, Any] = {"class": css} if css else {}
    attributes |= {"aria-describedby": " ".join(named)} if named else {}
    attributes |= {"aria-invalid": "true"} if bound.errors else {}
    template_of = context.template.engine.get_template("ui/components/field.html")  # type: ignore[union-attr]
    return template_of.render(
        Context(
            {
                "field": bound,
                "kind": kind,
                "id": identifier,
                "help": words,
                "described": " ".join(named),
                "classes": classes,
                "control": bound.as_widget(attrs=attributes),
                "optional": not bound.field.required and kind != "check",
            }
        )
    )


@register.inclusion_tag("ui/components/error_summary.html")
def error_summary(form: BaseForm) -> dict[str, Any]:
    """All errors of a form above it, each a link to its field; nothing where there are none."""
    return {"form": form, "fields": [bound for bound in form if bound.errors] if form.is_bound else []}


# ---- components ----


@register.inclusion_tag("ui/components/clock.html")
def request_clock(clock: Clock) -> dict[str, Any]:
    """The clock of a request: one cell a day, hatched while paused, a dashed pin where the answer is due."""
    track = figures.draw_clock(clock)
    return {"clock": clock, "track": track, "height": 26 + 30 * track.rows}


@register.inclusion_tag("ui/components/receipt.html")
def receipt(receipt: Receipt) -> dict[str, Any]:
    """A ledger entry as a receipt: number, time, digest; copy, print, check."""
    return {"receipt": receipt, "groups": grouped(str(_of(receipt, "digest") or ""))}


def grouped(digest: str) -> str:
    """A digest in groups of four, so that two can be compared by eye."""
    return " ".join(digest[n : n + 4] for n in range(0, len(digest), 4))


@register.inclusion_tag("ui/components/plan.html")
def plan_table(plan: Plan, identifier: str = "plan") -> dict[str, Any]:
    """What will happen, place by place; kept rows are tinted and carry lock, reason and end."""
    return {"plan": plan, "id": identifier}


@register.inclusion_tag("ui/components/pager.html")
def pager(page: Page | None) -> dict[str, Any]:
    """Which rows are shown, and the way to the rows before and after."""
    return {"page": page}


@register.inclusion_tag("ui/components/meter.html")
def kept_meter(passed: int, total: int, title: str) -> dict[str, Any]:
    """How much of a keeping time has passed, in days."""
    return {"width": figures.percent(passed, total), "label": f"{title}: {passed} of {total} days passed"}


@register.inclusion_tag("ui/components/act.html", takes_context=True)
def act(context: Context, act: Any, main: bool = False, identifier: str = "") -> dict[str, Any]:
    """A button that posts; with a dialog first where the act asks something or cannot be undone."""
    return {
        "act": act,
        "main": main,
        "id": identifier or f"act-{slugify(_of(act, 'label'))}",
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_tag
def percent(part: float, whole: float) -> str:
    """`part` of `whole` as an SVG length."""
    return figures.percent(float(part or 0), float(whole or 0))


@register.simple_tag
def ruler(seconds: float) -> Sequence[figures.Tick]:
    """Marks of the ruler over a sound: `{% ruler conversation.duration_s as marks %}`."""
    return figures.ticks(float(seconds or 0))


@register.simple_tag
def width_of(cut: Any, whole: float) -> str:
    """The width of a removed part as an SVG length."""
    return figures.percent(float(_of(cut, "end_s")) - float(_of(cut, "start_s")), float(whole or 0))


@register.simple_tag
def moment_bars(moments: Sequence[Any], whole: float) -> SafeString:
    """Silences, talk-over, holds and pauses, drawn over a sound of so many seconds."""
    return mark_safe(figures.moment_bars(moments, whole))  # noqa: S308 - kinds are ours, the rest are numbers


@register.simple_tag
def silences(moments: Sequence[Any]) -> str:
    """Where a player may skip."""
    return figures.silences(moments)


@register.simple_tag
def moment_list(moments: Sequence[Any]) -> figures.Moments:
    """The moments that a list names."""
    return figures.longest(moments)


@register.simple_tag
def largest(rows: Iterable[Any], attribute: str = "count") -> float:
    """The largest shown number of a table, the length of its bars; 0 where all are suppressed."""
    return max((float(_of(row, attribute) or 0) for row in rows), default=0.0)
