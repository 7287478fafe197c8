"""Reports by mail, to a real SMTP server: once a day that is due, to who may read it, stopped with one click."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conftest import _house
from django.db import connections
from django.test import Client
from django.urls import reverse

from plainspoken.analytics import queries, stopping, tasks
from plainspoken.analytics.definitions import EVALUATING, IMPROVING, Definition, MadeBy, QueueSet, Rows
from plainspoken.analytics.models import Delivery, Report, Subscription
from plainspoken.analytics.services import saving, sending, subscribing
from plainspoken.config.work import drain
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.disclosures.models import Message, Release
from plainspoken.disclosures.tests.test_messages import sink
from plainspoken.kernels.reporting import Every
from plainspoken.people.models import Account, Membership
from plainspoken.people.services import change_role, end_membership

from .makers import ME, Planted, planted

__all__ = ["sink"]
NOTIFY = "service.notify"


@pytest.fixture
def there(database: str, sink: Any) -> Iterator[Planted]:
    found = planted(_house(), count=120)
    Organisation.objects.filter(id=found.house.id).update(smtp_url=sink.url)
    yield found
    connections.close_all()


def saved(there: Planted, definition: Definition | None = None, **more: Any) -> Report:
    given = {"name": "Queues of Ada's friends", "shared": True, **more}
    definition = definition or Definition(rows=Rows.QUEUE, made_by=MadeBy.BOTH, last=16)
    return saving.save(organisation=there.house.id, definition=definition, by=there.actor("sue"), **given)


def subscribed(there: Planted, row: Report, who: str = "ann", **more: Any) -> Subscription:
    given = {"every": Every.DAY, "hour": 8, **more}
    return subscribing.subscribe(
        organisation=there.house.id, report=row.id, member=there.staff[who].id, by=there.actor("sue"), **given
    )


def make_due(there: Planted, one: Subscription, *, ago: timedelta = timedelta(minutes=1)) -> None:
    """As if its hour had come: the next moment lies behind us."""
    with purpose(NOTIFY, organisation=there.house.id, by=ME):
        found = Subscription.objects.get(id=one.id)
        Subscription.objects.filter(id=one.id).update(
            next_at=datetime.now(ZoneInfo("UTC")) - ago, hour=found.hour
        )


def run(there: Planted) -> None:
    """The scheduler's tick, then the worker."""
    tasks.queue_due(there.house.id)
    drain()


def now(there: Planted, one: Subscription) -> Subscription:
    with purpose(NOTIFY, organisation=there.house.id, by=ME):
        return Subscription.objects.get(id=one.id)


def deliveries(there: Planted) -> int:
    with purpose(NOTIFY, organisation=there.house.id, by=ME):
        return Delivery.objects.count()


def body(mail: Any) -> str:
    return str(mail.get_content())


def test_a_mail_comes_once_with_the_table_and_a_link(there: Planted, sink: Any) -> None:
    row = saved(
        there,
        Definition(
            rows=Rows.QUEUE, sets=(QueueSet("Goods", ("Returns", "Delivery")),), last=16, pseudonyms=False
        ),
    )
    one = subscribed(there, row)
    run(there)
    assert sink.mails == [], "nothing before its hour"
    make_due(there, one)
    for _ in range(3):
        run(there)
    (mail,) = sink.mails
    assert mail["To"] == there.staff["ann"].account.email and mail["Subject"] == "Mean score by queue"
    text = body(mail)
    assert re.search(r"^Goods +[0-9.]+\u202f% \([0-9]+ evaluations\)", text, re.M)
    assert re.search(r"^All other queues +[0-9.]+", text, re.M) and re.search(r"^All +[0-9.]+", text, re.M)
    assert reverse("analytics:report", args=[row.id]) in text
    for name in (*there.agents, "Queues of", "Stone", "Agent "):
        assert name not in text, "neither names nor pseudonyms nor what somebody typed"
    assert deliveries(there) == 1 and now(there, one).next_at > datetime.now(ZoneInfo("UTC"))


def test_the_same_numbers_as_the_page(there: Planted, sink: Any) -> None:
    row = saved(there, Definition(rows=Rows.QUEUE, last=16))
    one = subscribed(there, row)
    make_due(there, one)
    run(there)
    browser = Client()
    browser.force_login(there.staff["ann"].account)
    html = browser.get(reverse("analytics:report", args=[row.id])).content.decode()
    for queue in ("Returns", "Orders", "Billing", "Delivery"):
        told = re.search(rf"^{queue} +([0-9.]+)\u202f%", body(sink.mails[0]), re.M)
        assert told and f">{told[1]}\u202f%</a>" in html


def test_lines_that_are_people_stay_on_the_page(there: Planted, sink: Any) -> None:
    for rows in (Rows.AGENT, Rows.EVALUATOR, Rows.TEAM):
        make_due(there, subscribed(there, saved(there, Definition(rows=rows, last=16, pseudonyms=False))))
    run(there)
    agents, evaluators, teams = sorted(map(body, sink.mails), key=lambda text: ("agent" not in text, "evaluator" not in text))  # fmt: skip
    for text in (agents, evaluators):
        assert "Each line is one person" in text and re.search(r"^All +", text, re.M)
    # Every team here has two agents at most.
    assert (
        "4 lines are about so few people" in teams
        and "North" not in teams
        and not re.search(r"^All +", teams, re.M)
    )


def test_where_the_policy_lets_no_numbers_out_the_mail_has_the_link_alone(
    there: Planted, sink: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "can_release", lambda **more: False)
    row = saved(there)
    make_due(there, subscribed(there, row))
    run(there)
    text = body(sink.mails[0])
    assert "The policy lets no numbers leave by mail." in text and "%" not in text
    assert reverse("analytics:report", args=[row.id]) in text
    with purpose("security.audit", organisation=there.house.id, by=ME):
        assert not Release.objects.filter(recipient="own-analysts").exists()


def test_the_numbers_pass_the_gate(there: Planted, sink: Any) -> None:
    one = subscribed(there, saved(there))
    make_due(there, one)
    run(there)
    with purpose("security.audit", organisation=there.house.id, by=ME):
        content = Release.objects.get(recipient="own-analysts")
        mail = Release.objects.get(recipient="data-subject")
    assert content.outcome == mail.outcome == "released" and content.about == f"subscription:{one.id}"
    assert content.purpose == EVALUATING and mail.purpose == NOTIFY and "measure" in mail.categories


def test_small_groups_are_not_in_the_mail_either(there: Planted, sink: Any) -> None:
    make_due(there, subscribed(there, saved(there, Definition(rows=Rows.QUEUE, purpose=IMPROVING, last=16))))
    run(there)
    text = body(sink.mails[0])
    assert "under 12" in text and not re.search(r"[0-9.]+\u202f%", text)


# ---- when ----


def test_days_that_nobody_sent_are_one_mail(there: Planted, sink: Any) -> None:
    one = subscribed(there, saved(there))
    make_due(there, one, ago=timedelta(days=9))
    run(there)
    run(there)
    assert len(sink.mails) == 1 and deliveries(there) == 1


def test_the_hour_is_that_of_who_gets_it(there: Planted) -> None:
    Account.objects.filter(id=there.staff["ann"].account_id).update(time_zone="Asia/Tokyo")
    row = saved(there)
    for who, zone in (("ann", "Asia/Tokyo"), ("sue", "Europe/Berlin")):
        one = subscribed(there, row, who, every=Every.WEEK, hour=7)
        local = now(there, one).next_at.astimezone(ZoneInfo(zone))
        assert (local.weekday(), local.hour, local.minute) == (0, 7, 0) and now(there, one).zone == zone


def test_two_workers_write_one_mail(there: Planted, sink: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one has read that it is due before the first has written."""
    one = subscribed(there, saved(there))
    make_due(there, one)
    ready = sending._ready(there.house.id, one.id)
    assert sending.send(organisation=there.house.id, subscription=one.id)
    monkeypatch.setattr(sending, "_ready", lambda *more: ready)
    assert not sending.send(organisation=there.house.id, subscription=one.id)
    drain()
    assert len(sink.mails) == 1 and deliveries(there) == 1


# ---- to whom ----


@pytest.mark.parametrize("how", ["role", "ended", "unshared", "removed"])
def test_who_may_not_read_it_any_more_gets_nothing(there: Planted, sink: Any, how: str) -> None:
    row = saved(there)
    one = subscribed(there, row)
    ann = Membership.objects.get(id=there.staff["ann"].id)
    if how == "role":
        change_role(membership=ann, role=Membership.Role.AGENT, by=ME)
    elif how == "ended":
        end_membership(membership=ann, by=ME)
    elif how == "unshared":
        saved(there, report=row.id, shared=False)
    else:
        saving.remove(organisation=there.house.id, report=row.id, by=there.actor("sue"))
    if how != "removed":
        make_due(there, one)
    run(there)
    assert sink.mails == [] and deliveries(there) == 0
    if how != "removed":
        assert now(there, one).ended_because == ("removed" if how == "unshared" else "role")
    run(there)


def test_nobody_is_subscribed_who_may_not_read_it(there: Planted) -> None:
    row, own = saved(there), saved(there, shared=False)
    agent = there.agents["Ada"]
    for report, member in ((row, agent), (own, there.staff["ann"])):
        with pytest.raises(subscribing.SubscriptionRefused):
            subscribing.subscribe(
                organisation=there.house.id, report=report.id, member=member.id, every=Every.DAY, hour=8,
                by=there.actor("sue"),
            )  # fmt: skip
    Organisation.objects.filter(id=there.house.id).update(smtp_url="", kind="live")
    browser = Client()
    browser.force_login(there.staff["sue"].account)
    given = {"member": str(there.staff["sue"].id), "every": "day", "hour": "8"}
    answer = browser.post(reverse("analytics:subscribe", args=[row.id]), given, follow=True)
    assert "No mail server is set up" in answer.content.decode()


# ---- stopping ----


def stop_address(mail: Any) -> str:
    return str(mail["List-Unsubscribe"]).strip("<>").split("/", 3)[3]


def test_one_click_in_the_mail_stops_it(there: Planted, sink: Any) -> None:
    one, other = subscribed(there, saved(there)), subscribed(there, saved(there), "sue")
    make_due(there, one)
    run(there)
    mail = sink.mails[0]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = f"/{stop_address(mail)}"
    assert address in body(mail)
    stranger = Client(enforce_csrf_checks=True)
    looked = stranger.get(address)
    assert looked.status_code == 200 and now(there, one).ended_at is None, "looking changes nothing"
    for _ in range(2):
        assert stranger.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert now(there, one).ended_because == "unsubscribed" and now(there, other).ended_at is None
    make_due(there, one)
    run(there)
    assert len(sink.mails) == 1
    assert stranger.post(f"{address}x").status_code == 404


def test_a_link_of_another_signature_is_none_of_ours(there: Planted) -> None:
    right = stopping.secret_of(f"{there.house.id}/{there.house.id}")
    for wrong in (
        "",
        "~",
        right[:-1],
        right.replace(str(there.house.id), str(there.staff["ann"].id)),
        f"a.b~{right}",
    ):
        with pytest.raises(stopping.NoSuchLink):
            stopping.named(wrong)
    assert stopping.named(right) == (there.house.id, there.house.id)


def test_stopping_on_the_page(there: Planted) -> None:
    row = saved(there)
    one = subscribed(there, row)
    for who, status in (("ann", 302), ("ann", 302)):
        browser = Client()
        browser.force_login(there.staff[who].account)
        page = browser.get(reverse("analytics:report", args=[row.id])).content.decode()
        assert "Ann Stone" in page
        assert browser.post(reverse("analytics:end_mail", args=[one.id])).status_code == status
    assert now(there, one).ended_at is not None
    third = Client()
    third.force_login(there.agents["Ada"].account)
    assert third.post(reverse("analytics:end_mail", args=[one.id])).status_code == 403


# ---- failing ----


def test_a_mail_that_fails_is_tried_again_and_shown(there: Planted, sink: Any) -> None:
    row = saved(there)
    one = subscribed(there, row)
    make_due(there, one)
    sink.refuse = "550 no such mailbox"
    run(there)
    assert sink.mails == [] and deliveries(there) == 1
    browser = Client()
    browser.force_login(there.staff["sue"].account)
    page = browser.get(reverse("analytics:report", args=[row.id])).content.decode()
    assert "Failed" in page and "tried 1 time" in page and "Try again" in page
    sink.refuse = ""
    with purpose(NOTIFY, organisation=there.house.id, by=subscribing.POST):
        (shown,) = queries.subscriptions(row, there.actor("sue"))
    assert shown.delivery is not None
    assert browser.post(reverse("analytics:mail_again", args=[shown.delivery])).status_code == 302
    drain()
    assert len(sink.mails) == 1 and deliveries(there) == 1
    with purpose(NOTIFY, organisation=there.house.id, by=ME):
        assert list(Message.objects.values_list("state", flat=True)) == ["sent"]
    assert "Try again" not in browser.get(reverse("analytics:report", args=[row.id])).content.decode()


def test_a_server_that_is_busy_is_asked_again_by_itself(there: Planted, sink: Any) -> None:
    one = subscribed(there, saved(there))
    make_due(there, one)
    sink.refuse = "450 try later"
    run(there)
    from procrastinate.contrib.django.models import ProcrastinateJob

    job = ProcrastinateJob.objects.get(task_name="disclosures.send")
    assert job.status == "todo" and job.attempts == 1 and job.scheduled_at is not None
