"""The side bar as data: role, section, entry. Entries whose address does not exist yet are left out."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

MOST_ENTRIES = 12
MOST_TABS = 5


@dataclass(frozen=True)
class Entry:
    """One entry: `key` is what `Shell.active` and `Shell.counts` name, `short` fits a tab of 78 pixels."""

    key: str
    title: str
    icon: str
    url_name: str
    short: str = ""


@dataclass(frozen=True)
class Section:
    """Entries under one small heading; the first section has none."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Link:
    """An entry with its address, ready to be shown."""

    key: str
    title: str
    short: str
    icon: str
    url: str


@dataclass(frozen=True)
class Group:
    """A section with at least one link."""

    title: str
    links: tuple[Link, ...]


CONVERSATIONS = Entry("conversations", "Conversations", "messages", "conversations:list", "Calls")
MEASURES = Entry("measures", "Measures", "chart-bar", "conversations:measures", "Measures")
REQUESTS = Entry("requests", "Requests", "inbox", "rights:desk", "Requests")
COMPLAINTS = Entry("complaints", "Complaints", "scale", "recourse:desk", "Complaints")
PROMISES = Entry("promises", "Promises", "rosette-discount-check", "policies:promises", "Promises")
DATA_MAP = Entry("datamap", "Data map", "map-2", "custody:datamap", "Data map")
RETENTION = Entry("retention", "Retention and holds", "hourglass", "retention:holds", "Holds")
RECIPIENTS = Entry("recipients", "Recipients", "building-community", "disclosures:recipients", "Recipients")
LEDGER = Entry("ledger", "Ledger", "book", "custody:ledger", "Ledger")
SOURCES = Entry("sources", "Sources", "package-import", "exchange:sources", "Sources")
HEALTH = Entry("health", "Health", "heartbeat", "config:health", "Health")
PEOPLE = Entry("people", "People and roles", "users", "people:accounts", "People")
ORGANISATION = Entry("organisation", "Organisation", "building", "config:organisation", "House")
MY_PRIVACY = Entry("my_privacy", "My privacy", "shield-lock", "people:my_privacy", "Privacy")
MY_DAY = Entry("day", "My day", "sun", "workforce:day", "Day")
SCHEDULE = Entry("schedule", "Schedule", "calendar-week", "workforce:schedule", "Week")
COACHING = Entry("coaching", "Coaching", "school", "coaching:mine", "Coaching")
TEAM_COACHING = Entry("coaching", "Coaching", "school", "coaching:team", "Coaching")
EVALUATIONS = Entry("evaluations", "Evaluations", "clipboard-check", "quality:evaluations", "Scores")
TO_EVALUATE = Entry("work", "To evaluate", "headphones", "quality:work", "To do")
WAITING = Entry("waiting", "Disputes", "scale", "quality:waiting", "Disputes")
CALIBRATION = Entry("calibration", "Calibration", "users", "quality:calibration", "Calibrate")
REPORTS = Entry("reports", "Reports", "file-text", "analytics:reports", "Reports")
TOPICS = Entry("topics", "Topics", "category", "analytics:topics", "Topics")
PLANS = Entry("plans", "Plans", "calendar-plus", "quality:plans", "Plans")
FORMS = Entry("forms", "Forms", "edit", "quality:forms", "Forms")

NAVIGATION: dict[str, tuple[Section, ...]] = {
    "agent": (
        Section("", (MY_DAY, SCHEDULE, CONVERSATIONS)),
        Section("Getting better", (EVALUATIONS, COACHING)),
        Section("What we promise", (PROMISES,)),
        Section("About you", (MY_PRIVACY,)),
    ),
    "supervisor": (
        Section("", (CONVERSATIONS, MEASURES)),
        Section(
            "Quality", (TO_EVALUATE, EVALUATIONS, WAITING, TEAM_COACHING, CALIBRATION, PLANS, FORMS, REPORTS)
        ),
        Section("What we promise", (PROMISES,)),
        Section("About you", (MY_PRIVACY,)),
    ),
    "analyst": (
        Section("", (TO_EVALUATE, CONVERSATIONS)),
        Section("Quality", (EVALUATIONS, CALIBRATION, WAITING, FORMS)),
        Section("What changes", (TOPICS, COACHING, MEASURES, REPORTS)),
        Section("About you", (MY_PRIVACY,)),
    ),
    "privacy_officer": (
        Section("", (PROMISES, REQUESTS, COMPLAINTS)),
        Section("What we hold", (DATA_MAP, RETENTION, CONVERSATIONS)),
        Section("What leaves", (RECIPIENTS,)),
        Section("What happened", (LEDGER,)),
    ),
    "administrator": (
        Section("", (HEALTH, SOURCES, PEOPLE, ORGANISATION)),
        Section("What we hold", (DATA_MAP, LEDGER)),
        Section("What we promise", (PROMISES, REQUESTS)),
    ),
}


def address(name: str) -> str | None:
    """The address of a page by its URL name, or None while no app serves it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


def link(entry: Entry) -> Link | None:
    """The entry with its address, or None while no app serves it."""
    url = address(entry.url_name)
    if url is None:
        return None
    return Link(entry.key, entry.title, entry.short or entry.title, entry.icon, url)


def entries(role: str) -> tuple[Group, ...]:
    """What this role is offered, in order; a role nobody knows is offered nothing."""
    groups = []
    for section in NAVIGATION.get(role, ()):
        links = tuple(found for entry in section.entries if (found := link(entry)) is not None)
        if links:
            groups.append(Group(section.title, links))
    return tuple(groups)


def tabs(role: str) -> tuple[Link, ...]:
    """The bottom tabs on a small screen: agents only, five at most, none where there is nothing to choose."""
    if role != "agent":
        return ()
    links = [found for group in entries(role) for found in group.links][:MOST_TABS]
    return tuple(links) if len(links) > 1 else ()
