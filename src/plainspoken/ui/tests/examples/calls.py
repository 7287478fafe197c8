"""Invented conversations, and the counts over them."""

import datetime as dt
import itertools
from typing import Any

from plainspoken.ui.shapes import Choice, Page, Segment

from .house import NOW, PURPOSES, at, shell

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
