"""Shapes that views hand to components. Plain values only: no model, no query, no markup."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Choice:
    """One entry of a filter, tab row, select or link list. `mark` is held, broken, unproved or empty."""

    value: str
    title: str
    count: int | None = None
    url: str = ""
    current: bool = False
    mark: str = ""


@dataclass(frozen=True)
class Page:
    """Where a reader stands in a long table: rows `first` to `last` of `total`, or of more where counting stopped."""

    number: int
    pages: int
    total: int
    first: int
    last: int
    previous_url: str = ""
    next_url: str = ""
    more: bool = False


@dataclass(frozen=True)
class Receipt:
    """A ledger entry as proof that an act happened. `digest` is hexadecimal."""

    number: int
    at: dt.datetime
    digest: str
    text: str = ""
    check_url: str = ""


@dataclass(frozen=True)
class Segment:
    """A run of text; `hit` runs are what a search found. Text is escaped by the template."""

    text: str
    hit: bool = False


@dataclass(frozen=True)
class Pause:
    """Days on which a clock stood still, first and last included; `end` None means it still stands."""

    start: dt.date
    end: dt.date | None = None
    why: str = ""


@dataclass(frozen=True)
class Pin:
    """Something that happened on one day of a clock."""

    on: dt.date
    title: str


@dataclass(frozen=True)
class Clock:
    """The time a request has: `headline` and `reason` say in words what the drawing shows."""

    received: dt.date
    due: dt.date
    today: dt.date
    headline: str
    reason: str = ""
    pauses: Sequence[Pause] = ()
    pins: Sequence[Pin] = ()
    ended: dt.date | None = None


@dataclass(frozen=True)
class PlanRow:
    """What will happen in one place. `icon` names a Tabler icon; `reason` is the law or rule for keeping."""

    place: str
    what: str
    items: int
    act: str
    icon: str = "trash"
    when: str = "at once"
    kept: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Plan:
    """What will happen everywhere; `total` counts the items. `done` says that it has happened."""

    rows: Sequence[PlanRow]
    made_at: dt.datetime
    total: int
    summary: str
    empty_places: int = 0
    done: bool = False


@dataclass(frozen=True)
class Confirm:
    """The dialog before an act that cannot be undone: what is `lost`, and the `reference` to type."""

    title: str
    reference: str
    button: str
    lost: Sequence[str] = ()
    keep: str = "Keep everything"
    second_person: bool = False


@dataclass(frozen=True)
class Ask:
    """One more thing an act needs to be told. `kind` is text, textarea, date, number or select."""

    name: str
    label: str
    kind: str = "text"
    help: str = ""
    value: str = ""
    required: bool = True
    choices: Sequence[Choice] = ()


@dataclass(frozen=True)
class Act:
    """A button that posts to `url`; with `fields` or `confirm` it opens a dialog first."""

    url: str
    label: str
    icon: str = ""
    danger: bool = False
    fields: Sequence[Ask] = ()
    confirm: Confirm | None = None
    help: str = ""
    values: dict[str, str] = field(default_factory=dict)

    @property
    def has_dialog(self) -> bool:
        """Whether the act asks something before it runs."""
        return bool(self.fields) or self.confirm is not None
