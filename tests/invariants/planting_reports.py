"""Reports in which people stand: in names, in sets of queues, in a mail that went out; and teams."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from plainspoken.analytics import tasks
from plainspoken.analytics.definitions import EVALUATING
from plainspoken.analytics.models import Subscription
from plainspoken.custody.sessions import purpose
from plainspoken.people.models import Membership

GIVEN = {"shared": "on", "measure": "percent", "rows": "queue", "columns": "", "made_by": "both", "form": "", "version": "",
         "question": "", "last": "8", "unit": "week", "first": "", "last_day": "", "every": "week", "dated": "evaluated",
         "purpose": EVALUATING, "pseudonyms": "on"}  # fmt: skip
READ = ("called", "row", "col", "by", "from", "page")


def plant(planted: Any) -> None:
    """Everything of reports, through its pages. The worker saves one too, and gets it, for once."""
    worker = planted.members["worker"]
    _teams(planted)
    Membership.objects.filter(id=worker.id).update(role=Membership.Role.ANALYST)
    for login in ("super", "worker"):
        _report(planted, login)
    _mail(planted)
    Membership.objects.filter(id=worker.id).update(role=Membership.Role.AGENT)


def _teams(planted: Any) -> None:
    admin, row = planted.browsers["admin"], planted.members["worker"]
    team = f"Team {planted.worker.word}"
    planted.form("", admin, "/people/teams/", {f"team-{row.id}": "Another"}, expect=302)
    planted.form("", admin, "/people/teams/", {f"team-{row.id}": team}, expect=302)


def _report(planted: Any, login: str) -> None:
    customer, worker, browser = planted.customer, planted.worker, planted.browsers[login]
    named = {
        "name": f"{customer.name} {worker.text}"[:80],
        "sets": f"{customer.word} {worker.word}: {customer.name} queue",
    }
    wrong = {**GIVEN, **named, "measure": customer.text}
    planted.form("ReportForm", browser, "/reports/new", wrong, expect=422)
    planted.form(
        "ReportForm", browser, "/reports/new", {**GIVEN, **named, "preview": customer.text}, expect=200
    )
    page = planted.form("ReportForm", browser, "/reports/new", {**GIVEN, **named}, expect=302)["Location"]
    planted.form("ReportForm", browser, f"{page}edit", {**GIVEN, **named}, expect=302)
    for path in ("/reports/", page, f"{page}evaluations", "/reports/new"):
        browser.get(path, dict.fromkeys(READ, customer.text))
    planted.sown |= {f"get:{name}" for name in READ}
    planted.form("", browser, f"{page}export/csv", {}, expect=200)
    planted.form("", browser, f"{page}export/{customer.word.lower()}", {}, expect=404)
    member = str(planted.members[login].id)
    given = {"member": member, "every": "week", "hour": "8"}
    planted.form(
        "SubscriptionForm", browser, f"{page}subscribe", {**given, "every": customer.text}, expect=302
    )
    planted.form("SubscriptionForm", browser, f"{page}subscribe", given, expect=302)


def _mail(planted: Any) -> None:
    """One mail of each; then one is stopped on the page, with somebody in where it should lead back to."""
    from .planting import ME

    with purpose("service.notify", organisation=planted.house.id, by=ME):
        Subscription.objects.update(next_at=datetime.now(UTC) - timedelta(minutes=5))
    assert tasks.queue_due(planted.house.id) == 2
    planted.work()
    with purpose("service.notify", organisation=planted.house.id, by=ME):
        one = Subscription.objects.get(subject_id=planted.members["super"].subject_id)
    ends = f"/reports/mails/{one.id}/end"
    planted.form("", planted.browsers["super"], ends, {"back": planted.customer.text}, expect=302)
    again = re.sub("end$", "again", ends)
    planted.form("", planted.browsers["super"], again, {"back": planted.customer.text}, expect=302)
    planted.browser().get(f"/reports/stop/{planted.customer.word}~{planted.customer.word}")
