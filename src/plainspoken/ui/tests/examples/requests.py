"""Invented requests of people about their data, as the privacy desk shows them."""

import datetime as dt
from typing import Any

from plainspoken.ui.shapes import Act, Ask, Choice, Clock, Confirm, Pause, Pin, Plan, PlanRow

from .house import TODAY, at, shell

CLOCK = Clock(
    received=dt.date(2026, 11, 3),
    due=dt.date(2026, 12, 5),
    today=TODAY,
    headline="11 days left",
    reason="Answer due Saturday 5 December 2026: one month from receipt, plus 2 days of open identity.",
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
            "url": "/desk/",
            "title": title,
            "who": who,
            "note": note,
            "due": due,
            "days_text": days,
            "state": state,
            "current": n == current,
        }

    return {
        "title": "7 requests open",
        "total": 7,
        "shown": 7,
        "empty": "",
        "empty_note": "",
        "first_note": "The first one is due next.",
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
