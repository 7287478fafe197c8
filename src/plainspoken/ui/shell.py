"""What every page needs to know of the house, the reader and the place: context of the base templates."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from plainspoken.ui.shapes import Choice
from plainspoken.ui.wording import purpose_short


@dataclass(frozen=True)
class Crumb:
    """One step of "You are here"; the last one has no address."""

    title: str
    url: str = ""


@dataclass(frozen=True)
class Purpose:
    """A purpose the reader may read for; `title` completes the sentence "Reading to …"."""

    name: str
    title: str

    @property
    def short(self) -> str:
        """The same for staff, in two or three words."""
        return purpose_short(self.name, self.title)


@dataclass(frozen=True)
class Kept:
    """How many promises held at the last proof, and when that was."""

    held: int
    broken: int
    unproved: int
    at: dt.datetime | None = None

    @property
    def total(self) -> int:
        """Number of promises."""
        return self.held + self.broken + self.unproved


@dataclass(frozen=True)
class Badge:
    """A count beside a navigation entry: only where somebody must act, in words when bad ("1 late")."""

    text: str
    late: bool = False


@dataclass(frozen=True)
class Shell:
    """Context `shell` of `ui/page.html`, the workplace.

    `role` is agent, supervisor, analyst, privacy_officer or administrator; `active` is a navigation key; `purpose` is
    the name of the purpose the page reads for, empty on pages without personal data; `counts` maps navigation
    keys to badges.
    """

    organisation: str
    region: str
    person: str
    role: str
    role_label: str
    active: str = ""
    crumbs: Sequence[Crumb] = ()
    purposes: Sequence[Purpose] = ()
    purpose: str = ""
    kept: Kept | None = None
    counts: Mapping[str, Badge | int] = field(default_factory=dict)
    search_url: str = ""
    search_label: str = "Search"
    search_value: str = ""
    search_name: str = "q"
    sign_out_url: str = ""
    promises_url: str = ""
    account_url: str = ""

    @property
    def initials(self) -> str:
        """Two letters for the round sign beside the name."""
        words = self.person.split()
        return (words[0][:1] + words[-1][:1] if len(words) > 1 else self.person[:2]).upper()

    @property
    def purpose_title(self) -> str:
        """The current purpose in words; its name when it is not among the choices."""
        return next((p.title for p in self.purposes if p.name == self.purpose), self.purpose)

    @property
    def purpose_short(self) -> str:
        """The current purpose as staff say it."""
        return purpose_short(self.purpose, self.purpose_title)

    @property
    def other_purposes(self) -> bool:
        """Whether there is another purpose to change to."""
        return any(p.name != self.purpose for p in self.purposes)


@dataclass(frozen=True)
class Public:
    """Context `public` of `ui/public.html`, the pages for everybody."""

    organisation: str
    home_url: str = ""
    nav: Sequence[Choice] = ()
    languages: Sequence[Choice] = ()
    controller_line: str = ""
    privacy_contact: str = ""
    version: str = ""
    version_on: dt.date | None = None
    changes_url: str = ""
    authority_name: str = ""
    authority_url: str = ""
