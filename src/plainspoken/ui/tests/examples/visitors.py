"""Invented pages of the privacy centre."""

from typing import Any

from django import forms

from plainspoken.ui.shapes import Choice

from .house import KEPT, TODAY, at, public
from .requests import CLOCK

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
        "happens": [
            "We send a code to your e-mail.",
            "You enter it here.",
            "We look in every place that can hold data about you.",
            "You read what went and what stayed.",
        ],
        "submit": "Ask to be erased",
        "notice_version": "14",
        "notice_url": "/notice/",
        "back_url": "/centre/",
    }


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
