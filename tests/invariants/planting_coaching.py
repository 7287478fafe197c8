"""Coaching in which the two people stand: goals, notes, calls on an agenda, a clip in the library, thanks."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from plainspoken.coaching.models import CoachingSession, LibraryClip
from plainspoken.coaching.services.goals import today
from plainspoken.conversations.models import Clip, PlayCopy
from plainspoken.custody.sessions import purpose
from plainspoken.quality.models import FormVersion

if TYPE_CHECKING:
    from .planting import Planted


def plant(planted: "Planted") -> None:
    """Everything of coaching, through its pages, after evaluations were planted."""
    _goals(planted)
    _session(planted)
    _library(planted)
    _thanks(planted)
    text = planted.customer.text
    for login, paths in (
        ("super", ("team/", f"agents/{planted.members['worker'].id}/", "library/")),
        ("worker", ("", "listened/", "library/", "goals/new")),
    ):
        for path in paths:
            asked = {"show": text, "days": text, "about": text, "programs": text}
            planted.browsers[login].get(f"/coaching/{path}", asked)
    planted.sown |= {"get:about", "get:programs"}
    planted.form("", planted.browsers["worker"], "/coaching/listened/export", {"days": text}, expect=200)


def _page(planted: "Planted") -> str:
    return f"/coaching/agents/{planted.members['worker'].id}/"


def _goals(planted: "Planted") -> None:
    """Words of a goal are the agent's: a goal proposed by their coach, and one of their own."""
    from .planting import ME

    worker = planted.worker
    with purpose("quality.evaluate", organisation=planted.house.id, by=ME):
        form = FormVersion.objects.filter(state="published").values_list("form_id", flat=True).get()
    due = (today(planted.house.id) + timedelta(days=30)).isoformat()
    given = {"target": "80", "due_on": due, "starts_on": "", "text": f"{worker.text} {worker.name}"}
    about = {"about": f"{form}/tone/person"}
    wrong = {**given, "about": planted.customer.text, "due_on": planted.customer.text}
    planted.form("GoalForm", planted.browsers["super"], f"{_page(planted)}goals/new", wrong, expect=422)
    made = planted.form(
        "GoalForm", planted.browsers["super"], f"{_page(planted)}goals/new", {**given, **about}, expect=302
    )
    planted.form("", planted.browsers["worker"], f"{made['Location']}agree", {}, expect=302)
    own = {**given, "about": f"{form}/verified/person"}
    planted.form("GoalForm", planted.browsers["worker"], "/coaching/goals/new", own, expect=302)


def _session(planted: "Planted") -> None:
    browser, worker, customer = planted.browsers["super"], planted.worker, planted.customer
    new = f"{_page(planted)}sessions/new"
    planted.form("SessionForm", browser, new, {"at": f"{worker.text}"}, expect=422)
    page = planted.form("SessionForm", browser, new, {"at": "2030-01-15T10:00"}, expect=302)["Location"]
    # What names a customer belongs beside their call: notes are about the agent alone.
    note = {"text": f"{worker.text} {worker.name}"}
    planted.form("NoteForm", browser, f"{page}note", note, expect=302)
    planted.form("NoteForm", planted.browsers["worker"], f"{page}note", {**note, "own": "on"}, expect=302)
    shown = browser.get(page).content.decode()
    found = re.search(r'<option value="([0-9a-f-]{36}/[^"]*)"', shown)
    assert found, "there is a call to put on the agenda"
    said = f"{customer.text} {worker.text} {customer.name}"
    excerpt = {"what": found[1], "text": said}
    planted.form("ExcerptForm", browser, f"{page}excerpt", excerpt, expect=302)
    wrong = {"what": customer.text, "text": said}
    planted.form("ExcerptForm", browser, f"{page}excerpt", wrong, expect=422)
    for name, given in (
        ("move", {"at": customer.text}),
        ("unnote", {"note": customer.text}),
        ("goal", {"goal": customer.text}),
        ("off", {"excerpt": customer.text}),
    ):
        planted.form("", browser, f"{page}{name}", given, expect=302 if name == "move" else 404)
    with purpose("quality.evaluate", organisation=planted.house.id, by=planted.actor("super")):
        assert CoachingSession.objects.exists()


def _heard(planted: "Planted") -> UUID:
    """A call of the customer's with the worker, with sound."""
    from .planting import ME

    with purpose("rights.execute", organisation=planted.house.id, by=ME):
        rows = PlayCopy.objects.filter(
            conversation__participations__subject_id=planted.subject(planted.customer)
        ).filter(conversation__participations__subject_id=planted.subject(planted.worker))
        return rows.order_by("made_at").values_list("conversation_id", flat=True)[0]


def _library(planted: "Planted") -> None:
    browser, customer = planted.browsers["super"], planted.customer
    clip = {"title": f"{customer.text} at once", "start": "0:02", "end": "0:05"}
    planted.form("", browser, f"/conversations/{_heard(planted)}/clips", clip, expect=302)
    with purpose("quality.evaluate", organisation=planted.house.id, by=planted.actor("super")):
        key = Clip.objects.order_by("-at").values_list("id", flat=True)[0]
    put = "/coaching/library/put"
    given = {"clip": str(key), "text": f"{customer.text} {planted.worker.text}"}
    planted.form("OfferForm", browser, put, {**given, "clip": customer.text}, expect=422)
    planted.form("OfferForm", browser, put, given, expect=302)
    with purpose("coaching.share", organisation=planted.house.id, by=planted.actor("super")):
        item = f"/coaching/library/{LibraryClip.objects.get().id}/"
    planted.form("", planted.browsers["worker"], f"{item}agree", {}, expect=302)
    thanks = {"text": f"{customer.text} {planted.worker.text}"}
    planted.form("ThanksForm", browser, f"{item}thank", thanks, expect=302)


def _thanks(planted: "Planted") -> None:
    browser, worker = planted.browsers["super"], planted.worker
    path = f"{_page(planted)}thanks"
    planted.form("ThanksForm", browser, path, {"text": worker.text, "about": ""}, expect=302)
    planted.form("ThanksForm", browser, path, {"text": worker.text, "about": worker.text}, expect=302)
