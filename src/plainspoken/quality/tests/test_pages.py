"""The pages as people of each role meet them: what is offered, what is refused, what is sent."""

import json
import re

import pytest
from django.test import Client

from plainspoken.custody.models import Organisation
from plainspoken.disclosures.models import Release
from plainspoken.kernels.quality.tests.forms import SERVICE
from plainspoken.people.services import issue_token
from plainspoken.quality.models import CalibrationSession, Comment, Evaluation, FormVersion, Plan

from .makers import ME, Centre, centre, member


@pytest.fixture
def there(house: Organisation) -> Centre:
    return centre(house)


def text(answer: object) -> str:
    found = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", answer.content.decode(), flags=re.S)  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found))


PAGES = ("/quality/", "/quality/work/", "/quality/waiting/", "/quality/forms/", "/quality/plans/",
         "/quality/plans/new", "/quality/calibration/")  # fmt: skip


def test_each_role_is_offered_its_pages_and_refused_the_others(there: Centre) -> None:
    ann, jo = there.browser("ann"), there.browser("agent")
    for path in PAGES:
        assert ann.get(path).status_code == 200, path
        assert jo.get(path).status_code == (200 if path == "/quality/" else 403), path
    for role in ("privacy_officer", "administrator"):
        browser = Client()
        browser.force_login(member(there.house, role, f"{role}@x.example", role).account)
        assert {browser.get(path).status_code for path in PAGES} == {403}
    assert Client().get("/quality/").status_code == 302
    row = there.begun()
    for path in (f"/quality/evaluations/{row.id}/save", "/quality/export", "/quality/forms/new"):
        assert jo.post(path).status_code == 403, path
    assert jo.post(f"/quality/evaluations/{row.id}/submit").status_code == 404, (
        "a draft is not there for them"
    )


def test_evaluating_on_the_page(there: Centre) -> None:
    ann = there.browser("ann")
    shown = ann.get(f"/conversations/{there.conversation}/")
    begin = f"/quality/begin/{there.conversation}/"
    assert begin in shown.content.decode()
    assert begin not in there.browser("agent").get(f"/conversations/{there.conversation}/").content.decode()
    choice = {"form": str(there.version.form_id), "agent": str(there.agent.subject_id)}
    page = ann.post(begin, choice)["Location"]
    assert "How well was it solved?" in text(ann.get(page)) and "my lamp is broken" in text(ann.get(page))
    htmx = {"HX-Request": "true"}
    kept = ann.post(
        f"{page}save",
        {"a-greeting": "yes", "a-solved": "5", "a-hold": "yes", "a-explained": "rude"},
        headers=htmx,
    )
    assert "Fails by “How was the hold handled?”" in text(kept) and "1 answer missing" in text(kept)
    wrong = ann.post(f"{page}save", {"a-solved": "9"}, headers=htmx)
    assert "Choose from 1, 2, 3, 4, 5" in text(wrong)
    early = ann.post(f"{page}submit", {"a-solved": "5"})
    assert early.status_code == 422 and "1 answers are missing" in text(early)
    remark = ann.post(f"{page}remark", {"text": "A warm start.", "at_s": "2.5"}, headers=htmx)
    assert "A warm start." in text(remark) and 'data-seek="2.50"' in remark.content.decode()
    assert "Write at least a word" in text(ann.post(f"{page}remark", {"text": " "}, headers=htmx))
    done = ann.post(f"{page}submit", {"a-verified": "-", "a-explained": "well", "a-note": "Calm."})
    assert done.status_code == 302
    result = text(ann.get(page))
    assert "To release" in result and "Calm." in result and "Does not apply" in result and "100 %" in result
    with there.session():
        row = Evaluation.objects.get()
        assert row.state == "approved" and row.percent == 100


def test_an_agent_reads_acknowledges_disputes_and_somebody_else_decides(there: Centre) -> None:
    row = there.submitted(who="ann")
    page = f"/quality/evaluations/{row.id}/"
    ann, bob, jo = there.browser("ann"), there.browser("bob"), there.browser("agent")
    assert jo.get(page).status_code == 404 and "No scores yet" in text(jo.get("/quality/"))
    assert ann.post(f"{page}release").status_code == 302
    seen = text(jo.get(page))
    assert "Do you disagree?" in seen and "You can dispute it until" in seen and "I have read it" in seen
    assert "Service call" in text(jo.get("/quality/"))
    assert "Do you disagree?" not in text(ann.get(page))
    assert jo.post(f"{page}dispute", {"reason": ""}).status_code == 422
    assert ann.post(f"{page}dispute", {"reason": "No"}).status_code == 403
    assert jo.post(f"{page}dispute", {"reason": "Listen again."}).status_code == 302
    assert "Somebody else decides" in text(jo.get(page))
    assert "Decide the dispute" not in text(ann.get(page)) and "Decide the dispute" in text(bob.get(page))
    assert "1 evaluation waits for you" in text(bob.get("/quality/waiting/"))
    assert "Somebody else acts on these" in text(ann.get("/quality/waiting/"))
    assert ann.post(f"{page}decide", {"reason": "No.", "a-solved": "5"}).status_code == 403
    assert bob.post(f"{page}decide", {"reason": "Right.", "a-solved": "5"}).status_code == 302
    after = text(jo.get(page))
    assert "62.5 % became 100 %" in after and "3 → 5" in after and "Right." in after and "Appeal" in after
    assert jo.post(f"{page}acknowledge").status_code == 302
    assert "Final" in text(jo.get(page))


# ---- forms ----


def test_building_a_form_step_by_step(there: Centre) -> None:
    ann = there.browser("ann")
    page = ann.post("/quality/forms/new")["Location"]
    form = page.split("/")[3]

    def step(**given: str | list[str]) -> str:
        answer = ann.post(f"{page}edit", given, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        return text(answer)

    assert "missing or wrong" in text(ann.get(page))
    refused = ann.post(f"{page}publish")
    assert refused.status_code == 422 and "Section 1, question 1: The text is missing. Write one." in text(
        refused
    )
    step(act="set", title="Chats", counting="points", channels="chat", pass_at="75")
    step(act="set", section="0", section_title="Tone", weight="2")
    step(act="set", section="0", question="0", text="Was it kind?", kind="choice", error="customer-critical",
         required="on")  # fmt: skip
    options = {"option_value": ["o1", "o2"], "option_title": ["Kind", "Rude"], "option_points": ["10", "0"]}
    given = {"section": "0", "question": "0", "text": "Was it kind?", "kind": "choice", "required": "on"}
    wrong = step(act="set", **given, **options, error="customer-critical")
    assert "Mark the option that fails" in wrong
    assert "It can be published" in step(
        act="set", **given, **options, error="customer-critical", option_fails="o2"
    )
    step(act="add-question", section="0")
    step(act="set", section="0", question="1", text="Why?", kind="text", shown_when="q1=o2")
    step(act="add-section")
    step(act="set", section="1", section_title="End", weight="1")
    step(
        act="set", section="1", question="0", text="Was it closed?", kind="yes-no", points="5", required="on"
    )
    moved = step(act="up-question", section="0", question="1")
    assert "No earlier question has this id" in moved, "it waits for a question that comes later now"
    step(act="down-question", section="0", question="0")
    step(act="up-question", section="1", question="0")
    assert "There are 0 questions" in step(act="up-section", section="1")
    assert "It can be published" in step(act="remove-section", section="0")
    assert ann.post(f"{page}publish").status_code == 302
    with there.session():
        version = FormVersion.objects.get(form_id=form, state="published")
    asked = [q["text"] for s in version.content["sections"] for q in s["questions"]]
    assert asked == ["Was it kind?", "Why?", "Was it closed?"]
    assert version.content["title"] == "Chats" and version.content["pass_at"] == 75
    shown = text(ann.get(f"/quality/forms/{form}/versions/1/"))
    assert "Critical to the customer" in shown and "By points" in shown
    ann.post("/quality/forms/new", {"form": form})
    ann.post(
        f"{page}edit",
        {"act": "set", "title": "Chats", "counting": "points", "channels": "chat", "pass_at": "80"},
    )
    changed = text(ann.get(page))
    assert "The form" in changed and "passes at: 75 80" in changed


def test_a_step_that_is_no_step_changes_nothing(there: Centre) -> None:
    ann = there.browser("ann")
    page = ann.post("/quality/forms/new")["Location"]
    for given in (
        {"act": "burn"},
        {"act": "up-question", "section": "9", "question": "0"},
        {"act": "remove-section"},
    ):
        assert ann.post(f"{page}edit", given).status_code == 302
    with there.session():
        assert len(FormVersion.objects.get(form_id=page.split("/")[3]).content["sections"]) == 1
    published = f"/quality/forms/{there.version.form_id}/"
    assert ann.post(f"{published}edit", {"act": "set", "title": "Other"}).status_code == 302
    with there.session():
        assert FormVersion.objects.get(id=there.version.id).content["title"] == "Service call"


# ---- plans and calibration ----


def test_a_plan_counts_before_it_is_kept(there: Centre) -> None:
    ann = there.browser("ann")
    given = {"form": str(there.version.form_id), "per_agent": "3", "days": "30", "due_days": "7",
             "evaluators": [str(there.bob.account_id)], "seed": ""}  # fmt: skip
    seen = text(ann.post("/quality/plans/preview", given))
    assert "1 conversation of 1" in seen and "Jo Kim" in seen
    assert "Choose somebody" in text(ann.post("/quality/plans/preview", {**given, "evaluators": []}))
    with there.session():
        assert not Plan.objects.exists()
    assert ann.post("/quality/plans/new", given).status_code == 302
    with there.session():
        plan = Plan.objects.get()
    assert "0 of 0 done" in text(ann.get("/quality/plans/"))
    ann.post(f"/quality/plans/{plan.id}/run")
    assert "0 of 1 done" in text(ann.get("/quality/plans/"))
    work = there.browser("bob").get("/quality/work/")
    assert "1 conversation to evaluate" in text(work)
    found = re.search(r'href="(/quality/begin/[^"]+assignment=[0-9a-f-]+)"', work.content.decode())
    assert found and there.browser("bob").post(found[1].replace("&amp;", "&")).status_code == 302
    assert ann.post(f"/quality/plans/{plan.id}/end").status_code == 302
    assert "ended" in text(ann.get("/quality/plans/"))


def test_calibration_is_blind_on_the_page(there: Centre) -> None:
    ann, bob, cleo = there.browser("ann"), there.browser("bob"), there.browser("cleo")
    new = f"/quality/calibration/new/{there.conversation}/"
    given = {"form": str(there.version.form_id), "invited": [str(there.bob.account_id)], "days": "7"}
    page = ann.post(new, given)["Location"]
    answers = {"a-greeting": "yes", "a-verified": "yes", "a-solved": "3", "a-hold": "no"}
    assert bob.post(f"{page}answer", {**answers, "a-solved": "5", "submit": "1"}).status_code == 302
    for browser in (ann, bob, cleo):
        assert "alpha" not in text(browser.get(page))
    assert "Ann has not answered yet" in text(bob.get(page))
    assert cleo.post(f"{page}answer", answers).status_code == 403
    assert "kept" in text(ann.post(f"{page}answer", answers, headers={"HX-Request": "true"}))
    assert "alpha" not in text(bob.get(page)), "kept is not submitted"
    ann.post(f"{page}answer", {**answers, "submit": "1"})
    seen = text(bob.get(page))
    assert "alpha, answers as they are" in seen and "1 of 5 questions differ" in seen
    assert bob.post(f"{page}close").status_code == 403 and ann.post(f"{page}close").status_code == 302
    with there.session():
        assert CalibrationSession.objects.get().state == "closed"
    assert "all closed sessions" in text(cleo.get("/quality/calibration/"))


# ---- leaving ----


def test_csv_leaves_through_the_gate_only(there: Centre) -> None:
    there.released()
    ann = there.browser("ann")
    answer = ann.post("/quality/export")
    lines = answer.content.decode().splitlines()
    assert answer["Content-Type"].startswith("text/csv") and len(lines) == 2
    assert lines[0].startswith("evaluation,conversation,agent,form") and "Jo Kim" not in lines[1]
    assert ",person,released,62.500,no," in lines[1]
    with there.session("security.audit"):
        release = Release.objects.get(recipient="own-analysts")
        assert (release.outcome, release.parts) == ("released", 1)


def test_the_api_shows_and_exports(there: Centre) -> None:
    row = there.released()
    secret = issue_token(membership=there.ann, name="t", by=ME).secret
    mine = issue_token(membership=there.agent, name="t", by=ME).secret
    api = Client(headers={"authorization": f"Bearer {secret}"})
    agent = Client(headers={"authorization": f"Bearer {mine}"})
    (form,) = api.get("/api/quality/forms").json()
    assert (
        api.get(f"/api/quality/forms/{form['form']}").json()["sections"][0]["id"]
        == SERVICE["sections"][0]["id"]
    )
    (shown,) = api.get("/api/quality/evaluations?state=released").json()
    assert shown["percent"] == 62.5 and shown["made_by"] == "person" and shown["agent"].startswith("Agent ")
    assert api.get("/api/quality/evaluations?state=final").json() == []
    assert api.get("/api/quality/evaluations?state=odd").status_code == 422
    whole = agent.get(f"/api/quality/evaluations/{row.id}").json()
    assert {one["question"]: one["value"] for one in whole["answers"]}["solved"] == "3"
    assert api.get("/api/quality/evaluations.csv").content.startswith(b"evaluation,")
    assert agent.get("/api/quality/evaluations.csv").status_code == 403
    assert agent.get("/api/quality/forms").status_code == 403
    draft = there.begun("bob")
    assert agent.get(f"/api/quality/evaluations/{draft.id}").status_code == 404
    assert json.loads(agent.get("/api/quality/evaluations").content)[0]["id"] == str(row.id)


def test_what_ended_is_said_and_nothing_breaks(there: Centre) -> None:
    row = there.released()
    with there.session():
        Comment.objects.all().delete()
    from .test_ending import customer, erase

    erase(there, customer(there))
    page = f"/quality/evaluations/{row.id}/"
    for who in ("ann", "agent"):
        seen = text(there.browser(who).get(page))
        assert "cannot be heard any more" in seen and "62.5 %" in seen
    assert there.browser("ann").get(f"/quality/begin/{there.conversation}/").status_code == 404
