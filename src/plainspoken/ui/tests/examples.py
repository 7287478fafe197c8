"""Invented contexts for every page: the fictional Larkfield Home, one Tuesday in November 2026."""

import datetime as dt
import itertools
from typing import Any

from django import forms

from plainspoken.ui.shapes import (
    Act,
    Ask,
    Choice,
    Clock,
    Confirm,
    Page,
    Pause,
    Pin,
    Plan,
    PlanRow,
    Receipt,
    Segment,
)
from plainspoken.ui.shell import Badge, Crumb, Kept, Public, Purpose, Shell

UTC = dt.UTC
NOW = dt.datetime(2026, 11, 24, 11, 20, tzinfo=UTC)
TODAY = NOW.date()
DIGEST = "9f2c41d077abe3c5b1a0c4d2e9f3887766554433221100ffeeddccbbaa9908b15ed4a1"[:64]
KEPT = Kept(held=69, broken=1, unproved=2, at=dt.datetime(2026, 11, 24, 6, 12, tzinfo=UTC))
PURPOSES = (
    Purpose("service.answer", "answer the customer"),
    Purpose("quality.evaluate", "evaluate quality"),
    Purpose("rights.execute", "answer privacy requests"),
    Purpose("claims.defend", "defend against a claim"),
)
PEOPLE = {
    "agent": ("Maren Okafor", "Agent, returns"),
    "supervisor": ("Idris Cole", "Supervisor"),
    "privacy_officer": ("Ruth Adeyemi", "Privacy officer"),
    "administrator": ("Camille Roux", "Administrator"),
}


def at(hour: int, minute: int = 0, day: int = 24, month: int = 11, year: int = 2026) -> dt.datetime:
    return dt.datetime(year, month, day, hour, minute, tzinfo=UTC)


def shell(role: str, active: str, *crumbs: str, purpose: str = "", search: str = "") -> Shell:
    person, label = PEOPLE[role]
    return Shell(
        organisation="Larkfield Home",
        region="Frankfurt, EU",
        person=person,
        role=role,
        role_label=label,
        active=active,
        crumbs=tuple(
            Crumb(title, "/somewhere/" if n < len(crumbs) - 1 else "") for n, title in enumerate(crumbs)
        ),
        purposes=PURPOSES if purpose else (),
        purpose=purpose,
        kept=KEPT,
        counts={
            "promises": Badge("1 broken", late=True),
            "requests": Badge("1 late", late=True),
            "conversations": 0,
        },
        search_url="/search/" if search else "",
        search_label=search or "Search",
        sign_out_url="/account/logout/",
        promises_url="/promises/",
        account_url="/my-privacy/",
    )


def public() -> Public:
    return Public(
        organisation="Larkfield Home",
        home_url="/",
        nav=(
            Choice("privacy", "Privacy", url="/centre/", current=True),
            Choice("notice", "Notice", url="/notice/"),
            Choice("promises", "Promises", url="/promises/"),
        ),
        languages=(Choice("de", "Deutsch", url="?language=de"),),
        controller_line="Larkfield Home GmbH, Hafenstraße 8, 20457 Hamburg",
        privacy_contact="privacy@larkfield.example",
        version="14",
        version_on=dt.date(2026, 11, 2),
        changes_url="/changes/",
        authority_name="Hamburg Commissioner for Data Protection",
        authority_url="https://authority.example/",
    )


RECEIPT = Receipt(48_213, at(6, 12), DIGEST, text="Erased 77 items", check_url="/ledger/?number=48213")

# ---- conversations ----

TITLES = (
    ("Refund for a broken lamp", "Returns", 372.0, 6),
    ("Change of the delivery address", "Delivery", 244.0, 4),
    ("Order arrived without the shelf brackets that the description promised", "Orders", 611.0, 2),
    ("Card charged twice", "Billing", 198.0, 9),
    ("Where is my parcel", "Delivery", 87.0, 1),
    ("Cancel an order", "Orders", 152.0, 3),
    ("Invoice for a company", "Billing", 301.0, 5),
    ("Sofa in the wrong colour", "Returns", 433.0, 0),
)


def rows() -> list[dict[str, Any]]:
    made = []
    for number, (title, queue, seconds, removed) in enumerate(TITLES):
        made.append(
            {
                "id": f"c{number}",
                "url": "/conversation/",
                "title": title,
                "kind": "chat" if number == 4 else "call",
                "started": at(9, 42) - dt.timedelta(hours=3 * number),
                "duration_s": seconds,
                "queue": queue,
                "agent": ("Maren Okafor", "Jonas Lind", "Beate Krämer")[number % 3],
                "customer": f"Customer 7F{number}-29",
                "removed": removed,
                "state": "writing" if number == 3 else "ready",
                "state_text": "Transcript is being written" if number == 3 else "",
                "hits": HITS if number == 0 else [],
            }
        )
    return made


HITS = [
    {
        "url": "/conversation/?t=11#t11",
        "at_s": 11.0,
        "who": "Customer",
        "segments": [
            Segment("I am calling about a "),
            Segment("refund", hit=True),
            Segment(" for a standing lamp. It arrived broken on the twelfth"),
        ],
    },
    {
        "url": "/conversation/?t=54#t54",
        "at_s": 54.0,
        "who": "Maren",
        "segments": [
            Segment("scanned in Kassel, but the "),
            Segment("refund", hit=True),
            Segment(" was never started"),
        ],
    },
]


def conversation_list(**changes: Any) -> dict[str, Any]:
    made = {
        "shell": shell("supervisor", "conversations", "Conversations", purpose="quality.evaluate"),
        "rows": rows(),
        "found": 1_204,
        "page": Page(1, 25, 1_204, 1, 50, next_url="?page=2"),
        "q": "refund",
        "queues": [Choice(q.lower(), q, n) for q, n in (("Returns", 401), ("Orders", 388), ("Billing", 212))],
        "agents": [Choice("mo", "Maren Okafor", 120), Choice("jl", "Jonas Lind", 98)],
        "kinds": [Choice("call", "Calls", 1_150), Choice("chat", "Chats", 54)],
        "date_from": "2026-11-01",
        "date_to": "",
        "filtered": True,
        "clear_url": "/conversations/",
        "list_url": "/conversations/",
        "empty": "",
        "add_url": "/add/",
    }
    return made | changes


TURNS = (
    (0, 11, "agent", "Good morning, Larkfield Home, you are speaking with Maren. This call is recorded."),
    (
        11,
        27,
        "customer",
        "Morning. That is fine. I am calling about a refund for a standing lamp. It arrived broken.",
    ),
    (27, 33, "agent", "I am sorry about the lamp. May I have your order number and your name?"),
    (33, 44, "customer", "It is [order number] and the name is [name]."),
    (44, 50, "agent", "Thank you. And the postcode on the order?"),
    (50, 54, "customer", "[postcode]."),
    (
        54,
        72,
        "agent",
        "That matches. The parcel was scanned in Kassel, but the refund was never started. Our mistake.",
    ),
    (
        72,
        84,
        "customer",
        "So I have waited a week for nothing. I rang on Friday and was told it was on its way.",
    ),
    (
        84,
        106,
        "agent",
        "You were told something that was not true, and I am sorry. I am starting it now: 89.90 euros.",
    ),
    (106, 124, "customer", "Use the new one. It is [card number|14 s, not recorded]"),
    (
        124,
        150,
        "agent",
        "Thank you. The recording is on again. The refund will be on your account by Thursday.",
    ),
)


def pieces(text: str, start: float, end: float, *, shown: bool) -> list[dict[str, Any]]:
    tokens: list[str] = []
    rest = text
    while "[" in rest:
        before, _, rest = rest.partition("[")
        label, _, rest = rest.partition("]")
        tokens += [*before.split(), f"[{label}]"]
    tokens += rest.split()
    made = []
    for n, token in enumerate(tokens):
        tight = n + 1 < len(tokens) and tokens[n + 1] in {".", ","}
        if token.startswith("["):
            label, _, note = token[1:-1].partition("|")
            made.append(
                {
                    "removed": label,
                    "note": note,
                    "shown": "Weidmann" if shown and label == "name" else "",
                    "n": n,
                    "tight": tight,
                }
            )
        else:
            made.append(
                {"word": token, "start_s": round(start + (end - start) * n / len(tokens), 2), "tight": tight}
            )
    return made


def turns(*, shown: bool = False) -> list[dict[str, Any]]:
    made = []
    for start, end, channel, text in itertools.chain(
        TURNS,
        (
            (150 + 20 * n, 170 + 20 * n, ("customer", "agent")[n % 2], "Thank you. That is all I need today.")
            for n in range(11)
        ),
    ):
        made.append(
            {
                "anchor": f"t{start}",
                "start_s": float(start),
                "end_s": float(end),
                "channel": channel,
                "who": "Maren" if channel == "agent" else "Customer",
                "pieces": pieces(text, start, end, shown=shown),
                "notes": [
                    {"icon": "player-pause", "text": "Maren Okafor paused the recording from 1:50 to 2:04."}
                ]
                if start == 106
                else [],
            }
        )
    return made


CUTS = [
    {
        "n": 1,
        "start_s": 35.2,
        "end_s": 38.4,
        "channel": "customer",
        "kind": "order number",
        "note": "",
        "anchor": "t33",
    },
    {
        "n": 2,
        "start_s": 40.6,
        "end_s": 42.8,
        "channel": "customer",
        "kind": "name",
        "note": "",
        "anchor": "t33",
    },
    {
        "n": 3,
        "start_s": 50.5,
        "end_s": 53.0,
        "channel": "customer",
        "kind": "postcode",
        "note": "",
        "anchor": "t50",
    },
    {
        "n": 4,
        "start_s": 110.0,
        "end_s": 124.0,
        "channel": "both",
        "kind": "card number",
        "note": "14 s, not recorded",
        "anchor": "t106",
    },
    {
        "n": 5,
        "start_s": 181.0,
        "end_s": 184.5,
        "channel": "customer",
        "kind": "phone",
        "note": "",
        "anchor": "t170",
    },
    {
        "n": 6,
        "start_s": 252.0,
        "end_s": 257.0,
        "channel": "agent",
        "kind": "address",
        "note": "",
        "anchor": "t250",
    },
]
PARTS = [
    {"n": 1, "title": "Greeting", "start_s": 0.0, "end_s": 33.0, "anchor": "t0"},
    {"n": 2, "title": "Identity", "start_s": 33.0, "end_s": 54.0, "anchor": "t33"},
    {"n": 3, "title": "Problem", "start_s": 54.0, "end_s": 105.0, "anchor": "t54"},
    {"n": 4, "title": "Payment", "start_s": 105.0, "end_s": 152.0, "anchor": "t106"},
    {"n": 5, "title": "Refund and discount", "start_s": 152.0, "end_s": 290.0, "anchor": "t150"},
    {"n": 6, "title": "Closing", "start_s": 290.0, "end_s": 372.0, "anchor": "t290"},
]
LOOKS = [
    {
        "at": at(11, 20),
        "name": "Idris Cole",
        "you": True,
        "program": False,
        "purpose": "evaluate quality",
        "took": "now",
    },
    {
        "at": at(10, 5),
        "name": "Beate Krämer",
        "you": False,
        "program": False,
        "purpose": "answer the customer",
        "took": "3 min",
    },
    {
        "at": at(9, 50),
        "name": "Transcriber",
        "you": False,
        "program": True,
        "purpose": "write the transcript",
        "took": "41 s",
    },
]


def conversation(role: str = "supervisor", **changes: Any) -> dict[str, Any]:
    made = {
        "shell": shell(
            role,
            "conversations",
            "Conversations",
            "Call of 09:42",
            purpose="quality.evaluate",
            search="Search conversations",
        ),
        "conversation": {
            "reference": "C-2026-0117",
            "title": "Refund for a broken lamp",
            "kind": "call",
            "started": at(9, 42),
            "duration_s": 372.0,
            "queue": "Returns",
            "agent": "Maren Okafor",
            "state": "ready",
            "state_text": "",
        },
        "sound": {"url": "/sound.wav", "peaks_url": "/peaks.json"},
        "channels": [
            {"key": "agent", "label": "Maren", "note": "agent, 58%"},
            {"key": "customer", "label": "Customer", "note": "caller, 31%"},
        ],
        "cuts": CUTS,
        "parts": PARTS,
        "transcript": {
            "language": "English",
            "sure": 0.96,
            "made": "made on this machine",
            "state": "ready",
            "text": "",
        },
        "turns": turns(),
        "people": [
            {"channel": "customer", "label": "Customer 7F3-29", "note": "name hidden for this purpose"},
            {
                "channel": "agent",
                "label": "Maren Okafor",
                "note": "agent, Returns",
                "url": "/agent/",
                "url_text": "Open",
            },
        ],
        "uses": [
            {"title": "answer the customer", "note": "contract", "state": "open"},
            {"title": "evaluate quality", "note": "you, now", "state": "now"},
            {"title": "improve our service", "note": "only in groups of 12", "state": "grouped"},
            {"title": "market to them", "note": "refused 3 Nov 2026", "state": "closed"},
        ],
        "kept": [
            {"title": "Sound", "until": dt.date(2027, 2, 24), "passed_days": 12, "total_days": 92},
            {
                "title": "Words and scores",
                "until": dt.date(2027, 11, 24),
                "passed_days": 12,
                "total_days": 365,
            },
        ],
        "hold": "No legal hold.",
        "looks": LOOKS,
        "looks_note": "Nobody outside Larkfield Home.",
        "ledger_url": "/ledger/",
        "next_url": "/conversation/",
        "reveal": {
            "url": "/reveal/",
            "purposes": [Choice(p.name, p.title) for p in PURPOSES],
            "errors": {},
            "values": {},
        },
    }
    return made | changes


def measures() -> dict[str, Any]:
    return {
        "shell": shell("supervisor", "measures", "Measures", purpose="service.improve"),
        "periods": [
            Choice("7", "7 days", url="?days=7"),
            Choice("30", "30 days", url="?days=30", current=True),
        ],
        "total": 1_204,
        "by_queue": [
            {"title": "Returns", "count": 401, "mean_s": 372},
            {"title": "Orders", "count": 388, "mean_s": 241},
            {"title": "Billing", "count": 212, "mean_s": 198},
            {"title": "Delivery", "count": None, "mean_s": None},
        ],
        "by_day": [
            {"on": dt.date(2026, 11, 24 - n), "count": None if n == 2 else 61 - 5 * n} for n in range(7)
        ],
        "smallest": 12,
        "suppressed": 2,
        "made_at": NOW,
    }


# ---- rights ----

CLOCK = Clock(
    received=dt.date(2026, 11, 3),
    due=dt.date(2026, 12, 5),
    today=TODAY,
    headline="11 days left",
    reason="Answer due Saturday 5 December 2026: one month from receipt, plus 2 days paused while identity was open.",
    pauses=(Pause(dt.date(2026, 11, 4), dt.date(2026, 11, 5), "identity open"),),
    pins=(
        Pin(dt.date(2026, 11, 3), "received"),
        Pin(dt.date(2026, 11, 6), "identity proved"),
        Pin(dt.date(2026, 11, 16), "14 places searched"),
    ),
)
PLAN = Plan(
    rows=(
        PlanRow("Recordings", "3 calls, her channel", 3, "Destroy the key, delete", "key-off"),
        PlanRow("Transcripts and search", "words, times, search text", 3, "Erase"),
        PlanRow("Topics and sentiment", "derived from her calls", 41, "Erase"),
        PlanRow("Evaluations", "1 score of Maren Okafor", 1, "Cut the link; the score stays", "unlink"),
        PlanRow(
            "Invoices",
            "2, with name and address",
            2,
            "Keep",
            "lock",
            "until 31 December 2034",
            True,
            "HGB § 257, 8 years",
        ),
        PlanRow("Backups", "9 nightly copies", 9, "Unreadable without the key", "key-off"),
        PlanRow(
            "Brightpost, mail service",
            "name, e-mail",
            1,
            "Tell them to erase",
            "send",
            "answer by 1 December",
        ),
    ),
    made_at=at(9, 14),
    total=60,
    summary="58 erased or unlinked, 2 kept",
    empty_places=5,
)
HISTORY = [
    {"at": at(9, 14), "text": "Plan made from the data map", "who": "Ruth Adeyemi"},
    {"at": at(18, 40, day=6), "text": "Identity proved by e-mail code", "who": "Klara Weidmann"},
    {"at": at(18, 24, day=3), "text": "Request received", "who": "privacy centre"},
]


def queue(current: int = 4) -> dict[str, Any]:
    def item(n: int, title: str, who: str, note: str, due: dt.date, days: str, state: str) -> dict[str, Any]:
        return {
            "url": "/desk/", "title": title, "who": who, "note": note, "due": due,
            "days_text": days, "state": state, "current": n == current,
        }  # fmt: skip

    return {
        "title": "7 requests open",
        "total": 7,
        "file_url": "/file/",
        "tabs": [
            Choice("all", "All", 7, "?show=all", True),
            Choice("mine", "Mine", 4, "?show=mine"),
            Choice("closed", "Closed", url="?show=closed"),
        ],
        "groups": [
            {
                "key": "late",
                "title": "Late",
                "items": [
                    item(
                        0,
                        "Copy of the data",
                        "Tobias Renner",
                        "copy not sent",
                        dt.date(2026, 11, 23),
                        "1 day late",
                        "late",
                    )
                ],
            },
            {
                "key": "soon",
                "title": "Due this week",
                "items": [
                    item(
                        1,
                        "Correct a value",
                        "Ana Petrović",
                        "new address to check",
                        dt.date(2026, 11, 26),
                        "2 days",
                        "soon",
                    ),
                    item(
                        2,
                        "Copy of the data",
                        "Wendy Achterberg",
                        "9 of 14 places",
                        dt.date(2026, 11, 28),
                        "4 days",
                        "soon",
                    ),
                ],
            },
            {
                "key": "later",
                "title": "Later",
                "items": [
                    item(
                        4,
                        "Erase everything",
                        "Klara Weidmann",
                        "plan ready, waits for you",
                        dt.date(2026, 12, 5),
                        "11 days",
                        "later",
                    ),
                    item(
                        5,
                        "Erase everything",
                        "",
                        "waits for identity",
                        dt.date(2026, 12, 13),
                        "19 days",
                        "later",
                    ),
                    item(
                        6,
                        "Restrict use",
                        "Noor Bakker",
                        "accuracy contested",
                        dt.date(2026, 12, 18),
                        "24 days",
                        "later",
                    ),
                    item(
                        7,
                        "Delete (California)",
                        "Joan Castillo",
                        "new",
                        dt.date(2027, 1, 1),
                        "38 days",
                        "later",
                    ),
                ],
            },
        ],
    }


ACTS = [
    Act(
        "/erase/",
        "Erase 58 items",
        icon="trash",
        danger=True,
        confirm=Confirm(
            "Erase 58 items about Klara Weidmann",
            "R-2026-0417",
            "Erase 58 items",
            lost=(
                "3 recordings and their words.",
                "41 topics that were derived from them.",
                "The key that opens her backups.",
            ),
            second_person=True,
        ),
    ),
    Act(
        "/extend/",
        "Extend",
        icon="calendar-plus",
        help="We tell the person the new date and the reason.",
        fields=(
            Ask("reason", "Why does it take longer?", "textarea"),
            Ask("until", "New date", "date", value="2027-01-05"),
        ),
    ),
    Act(
        "/refuse/",
        "Refuse",
        icon="ban",
        fields=(Ask("reason", "Reason, as the person will read it", "textarea"),),
    ),
]


def case(**changes: Any) -> dict[str, Any]:
    made = {
        "reference": "R-2026-0417",
        "title": "Erase everything about Klara Weidmann",
        "law": "Right to erasure, GDPR Article 17",
        "clause": "right.erase",
        "received": at(18, 24, day=3),
        "channel": "From the privacy centre",
        "proved": "Proved by e-mail code",
        "handler": "Ruth Adeyemi",
        "state": "open",
        "state_text": "",
        "clock": CLOCK,
        "plan": PLAN,
        "answer": {
            "summary": "draft, names what is kept, why and until when, and her authority",
            "html": "We erased what we held about you.",
        },
        "history": HISTORY,
        "acts": ACTS,
        "note": "Cannot be undone. Next: type R-2026-0417, then a second person agrees.",
        "receipt": None,
        "archive": None,
        "back_url": "/desk/",
    }
    return made | changes


def desk(**changes: Any) -> dict[str, Any]:
    made = {
        "shell": shell(
            "privacy_officer",
            "requests",
            "Requests",
            "R-2026-0417",
            purpose="rights.execute",
            search="Find a person or request",
        ),
        "queue": queue(),
        "case": case(),
    }
    return made | changes


class FileForm(forms.Form):
    kind = forms.ChoiceField(
        label="What do they ask?",
        choices=[("access", "A copy of the data"), ("erase", "Erase everything")],
        widget=forms.RadioSelect,
    )
    law = forms.ChoiceField(label="Law", choices=[("gdpr", "GDPR"), ("ccpa", "California, CCPA")])
    name = forms.CharField(label="Name")
    email = forms.EmailField(label="E-mail", required=False)
    phone = forms.CharField(label="Phone", required=False)
    received_at = forms.DateField(
        label="Day it reached us",
        help_text="The clock starts on this day.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    details = forms.CharField(
        label="What they wrote", widget=forms.Textarea(attrs={"rows": 4}), required=False
    )


# ---- policies ----

SECTIONS = (
    (
        "A",
        "What the notice is",
        ("notice.scope", "notice.layered", "notice.pdf", "notice.version", "notice.framework"),
    ),
    ("B", "What we collect", ("collect.categories", "collect.points", "collect.choices-at-point")),
    ("C", "How we keep it safe", ("security.safeguards", "security.credentials", "security.contact")),
    ("F", "Cookies and tracking", ("cookies.declared", "cookies.choice", "cookies.signals")),
    (
        "H",
        "Your rights in Europe",
        ("basis.register", "right.access", "right.erase", "right.restrict", "rights.verify"),
    ),
    ("I", "Other countries", ("transfer.agents", "transfer.region")),
    ("K", "Communities, keeping, complaints", ("retain.as-needed", "recourse.ladder")),
)
SENTENCES = {
    "cookies.declared": "Every cookie our pages set is listed, with its purpose and life.",
    "notice.framework": "We rely only on transfer agreements that are in force.",
    "transfer.region": "Your data stays in the region we name.",
    "right.erase": "We erase you everywhere, unless a law says keep.",
    "right.access": "You can have a copy of everything we hold about you.",
    "basis.register": "Each purpose has one legal ground.",
}
STATUS = {
    "cookies.declared": "broken",
    "notice.framework": "unproved",
    "transfer.region": "unproved",
    "notice.pdf": "unproved",
}
WHY = {
    "cookies.declared": "/events sets evt_ref, which is not in the register. Declare it or remove it.",
    "notice.framework": "The check did not run: no agreement is registered to test with.",
    "transfer.region": "The check stopped after 60 s: the second storage region did not answer.",
    "notice.pdf": "No prover. This counts as unproved.",
}


def clause(name: str, *, current: str = "") -> dict[str, Any]:
    return {
        "id": name,
        "status": STATUS.get(name, "held"),
        "text": SENTENCES.get(name, "We do what the notice says, and we show how we know it."),
        "why": WHY.get(name, ""),
        "at": at(6, 12) if name != "notice.pdf" else None,
        "url": f"?clause={name}#{name}",
        "current": name == current,
    }


def group(letter: str, title: str, names: tuple[str, ...], current: str) -> dict[str, Any]:
    clauses = [clause(name, current=current) for name in names]
    tally = {state: sum(c["status"] == state for c in clauses) for state in ("held", "broken", "unproved")}
    return {"letter": letter, "title": title, "open": current in names, "clauses": clauses, **tally}


SELECTED = {
    "id": "right.erase",
    "status": "held",
    "at": at(6, 12),
    "seconds": 14.0,
    "law": "Right to erasure, GDPR Article 17",
    "why": "",
    "facts": [
        {"term": "Enforced by", "text": "rights.services.execute", "mono": True},
        {"term": "Proved by", "text": "proofs.rights.erase", "mono": True},
        {"term": "Numbers from", "text": "the data map: 14 places, 31 columns"},
    ],
    "rule": [
        {"name": "answer_within", "value": "gdpr: P1M, ccpa: P45D"},
        {"name": "backups_end_within", "value": "P35D"},
    ],
    "steps": [
        {"status": "held", "text": "Planted a person with 9 identifiers in 14 places", "seconds": 1.2},
        {"status": "held", "text": "Asked for erasure through the public page", "seconds": 0.4},
        {"status": "held", "text": "Confirmed by e-mail code; an impostor was refused", "seconds": 2.1},
        {"status": "held", "text": "Searched 31 columns and 3 object stores: 0 found", "seconds": 4.9},
    ],
    "runs": [
        {
            "status": "broken" if n == 12 else "unproved" if n == 7 else "held",
            "on": dt.date(2026, 10, 26) + dt.timedelta(days=n),
        }
        for n in range(30)
    ],
    "runs_text": "28 held, 1 broken, 1 unproved",
    "receipt": RECEIPT,
    "prove_url": "/prove/right.erase/",
    "previous_url": "?clause=right.access#right.access",
    "next_url": "?clause=right.restrict#right.restrict",
    "close_url": "/promises/",
}


def selected(name: str = "right.erase") -> dict[str, Any]:
    from django.utils.safestring import mark_safe

    text = (
        "<p>We erase you everywhere within <a href='#rule-right.erase'>1 month</a>, in <a href='#rule-right.erase'>14 places</a>"
        " and in our backups, unless a law makes us keep something. Then we tell you what, why and until when.</p>"
    )
    return {
        **SELECTED,
        "id": name,
        "status": STATUS.get(name, "held"),
        "why": WHY.get(name, ""),
        "html": mark_safe(text),
    }


def promises(clause_id: str = "right.erase", **changes: Any) -> dict[str, Any]:
    groups = [group(*section, clause_id) for section in SECTIONS]
    every = [c for g in groups for c in g["clauses"]]
    made = {
        "shell": shell("privacy_officer", "promises", "Promises", search="Find a person, call or clause"),
        "counts": {"all": 72, "held": 69, "broken": 1, "unproved": 2},
        "proved_at": at(6, 12),
        "version": "14",
        "policy_url": "/notice/",
        "prove": {"url": "/prove/", "running": ""},
        "attention": [c for c in every if c["status"] == "broken"]
        + [c for c in every if c["status"] == "unproved"],
        "filters": [
            Choice("all", "All", 72, "?show=all", True),
            Choice("held", "Held", 69, "?show=held", mark="held"),
            Choice("broken", "Broken", 1, "?show=broken", mark="broken"),
            Choice("unproved", "Unproved", 2, "?show=unproved", mark="unproved"),
        ],
        "q": "",
        "list_url": "/promises/",
        "groups": groups,
        "selected": selected(clause_id) if clause_id else None,
    }
    return made | changes


def notice() -> dict[str, Any]:
    from django.utils.safestring import mark_safe

    body = mark_safe(
        "<p>Your data is read only for a purpose we have named, and the database itself refuses the rest.</p>"
    )
    return {
        "public": public(),
        "notice": {
            "title": "What we do with your data",
            "version": "14",
            "effective": dt.date(2026, 11, 2),
            "intro": "The short version first. Open a section to read every word of it.",
            "summary": [
                "We record calls, write down what was said and remove what identifies you.",
                "Sound is kept for 3 months, words for 12.",
                "You can see, correct and erase what we hold. It costs nothing.",
            ],
            "open": False,
            "changes_url": "/changes/",
            "download": {"url": "/notice.pdf", "size": "180 kB"},
            "controller": [
                {"term": "Company", "text": "Larkfield Home GmbH"},
                {"term": "Address", "text": "Hafenstraße 8\n20457 Hamburg"},
                {
                    "term": "Privacy contact",
                    "text": "privacy@larkfield.example",
                    "url": "mailto:privacy@larkfield.example",
                },
                {"term": "Telephone", "text": "+49 40 555 0100"},
            ],
            "sections": [
                {
                    "id": letter.lower(),
                    "title": title,
                    "summary": "What this means for you, in one sentence.",
                    "clauses": [
                        {"id": name, "title": name.replace(".", ": "), "html": body} for name in names
                    ],
                }
                for letter, title, names in SECTIONS
            ],
        },
        "promises_url": "/promises/",
    }


def changes() -> dict[str, Any]:
    return {
        "public": public(),
        "versions": [Choice("14", "14", url="?new=14", current=True), Choice("13", "13", url="?new=13")],
        "old": {"version": "13", "on": dt.date(2026, 6, 1)},
        "new": {
            "version": "14",
            "on": dt.date(2026, 11, 2),
            "material": ["Sound is kept for 3 months instead of 2."],
        },
        "changes": [
            {
                "id": "retain.as-needed",
                "title": "How long we keep what",
                "kind": "changed",
                "direction": "looser",
                "words": [
                    {"op": "same", "text": "Sound is kept for "},
                    {"op": "del", "text": "2 months"},
                    {"op": "ins", "text": "3 months"},
                    {"op": "same", "text": ", words for 12."},
                ],
                "fields": [
                    {"name": "periods.conversation.sound", "old": "P2M", "new": "P3M", "direction": "looser"}
                ],
            },
            {
                "id": "right.port",
                "title": "You take your data elsewhere",
                "kind": "added",
                "direction": "stricter",
                "words": [],
                "fields": [],
            },
        ],
        "notice_url": "/notice/",
    }


# ---- custody, disclosures ----


def datamap(*, opened: bool = True) -> dict[str, Any]:
    places = [
        (
            "Conversations",
            "conversations.conversation",
            "customer, agent",
            17,
            ["Name", "TelephoneNumber"],
            "12 months",
            "destroy the key",
        ),
        ("Sound", "conversations.recording", "customer, agent", 3, ["Voice"], "3 months", "destroy the key"),
        ("Transcripts", "transcripts.turn", "customer, agent", 6, ["Voice", "Name"], "12 months", "erase"),
        (
            "Identifiers",
            "people.identifier",
            "customer",
            4,
            ["EmailAddress", "TelephoneNumber"],
            "while needed",
            "erase",
        ),
        ("Requests", "rights.request", "customer", 9, ["Name", "EmailAddress"], "3 years", "keep, by law"),
    ]
    return {
        "shell": shell("privacy_officer", "datamap", "Data map"),
        "totals": {"places": 14, "fields": 131, "stores": 3},
        "q": "",
        "list_url": "/datamap/",
        "categories": [Choice("", "All categories", 14, "?", True), Choice("Voice", "Voice", 2, "?category=Voice")],
        "places": [
            {
                "url": f"?place={name}", "title": title, "name": name, "app": name.split(".")[0], "whose": whose, "fields": fields,
                "categories": categories, "retention": retention, "erase": erase, "current": opened and title == "Conversations",
            }
            for title, name, whose, fields, categories, retention, erase in places
        ],
        "selected": {
            "title": "Conversations",
            "name": "conversations.conversation",
            "app": "conversations",
            "whose": "customer and agent",
            "path": "conversation → participation → subject",
            "retention": "12 months after the call",
            "clause": "retain.as-needed",
            "acts": [
                {"right": "Access", "act": "copy", "text": "given in full, others masked"},
                {"right": "Erasure", "act": "destroy-key", "text": "the key is destroyed, the row goes"},
            ],
            "fields": [
                {"name": "customer_name", "category": "name", "term": "dpv-pd:Name", "purposes": ["answer the customer"], "personal": True, "note": ""},
                {"name": "customer_phone", "category": "phone", "term": "dpv-pd:TelephoneNumber", "purposes": ["answer the customer"], "personal": True, "note": ""},
                {"name": "queue", "category": "", "term": "", "purposes": [], "personal": False, "note": "a name of a queue"},
            ],
            "close_url": "/datamap/",
        }
        if opened
        else None,
    }  # fmt: skip


def ledger(*, opened: bool = False) -> dict[str, Any]:
    acts = (
        "Looked at a conversation",
        "Erased a person",
        "Sent an archive",
        "Published a policy",
        "Refused a purpose",
    )
    return {
        "shell": shell("privacy_officer", "ledger", "Ledger"),
        "chain": {
            "status": "held",
            "text": "Every entry stands where it was written.",
            "head": "9f2c 41d0 77ab e3c5",
            "entries": 48_213,
            "sealed_at": at(11, 19),
            "verify_url": "/verify/",
            "receipt": None,
        },
        "q": "",
        "list_url": "/ledger/",
        "acts": [Choice("look", "Looks", 40_112), Choice("erase", "Erasures", 12)],
        "date_from": "",
        "date_to": "",
        "entries": [
            {
                "number": 48_213 - n, "at": NOW - dt.timedelta(minutes=7 * n), "act": acts[n % 5], "by": ("Idris Cole", "Ruth Adeyemi", "a program")[n % 3],
                "purpose": ("quality.evaluate", "rights.execute", "")[n % 3], "about": f"7F{n}-29", "detail": "77 items" if n % 5 == 1 else "",
                "sealed": n > 0, "url": f"?number={48_213 - n}",
            }
            for n in range(12)
        ],
        "page": Page(2, 965, 48_213, 51, 100, "?page=1", "?page=3"),
        "filtered": False,
        "clear_url": "/ledger/",
        "selected": {
            "number": 48_212,
            "at": NOW,
            "act": "Erased a person",
            "by": "Ruth Adeyemi",
            "purpose": "rights.execute",
            "about": "7F3-29",
            "detail": [{"term": "Items", "text": "77"}, {"term": "Request", "text": "R-2026-0417"}],
            "digest": DIGEST,
            "batch": "2 204",
            "close_url": "/ledger/",
        }
        if opened
        else None,
    }  # fmt: skip


def recipients() -> dict[str, Any]:
    return {
        "shell": shell("privacy_officer", "recipients", "Recipients"),
        "recipients": [
            {"title": "The person themselves", "name": "data-subject", "purposes": ["answer a request"], "categories": ["everything about them"], "released": 31, "last": at(10, 4)},
            {"title": "Brightpost, mail service", "name": "mail-service", "purposes": ["notify"], "categories": ["Name", "EmailAddress"], "released": 1_204, "last": None},
        ],
        "refused": 3,
    }  # fmt: skip


# ---- portal ----


class RequestForm(forms.Form):
    name = forms.CharField(label="Your name")
    email = forms.EmailField(
        label="Your e-mail", help_text="We send a code to it, so that nobody else can ask for you."
    )
    phone = forms.CharField(label="Your phone", required=False)
    details = forms.CharField(
        label="Anything that helps us find it", widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    law = forms.ChoiceField(
        label="Where you live", choices=[("gdpr", "In the European Economic Area"), ("ccpa", "California")]
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Code from our e-mail",
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "8"}
        ),
    )


class SignInForm(forms.Form):
    login = forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        label="Password", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    remember = forms.BooleanField(label="Keep me signed in on this device", required=False)


class AccountForm(forms.Form):
    name = forms.CharField(label="Name")
    email = forms.EmailField(label="E-mail", help_text="They sign in with it.")
    role = forms.ChoiceField(
        label="Role", choices=[(k, v[1].split(",")[0]) for k, v in PEOPLE.items()], widget=forms.RadioSelect
    )


CHOICES = (
    (
        "eye-search",
        "See what you hold about me",
        "A copy, and who else received it.",
        "Right of access, within 1 month",
    ),
    ("trash", "Erase me", "We show first what goes and what must stay.", "Right to erasure, within 1 month"),
    (
        "hand-stop",
        "Stop using my data",
        "While a dispute runs, or for a reason of yours.",
        "Right to restrict, within 1 month",
    ),
    (
        "edit",
        "Correct something",
        "Tell us; we correct it everywhere.",
        "Right to rectification, within 1 month",
    ),
)


def centre() -> dict[str, Any]:
    return {
        "public": public(),
        "choices": [
            {"url": "/request/", "icon": icon, "title": title, "text": text, "law": law}
            for icon, title, text, law in CHOICES
        ],
        "places": [
            Choice("de", "Germany", current=True),
            Choice("fr", "France"),
            Choice("us-ca", "California"),
        ],
        "place_url": "/centre/",
        "signal": {"since": TODAY},
        "track_url": "/track/",
        "track_value": "",
        "track_error": "",
        "short": [
            {"icon": "phone", "before": "Calls are kept", "bold": "3 months", "after": ", words 12"},
            {"icon": "coin-off", "before": "We do not sell it"},
            {"icon": "map-pin", "before": "It stays in", "bold": "Frankfurt"},
        ],
        "notice_url": "/notice/",
        "download": {"url": "/notice.pdf", "size": "180 kB"},
        "kept": KEPT,
        "kept_note": "a cookie we did not list",
        "promises_url": "/promises/",
    }


def portal_request(form: forms.Form) -> dict[str, Any]:
    return {
        "public": public(),
        "title": "Erase me",
        "law": "Right to erasure, GDPR Article 17",
        "lead": "We show first what goes and what must stay. You have an answer within 1 month.",
        "form": form,
        "happens": ["We send a code to your e-mail.", "You enter it here.", "We look in every place that can hold data about you.", "You read what went and what stayed."],
        "submit": "Ask to be erased",
        "notice_version": "14",
        "notice_url": "/notice/",
        "back_url": "/centre/",
    }  # fmt: skip


def track(**changes: Any) -> dict[str, Any]:
    made = {
        "reference": "R-2026-0417",
        "title": "Erase me",
        "law": "Right to erasure, GDPR Article 17",
        "state": "open",
        "state_text": "We are looking in every place. You have an answer by 5 December 2026.",
        "clock": CLOCK,
        "steps": [
            {"title": "Received", "at": at(18, 24, day=3), "state": "done"},
            {"title": "Identity proved", "at": at(18, 40, day=6), "state": "done"},
            {"title": "Places searched, a person decides", "at": None, "state": "now"},
            {"title": "Answer sent", "at": None, "state": "next"},
        ],
        "kept": [],
        "receipt": None,
        "complain_url": "/complain/",
        "authority": "Hamburg Commissioner for Data Protection",
    }
    return {"public": public(), "case": made | changes}


# ---- people, config ----


def accounts() -> dict[str, Any]:
    return {
        "shell": shell("administrator", "people", "People and roles"),
        "people": [
            {"url": "/person/", "name": name, "login": f"{name.split()[0].lower()}@larkfield.example", "role_label": label,
             "signed_in": at(8, 2) if n else None, "state": ("active", "locked", "active", "closed")[n], "mfa": False}
            for n, (name, label) in enumerate(PEOPLE.values())
        ],
        "roles": [Choice("", "All", 4, "?", True), Choice("agent", "Agents", 1, "?role=agent"), Choice("supervisor", "Supervisors", 1, "?role=supervisor")],
        "q": "",
        "list_url": "/people/",
        "add_url": "/person/",
        "page": None,
        "found": 4,
    }  # fmt: skip


def health() -> dict[str, Any]:
    return {
        "shell": shell("administrator", "health", "Health"),
        "checks": [
            {"title": "Database", "status": "held", "text": "PostgreSQL 18 answers. Row-level security is on everywhere.", "mend": "", "seconds": 0.02},
            {"title": "Mail", "status": "unproved", "text": "No mail server is set, so codes stay in the outbox.", "mend": "Name one in Organisation.", "seconds": None},
            {"title": "Worker", "status": "broken", "text": "No worker has run for 12 minutes. 3 jobs wait.", "mend": "Start it: plainspoken up", "seconds": 0.1},
        ],
        "made_at": NOW,
        "again_url": "/health/",
    }  # fmt: skip


class Bound:
    """Forms as they look after a wrong answer."""

    @staticmethod
    def request() -> forms.Form:
        return RequestForm({"name": "", "email": "klara", "law": "gdpr"}, auto_id="id_%s")

    @staticmethod
    def code() -> forms.Form:
        form = CodeForm({"code": "123"})
        form.add_error("code", "The code is too old. Ask for a new one.")
        return form


def every_page() -> dict[str, tuple[str, dict[str, Any]]]:
    """Path of the gallery -> template and context."""
    return {
        "conversations": ("conversations/list.html", conversation_list()),
        "conversations-none": ("conversations/list.html", conversation_list(rows=[], found=0, page=None, empty="none", filtered=False)),
        "conversations-nothing": ("conversations/list.html", conversation_list(rows=[], found=0, page=None, empty="nothing")),
        "conversation": ("conversations/show.html", conversation()),
        "conversation-agent": ("conversations/show.html", conversation("agent", parts=[])),
        "conversation-revealed": (
            "conversations/show.html",
            conversation(turns=turns(shown=True), revealed={"receipt": RECEIPT, "purpose": "answer the customer", "hide_url": "/conversation/"}),
        ),
        "conversation-writing": (
            "conversations/show.html",
            conversation(
                turns=[], cuts=[], parts=[], sound=None,
                transcript={"state": "writing", "text": "Transcript is being written, about 2 minutes."},
            ),
        ),
        "measures": ("conversations/measures.html", measures()),
        "desk": ("rights/desk.html", desk()),
        "desk-queue": ("rights/desk.html", desk(case=None, queue=queue(-1))),
        "desk-empty": ("rights/desk.html", desk(case=None, queue={"title": "No requests open", "total": 0, "file_url": "/file/", "tabs": [], "groups": []})),
        "desk-unproved": (
            "rights/desk.html",
            desk(
                case=case(
                    title="Erase everything", state="unproved", state_text="Identity not proved", plan=None, answer=None, proved="", acts=[], note="",
                    identity={"channel": "e-mail", "sent_at": at(18, 24, day=3), "attempts_left": 3, "act": Act("/again/", "Send a new code", icon="send")},
                )
            ),
        ),
        "desk-done": (
            "rights/desk.html",
            desk(
                case=case(
                    state="done", state_text="Done", acts=[], note="", receipt=RECEIPT, clock=Clock(dt.date(2026, 11, 3), dt.date(2026, 12, 5), TODAY, "Answered after 18 days", ended=dt.date(2026, 11, 21)),
                    archive={"url": "/archive.zip", "size": "12 MB", "expires": at(9, 0, day=1, month=12), "parts": ["words", "sound", "a page to read"]},
                )
            ),
        ),
        "file": ("rights/file.html", {"shell": shell("privacy_officer", "requests", "Requests", "File a request"), "form": FileForm(), "cancel_url": "/desk/"}),
        "promises": ("policies/promises.html", promises()),
        "promises-broken": ("policies/promises.html", promises("cookies.declared")),
        "promises-shut": ("policies/promises.html", promises("")),
        "promises-none": (
            "policies/promises.html",
            promises("", counts={"all": 72, "held": 0, "broken": 0, "unproved": 72}, proved_at=None, attention=[clause("notice.pdf")] * 9, shell=shell("administrator", "promises", "Promises"), prove=None),
        ),
        "notice": ("policies/notice.html", notice()),
        "changes": ("policies/changes.html", changes()),
        "datamap": ("custody/datamap.html", datamap()),
        "datamap-shut": ("custody/datamap.html", datamap(opened=False)),
        "ledger": ("custody/ledger.html", ledger()),
        "ledger-entry": ("custody/ledger.html", ledger(opened=True)),
        "recipients": ("disclosures/recipients.html", recipients()),
        "centre": ("portal/centre.html", centre()),
        "request": ("portal/request.html", portal_request(RequestForm())),
        "request-wrong": ("portal/request.html", portal_request(Bound.request())),
        "verify": (
            "portal/verify.html",
            {"public": public(), "reference": "R-2026-0417", "sent_to": "k…@m….example", "form": Bound.code(), "attempts_left": 2, "expires_text": "It works for 15 minutes.", "again_url": "/again/", "text": ""},
        ),
        "track": ("portal/track.html", track()),
        "track-done": (
            "portal/track.html",
            track(
                state="done", state_text="Done on 21 November 2026.", receipt=RECEIPT, answer_html="We erased what we held about you, except two invoices.",
                kept=[{"what": "2 invoices", "why": "HGB § 257", "until": dt.date(2034, 12, 31)}],
                archive={"url": "/archive.zip", "size": "12 MB", "expires": at(9, 0, day=1, month=12), "parts": ["words", "sound"]},
            ),
        ),
        "sign-in": (
            "people/sign_in.html",
            {"form": SignInForm(), "demo": [{"role": label, "login": f"{role}@larkfield.example", "password": "kelp-harbour-42"} for role, (_, label) in PEOPLE.items()]},
        ),
        "sign-out": ("account/logout.html", {}),
        "accounts": ("people/accounts.html", accounts()),
        "account": (
            "people/account_form.html",
            {
                "shell": shell("administrator", "people", "People and roles", "Maren Okafor"), "form": AccountForm(), "title": "Maren Okafor", "cancel_url": "/people/",
                "sessions": [{"at": at(8, 2), "where": "Chromium on Linux", "current": False}],
                "close": Act("/close/", "Close the account", danger=True, confirm=Confirm("Close the account of Maren Okafor", "MAREN", "Close the account", lost=("She cannot sign in any more.",), keep="Keep the account")),
            },
        ),
        "my-privacy": (
            "people/my_privacy.html",
            {
                "shell": shell("agent", "my_privacy", "My privacy"),
                "holds": [{"title": "Calls", "what": "your voice and your words", "until": "3 months"}, {"title": "Account", "what": "name, e-mail, role", "until": "while you work here"}],
                "looks": LOOKS[:2],
                "rights": [{"title": "See what is held about me", "text": "A copy within 1 month", "url": "/request/", "icon": "eye-search"}],
            },
        ),
        "health": ("config/health.html", health()),
        "organisation": (
            "config/organisation.html",
            {
                "shell": shell("administrator", "organisation", "Organisation"),
                "facts": [{"term": "Controller", "text": "Larkfield Home GmbH"}, {"term": "Time zone", "text": "Europe/Berlin"}, {"term": "Policy digest", "text": DIGEST, "mono": True}],
                "form": None,
            },
        ),
        "403": ("403.html", {"reason": "Your role does not read for this purpose."}),
        "404": ("404.html", {}),
        "429": ("429.html", {}),
        "500": ("500.html", {}),
        "403-csrf": ("403_csrf.html", {}),
    }  # fmt: skip
