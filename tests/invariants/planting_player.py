"""The two people in everything that readers write beside a conversation, and in what a telephone system tells."""

import json
from typing import TYPE_CHECKING
from uuid import UUID

from django.test import Client

from plainspoken.conversations.models import PlayCopy
from plainspoken.custody.sessions import purpose

if TYPE_CHECKING:
    from .planting import Planted


def plant(planted: "Planted") -> None:
    """Notes, clips, links, files, searches, corrections, decisions, events of calls."""
    conversation = _with_sound(planted)
    _beside(planted, f"/conversations/{conversation}")
    _turn(planted, conversation)
    _searches(planted)
    _events(planted)


def _with_sound(planted: "Planted") -> UUID:
    """A conversation of the customer's that can be heard."""
    from .planting import ME

    subject = planted.subject(planted.customer)
    with purpose("rights.execute", organisation=planted.house.id, by=ME):
        rows = PlayCopy.objects.filter(conversation__participations__subject_id=subject).order_by("made_at")
        return rows.values_list("conversation_id", flat=True)[0]


def _beside(planted: "Planted", base: str) -> None:
    browser, who = planted.browsers["super"], planted.customer
    for audience in ("me", "leads", "all"):
        planted.form(
            "", browser, f"{base}/notes", {"text": who.text, "at": "0:01", "audience": audience}, expect=302
        )
    wrong = {"text": who.text, "at": who.text, "audience": who.text}
    planted.form("", browser, f"{base}/notes", wrong, expect=302)
    planted.form(
        "", browser, f"{base}/clips", {"title": who.text, "start": "0:01", "end": "0:04"}, expect=302
    )
    planted.form("", browser, f"{base}/links", {"for": "service.answer", "days": "7"}, expect=302)
    planted.form("", browser, f"{base}/links", {"for": who.text, "days": who.word}, expect=302)
    for what in ("words", "sound"):
        given = {"what": what, "recipient": "own-systems", "reason": f"They asked: {who.text}"}
        planted.form("", browser, f"{base}/file", given, expect=200)
    refused = {"what": who.text, "recipient": who.text, "reason": who.text}
    planted.form("", browser, f"{base}/file", refused, expect=302)
    browser.get("/conversations/clips/", {"purpose": who.text})


def _turn(planted: "Planted", conversation: UUID) -> None:
    browser, who = planted.browsers["officer"], planted.customer
    ordinal, said = _said(planted, conversation)
    base = f"/conversations/{conversation}/turns/{ordinal}"
    browser.get(f"{base}/")
    planted.form("", browser, f"{base}/correct", {"text": f"{said} {who.text}"}, expect=302)
    hide = {"first": "0", "last": "0", "kind": "OTHER", "reason": f"About {who.text}"}
    planted.form("", browser, f"{base}/hide", hide, expect=302)
    # Refused, as there is no such part: showing one would let readers see an identifier, by a person's decision.
    planted.form("", browser, f"{base}/show", {"n": "99", "reason": who.text}, expect=302)
    planted.form("", browser, f"{base}/undo", {"correction": who.text}, expect=302)
    planted.sown |= {"post:correction"}


def _said(planted: "Planted", conversation: UUID) -> tuple[int, str]:
    """The first turn of the customer's, as readers see it: the labels of what was removed stay in a mended one."""
    from plainspoken.transcripts.models import Turn

    from .planting import ME

    with purpose("rights.execute", organisation=planted.house.id, by=ME):
        turns = Turn.objects.filter(transcript__conversation_id=conversation)
        theirs = turns.filter(participation__subject_id=planted.subject(planted.customer)).order_by("ordinal")
        found = theirs.values_list("ordinal", "text").first()
    assert found is not None
    return found


def _searches(planted: "Planted") -> None:
    browser, who, mine = planted.browsers["super"], planted.customer, planted.worker
    names = (
        "all_words",
        "phrase",
        "near_first",
        "near_second",
        "apart",
        "without",
        "silence",
        "longer",
        "shorter",
    )
    browser.get("/conversations/", {"build": "1", **dict.fromkeys(names, who.text)})
    browser.get("/conversations/", {"q": who.text, "after": who.text})
    planted.sown |= {f"form:BuilderForm.{name}" for name in names} | {"form:FilterForm.after"}
    kept = {"name": mine.text, "query": f"q={mine.word}", "shared": "yes"}
    planted.form("", planted.browsers["worker"], "/conversations/searches", kept, expect=302)
    exported = {"recipient": "own-systems", "query": f"q={who.word}"}
    planted.form("", browser, "/conversations/export", exported, expect=200)
    planted.form("", browser, "/conversations/export", {"recipient": who.text, "query": who.text}, expect=302)
    pressed = {"event": "pause"}
    planted.form("", planted.browsers["worker"], "/conversations/pausing/", pressed, expect=302)
    planted.form("", planted.browsers["worker"], "/conversations/pausing/", {"event": "resume"}, expect=302)
    for path in ("/conversations/pausing/", "/conversations/slipped/"):
        browser.get(path, {"paused": who.text, "days": who.text})
    search = "/conversations/searches/00000000-0000-0000-0000-000000000000"
    planted.form("", browser, search, {"act": who.text}, expect=302)
    planted.sown |= {"get:paused", "get:days", "get:after"}


def _events(planted: "Planted") -> None:
    given = {
        "source_id": f"waiting {planted.customer.text}"[:200],
        "events": [{"event": "pause", "at": "2026-11-24T08:00:00Z"}],
    }
    answer = Client().post(
        "/api/conversations/marks",
        json.dumps(given),
        content_type="application/json",
        headers=planted.token("super"),
    )
    assert answer.status_code == 200, answer.content
    planted.sown |= {"api:POST /api/conversations/marks:source_id"}
