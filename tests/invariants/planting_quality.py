"""Evaluations in which the two people stand: in remarks, text answers, disputes, decisions; and a calibration."""

import re
from typing import Any
from uuid import UUID

from django.test import Client

from plainspoken.custody.sessions import purpose
from plainspoken.demo.quality import FORM, GOOD
from plainspoken.people.models import Membership
from plainspoken.quality.models import CalibrationSession, Evaluation, Plan
from plainspoken.quality.services import forming

OFFICES = (
    "",
    "work/",
    "waiting/",
    "forms/",
    "plans/",
    "plans/new",
    "calibration/",
    "automatic/",
    "automatic/agreement/",
)


def plant(planted: Any) -> None:
    """Everything of quality, through its pages. Before anybody restricts what is about them."""
    planted.member("supervisor", "quality")
    form = _form(planted)
    row = _evaluated(planted, form)
    _disputed(planted, row)
    _planned(planted, form)
    _calibrated(planted, form)
    for login in ("super", "worker"):
        for path in OFFICES:
            planted.browsers[login].get(
                f"/quality/{path}", {"show": planted.customer.text, "assignment": planted.customer.text}
            )
    planted.sown |= {"get:assignment"}


def _form(planted: Any) -> UUID:
    """What a form asks is the house's own, about its own work; steps that name somebody are refused."""
    from .planting import ME

    version = forming.load(
        organisation=planted.house.id, source=FORM.read_text("utf-8"), publish_it=True, by=ME
    )
    text, browser = planted.customer.text, planted.browsers["super"]
    page = browser.post("/quality/forms/new")["Location"]
    given = {"act": text, "section": text, "question": text, "title": text}
    planted.form("", browser, f"{page}edit", given, expect=302)
    planted.form("", browser, "/quality/forms/new", {"form": text}, expect=404)
    planted.form("RulesForm", browser, "/quality/automatic/publish", {"source": text}, expect=422)
    return version.form_id


def _evaluated(planted: Any, form: UUID) -> UUID:
    customer, worker, browser = planted.customer, planted.worker, planted.browsers["super"]
    begin = f"/quality/begin/{planted._conversation()}/"
    planted.form("", browser, begin, {"assignment": customer.text}, expect=404)
    choice = {"form": str(form), "agent": str(planted.subject(worker))}
    page = planted.form("BeginForm", browser, begin, choice, expect=302)["Location"]
    said = f"{customer.text} {worker.text} {customer.name}"
    answers = {f"a-{name}": answer.value for name, answer in GOOD.items()}
    wrong = browser.post(f"{page}save", {"a-greeting": customer.text})
    assert wrong.status_code == 422
    planted.form("", browser, f"{page}save", {**answers, "a-advice": said}, expect=302)
    planted.form("RemarkForm", browser, f"{page}remark", {"text": said, "at_s": "3"}, expect=302)
    planted.form("", browser, f"{page}submit", {"a-tone": "3"}, expect=302)
    planted.form("", browser, f"{page}release", {}, expect=302)
    found = re.search(r"[0-9a-f-]{36}", page)
    assert found
    return UUID(found[0])


def _disputed(planted: Any, row: UUID) -> None:
    page, customer, worker = f"/quality/evaluations/{row}/", planted.customer, planted.worker
    reason = {"reason": f"{worker.text} {customer.text}"}
    planted.form("WordsForm", planted.browsers["worker"], f"{page}dispute", reason, expect=302)
    decision = {**reason, "a-tone": "5"}
    planted.form("WordsForm", planted.browsers["quality"], f"{page}decide", decision, expect=302)


def _planned(planted: Any, form: UUID) -> None:
    given = {"form": str(form), "per_agent": "2", "days": "30", "due_days": "7", "seed": "7",
             "evaluators": str(planted.members["super"].account_id)}  # fmt: skip
    planted.form("PlanForm", planted.browsers["super"], "/quality/plans/preview", given, expect=200)
    planted.form("PlanForm", planted.browsers["super"], "/quality/plans/new", given, expect=302)
    evaluated = ("score_over", "score_under", "answer")
    asked = {"build": "1", "purpose": "quality.evaluate", "question": "greeting"}
    planted.browsers["super"].get(
        "/conversations/", {**asked, **dict.fromkeys(evaluated, planted.customer.text)}
    )
    planted.sown |= {f"form:BuilderForm.{name}" for name in evaluated}
    from .planting import ME

    with purpose("quality.evaluate", organisation=planted.house.id, by=ME):
        plan = Plan.objects.get()
        assert Evaluation.objects.exists()
    planted.browsers["super"].post(f"/quality/plans/{plan.id}/run")


def _calibrated(planted: Any, form: UUID) -> None:
    """The worker evaluates as well, for once: their answers are about them too."""
    worker = planted.members["worker"]
    Membership.objects.filter(id=worker.id).update(role=Membership.Role.SUPERVISOR)
    browser: Client = planted.browsers["quality"]
    given = {"form": str(form), "invited": str(worker.account_id), "days": "7"}
    begin = f"/quality/calibration/new/{planted._conversation()}/"
    planted.form("SessionForm", browser, begin, given, expect=302)
    from .planting import ME

    with purpose("quality.evaluate", organisation=planted.house.id, by=ME):
        session = CalibrationSession.objects.get()
    answers = {f"a-{name}": answer.value for name, answer in GOOD.items()}
    page = f"/quality/calibration/{session.id}/answer"
    planted.form("", planted.browsers["worker"], page, {**answers, "submit": "1"}, expect=302)
    wrong = planted.browsers["quality"].post(page, {"a-greeting": planted.worker.text})
    assert wrong.status_code == 422
    Membership.objects.filter(id=worker.id).update(role=Membership.Role.AGENT)
