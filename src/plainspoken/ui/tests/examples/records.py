"""Invented data map, ledger and recipients."""

import datetime as dt
from typing import Any

from plainspoken.ui.shapes import Choice, Page

from .house import DIGEST, NOW, at, shell


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
        "categories": [
            Choice("", "All categories", 14, "?", True),
            Choice("Voice", "Voice", 2, "?category=Voice"),
        ],
        "places": [
            {
                "url": f"?place={name}",
                "title": title,
                "name": name,
                "app": name.split(".")[0],
                "whose": whose,
                "fields": fields,
                "categories": categories,
                "retention": retention,
                "erase": erase,
                "current": opened and title == "Conversations",
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
                {
                    "name": "customer_name",
                    "category": "name",
                    "term": "dpv-pd:Name",
                    "purposes": ["answer the customer"],
                    "personal": True,
                    "note": "",
                },
                {
                    "name": "customer_phone",
                    "category": "phone",
                    "term": "dpv-pd:TelephoneNumber",
                    "purposes": ["answer the customer"],
                    "personal": True,
                    "note": "",
                },
                {
                    "name": "queue",
                    "category": "",
                    "term": "",
                    "purposes": [],
                    "personal": False,
                    "note": "a name of a queue",
                },
            ],
            "close_url": "/datamap/",
        }
        if opened
        else None,
    }


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
                "number": 48_213 - n,
                "at": NOW - dt.timedelta(minutes=7 * n),
                "act": acts[n % 5],
                "by": ("Idris Cole", "Ruth Adeyemi", "a program")[n % 3],
                "purpose": ("quality.evaluate", "rights.execute", "")[n % 3],
                "about": f"7F{n}-29",
                "detail": "77 items" if n % 5 == 1 else "",
                "sealed": n > 0,
                "url": f"?number={48_213 - n}",
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
    }


def recipients() -> dict[str, Any]:
    return {
        "shell": shell("privacy_officer", "recipients", "Recipients"),
        "recipients": [
            {
                "title": "The person themselves",
                "name": "data-subject",
                "purposes": ["answer a request"],
                "categories": ["everything about them"],
                "released": 31,
                "last": at(10, 4),
            },
            {
                "title": "Brightpost, mail service",
                "name": "mail-service",
                "purposes": ["notify"],
                "categories": ["Name", "EmailAddress"],
                "released": 1_204,
                "last": None,
            },
        ],
        "refused": 3,
    }
