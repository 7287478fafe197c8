"""Invented promises, notice and changes."""

import datetime as dt
from typing import Any

from plainspoken.ui.shapes import Choice

from .house import RECEIPT, at, public, shell

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
        "<p>We erase you everywhere within <a href='#rule-right.erase'>1 month</a>,"
        " in <a href='#rule-right.erase'>14 places</a> and in our backups, unless a law makes us keep"
        " something. Then we tell you what, why and until when.</p>"
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
