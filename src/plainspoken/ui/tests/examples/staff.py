"""Invented accounts and health."""

from typing import Any

from plainspoken.ui.shapes import Choice

from .house import NOW, PEOPLE, at, shell


def accounts() -> dict[str, Any]:
    return {
        "shell": shell("administrator", "people", "People and roles"),
        "people": [
            {
                "url": "/person/",
                "name": name,
                "login": f"{name.split()[0].lower()}@larkfield.example",
                "role_label": label,
                "signed_in": at(8, 2) if n else None,
                "state": ("active", "locked", "active", "active", "closed")[n],
                "mfa": False,
            }
            for n, (name, label) in enumerate(PEOPLE.values())
        ],
        "roles": [
            Choice("", "All", 5, "?", True),
            Choice("agent", "Agents", 1, "?role=agent"),
            Choice("supervisor", "Supervisors", 1, "?role=supervisor"),
        ],
        "q": "",
        "list_url": "/people/",
        "add_url": "/person/",
        "page": None,
        "found": 5,
    }


def health() -> dict[str, Any]:
    return {
        "shell": shell("administrator", "health", "Health"),
        "headline": "1 thing is broken",
        "checks": [
            {
                "title": "Database",
                "status": "held",
                "word": "Works",
                "text": "PostgreSQL 18 answers. Row-level security is on everywhere.",
                "mend": "",
                "seconds": 0.02,
            },
            {
                "title": "Mail",
                "status": "unproved",
                "word": "Set up",
                "text": "No mail server is set, so codes stay in the outbox.",
                "mend": "Name one in Organisation.",
                "seconds": None,
            },
            {
                "title": "Worker",
                "status": "broken",
                "word": "Broken",
                "text": "No worker has run for 12 minutes. 3 jobs wait.",
                "mend": "Start it: plainspoken up",
                "seconds": 0.1,
            },
        ],
        "made_at": NOW,
        "again_url": "/health/",
    }
