"""The pages as people of each role meet them: what is offered, what is refused, what is sent."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from plainspoken.coaching.models import CoachingSession, Goal, LibraryClip
from plainspoken.coaching.services import goals
from plainspoken.conversations.models import Conversation
from plainspoken.custody.models import LedgerEntry, Organisation
from plainspoken.disclosures.models import Release
from plainspoken.people.services import issue_token
from plainspoken.quality.tests.makers import member

from .makers import ME, Centre, centre


@pytest.fixture
def there(house: Organisation) -> Centre:
    return centre(house)


def text(answer: Any) -> str:
    found = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", answer.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found))


AGENT = ("/coaching/", "/coaching/listened/", "/coaching/goals/new")
COACH = ("/coaching/team/",)
BOTH = ("/coaching/library/",)


def test_each_role_is_offered_its_pages_and_refused_the_others(there: Centre) -> None:
    ann, jo = there.browser("ann"), there.browser("jo")
    mine = (f"/coaching/agents/{there.jo.id}/", f"/coaching/agents/{there.jo.id}/goals/new",
            f"/coaching/agents/{there.jo.id}/sessions/new")  # fmt: skip
    for path in (*COACH, *mine, *BOTH):
        assert ann.get(path).status_code == 200, path
    for path in (*AGENT, *BOTH):
        assert jo.get(path).status_code == 200, path
    assert {ann.get(path).status_code for path in AGENT} == {403}
    assert {jo.get(path).status_code for path in (*COACH, *mine)} == {403}
    for role in ("privacy_officer", "administrator"):
        browser = Client()
        browser.force_login(member(there.house, role, f"{role}@x.example", role).account)
        assert {browser.get(path).status_code for path in (*AGENT, *COACH, *mine, *BOTH)} == {403}
        assert "/coaching/" not in browser.get("/promises/").content.decode()
    assert Client().get("/coaching/").status_code == 302
    assert 'href="/coaching/"' in jo.get("/coaching/").content.decode()
    assert 'href="/coaching/team/"' in ann.get("/coaching/team/").content.decode()
    assert jo.post("/coaching/library/put").status_code == 422
    assert ann.post("/coaching/listened/export").status_code == 403


def test_empty_pages_say_what_to_do(there: Centre) -> None:
    mine = text(there.browser("jo").get("/coaching/"))
    for said in ("Needs 3 evaluations.", "No open goal.", "No session yet.", "No thanks yet.", "No disputes.",
                 "No score yet.", "Nobody else in the last 30 days."):  # fmt: skip
        assert said in mine, said
    assert "Nobody waits for a coach." in text(there.browser("ann").get("/coaching/team/"))
    assert "No clip is shared yet" in text(there.browser("ann").get("/coaching/library/"))


def test_a_goal_from_the_example_to_its_end(there: Centre) -> None:
    for day in range(1, 4):
        there.evaluated(
            when=there.ago(day), solved="2", remark=(78.0, "No next step.", "solved") if day == 1 else None
        )
    ann, jo = there.browser("ann"), there.browser("jo")
    page = f"/coaching/agents/{there.jo.id}/"
    assert "Read the example" in text(ann.get(page)), "what was written has no seconds"
    with there.session("rights.execute"):
        Conversation.objects.update(kind="call")
    shown = ann.get(page)
    assert "How well was it solved?" in text(shown) and "25 % of the points in 3 evaluations." in text(shown)
    found = re.search(r'href="([^"]+)">Hear the example at 1:18', shown.content.decode())
    assert found
    heard = found[1].replace("&amp;", "&")
    assert "t=78" in heard and ann.get(heard).status_code == 200
    propose = re.search(r'href="([^"]+)">Make it a goal', shown.content.decode())
    assert propose
    form = ann.get(propose[1])
    assert "selected" in form.content.decode()
    wrong = ann.post(propose[1], {"about": "x", "target": "0", "due_on": ""})
    assert wrong.status_code == 422 and "This field" in text(wrong)
    given = {"about": f"{there.version.form_id}/solved/person", "target": "80", "text": "Say the next step.",
             "due_on": (goals.today(there.house.id) + timedelta(days=30)).isoformat()}  # fmt: skip
    goal = ann.post(f"{page}goals/new", given)["Location"]
    assert ann.post(f"{page}goals/new", given).status_code == 422
    assert "Take it back" in text(ann.get(goal)) and "Agree " not in text(ann.get(goal))
    assert "asks you" in text(jo.get("/coaching/")) and "asks for your yes" in text(jo.get(goal))
    assert there.browser("mia").get(goal).status_code == 404
    assert jo.post(f"{goal}agree").status_code == 302
    running = text(jo.get(goal))
    assert "Running" in running and "Too little to tell: 3 evaluations before, 0 since." in running
    assert "Say the next step." in running
    assert jo.post(f"{goal}close").status_code == 302
    assert "not reached yet" in text(jo.get(goal))
    assert jo.post(f"{goal}burn").status_code == 404
    jo.post(f"{goal}end")
    assert "Ended before its day." in text(jo.get(goal))
    assert "1 goal is over" in text(jo.get("/coaching/"))
    with there.session():
        assert Goal.objects.get().state == "ended"


def test_a_session_with_notes_that_both_read(there: Centre) -> None:
    call = there.call()
    ann, jo = there.browser("ann"), there.browser("jo")
    new = f"/coaching/agents/{there.jo.id}/sessions/new"
    assert ann.post(new, {"at": "soon"}).status_code == 422
    page = ann.post(new, {"at": "2030-01-15T10:00"})["Location"]
    assert ann.post(f"{page}note", {"text": " "}).status_code == 422
    ann.post(f"{page}note", {"text": "You greet warmly."})
    jo.post(f"{page}note", {"text": "I was nervous.", "own": "on"})
    assert "no private notes about an agent" in text(ann.get(page))
    assert "I was nervous." not in text(ann.get(page)) and "I was nervous." in text(jo.get(page))
    assert "You greet warmly." in text(jo.get(page))
    what = f"{call.id}//"
    assert f'value="{what}"' in ann.get(page).content.decode()
    assert ann.post(f"{page}excerpt", {"what": "x", "text": "Hear"}).status_code == 422
    ann.post(f"{page}excerpt", {"what": what, "text": "Hear the pause."})
    assert "Hear the pause." in text(jo.get(page))
    assert there.browser("mia").get(page).status_code == 404
    ann.post(f"{page}cancel")
    assert "Cancelled" in text(jo.get(page)) and "Take that back" in text(ann.get(page))
    ann.post(f"{page}reopen")
    ann.post(f"{page}move", {"at": "2030-01-16T11:00"})
    assert "16 January 2030, 11:00" in text(ann.get(page))
    ann.post(f"{page}hold")
    assert "It was as the notes say" in text(jo.get(page)) and "as the notes say" not in text(ann.get(page))
    jo.post(f"{page}acknowledge")
    assert "Acknowledged" in text(ann.get(page))
    assert ann.post(f"{page}unnote", {"note": "x"}).status_code == 404
    with there.session():
        assert CoachingSession.objects.get().acknowledged_at


def test_the_library_and_thanks(there: Centre) -> None:
    clip = there.clip(there.heard_call(), "ann")
    ann, jo, mia = there.browser("ann"), there.browser("jo"), there.browser("mia")
    assert "A warm start" in ann.get("/coaching/library/").content.decode()
    given = {"clip": str(clip.id), "text": "Name, team, offer."}
    assert ann.post("/coaching/library/put", {**given, "text": ""}).status_code == 422
    assert ann.post("/coaching/library/put", given).status_code == 302
    with there.session("coaching.share"):
        row = LibraryClip.objects.get()
    item = f"/coaching/library/{row.id}/"
    assert "Waits for the agent" in text(ann.get("/coaching/library/"))
    assert "Let colleagues hear it" in text(jo.get("/coaching/library/"))
    assert (
        "Name, team" not in text(mia.get("/coaching/library/")) and mia.get(f"{item}sound").status_code == 403
    )
    assert mia.post(f"{item}agree").status_code == 403
    jo.post(f"{item}decline")
    assert "You said no" in text(jo.get("/coaching/library/")) and "said no" in text(
        ann.get("/coaching/library/")
    )
    jo.post(f"{item}agree")
    seen = text(mia.get("/coaching/library/"))
    assert "Name, team" in seen and "learn from good calls" in seen, "the bar says for what it reads"
    assert mia.get(f"{item}sound")["Content-Type"].startswith("audio/ogg")
    assert mia.post(f"{item}thank", {"text": "I learned from it."}).status_code == 302
    assert "I learned from it." in text(jo.get("/coaching/"))
    thank = f"/coaching/agents/{there.jo.id}/thanks"
    ann.post(thank, {"text": "A good week.", "about": ""})
    ann.post(thank, {"text": "", "about": ""})
    shown = jo.get("/coaching/")
    assert "A good week." in text(shown) and "ranking" not in text(shown).lower()
    remove = re.findall(r'action="(/coaching/thanks/[^"]+)"', shown.content.decode())
    assert len(remove) == 2 and jo.post(remove[0]).status_code == 302
    assert mia.post(remove[1]).status_code in (302, 403)
    ann.post(f"{item}remove")
    assert mia.get(f"{item}sound").status_code == 404


def test_who_listened_to_me_and_why(there: Centre) -> None:
    call, other = there.call(), there.call(agent=there.mia)
    ann, jo = there.browser("ann"), there.browser("jo")
    for row in (call, other):
        ann.get(f"/conversations/{row.id}/?purpose=quality.evaluate")
    jo.get(f"/conversations/{call.id}/")
    shown = text(jo.get("/coaching/listened/"))
    assert "Ann Supervisor" in shown and "to check quality and coach" in shown
    assert "Check how well we served you and coach our staff" in shown, "why, in the policy's words"
    assert shown.count("Ann Supervisor") == 1, "one visit to one of Jo's calls; Mia's call is not Jo's"
    assert shown.count("Jo Kim") == 1, "their own name stands in the side bar alone"
    assert "Ann read" in text(jo.get("/coaching/"))
    with_programs = text(jo.get("/coaching/listened/?days=30&programs=yes"))
    assert "Leave programs out" in with_programs
    answer = jo.post("/coaching/listened/export", {"days": "90"})
    lines = answer.content.decode().splitlines()
    assert lines[0] == "when,conversation,who,purpose,why,what" and len(lines) == 2
    assert "Supervisor" in lines[1] and "Ann" not in answer.content.decode(), "a role leaves, no name"
    with there.session("security.audit"):
        release = Release.objects.get(recipient="own-staff")
        assert (release.outcome, release.parts, release.subject) == ("released", 1, there.agent)
        assert LedgerEntry.objects.filter(act="read", subject=there.agent).exists()


def test_the_api_and_the_command_line(there: Centre) -> None:
    for day in range(1, 4):
        there.evaluated(when=there.ago(day), solved="2")
    goal, _ = there.running(), there.meeting()
    secrets = {
        who: issue_token(membership=getattr(there, who), name="t", by=ME).secret
        for who in ("ann", "jo", "mia")
    }
    api = {who: Client(headers={"authorization": f"Bearer {one}"}) for who, one in secrets.items()}
    team = api["ann"].get("/api/coaching/agents").json()
    assert [(one["name"], one["goals"]) for one in team] == [("Jo Kim", 1), ("Mia Noor", 0)]
    assert api["jo"].get("/api/coaching/agents").status_code == 403
    own = api["jo"].get("/api/coaching/work").json()
    assert own == api["ann"].get(f"/api/coaching/work?member={there.jo.id}").json()
    people = next(one for one in own if one["made_by"] == "person")
    assert people["work"][0]["question"] == "solved" and people["work"][0]["now"]["rate"] == 0.25
    (shown,) = api["jo"].get("/api/coaching/goals").json()
    assert (shown["id"], shown["state"], shown["before"]["evaluations"]) == (str(goal.id), "running", 3)
    assert len(api["jo"].get("/api/coaching/sessions").json()) == 1
    assert api["mia"].get("/api/coaching/goals").json() == []
    assert api["mia"].get(f"/api/coaching/goals?member={there.jo.id}").status_code == 403
    assert api["ann"].get("/api/coaching/goals").status_code == 403
    assert api["jo"].get("/api/coaching/listened.csv").content.startswith(b"when,")
    assert api["ann"].get("/api/coaching/listened.csv").status_code == 403
