"""Mails: sealed while they wait, sent once through the gate, blank afterwards; a real SMTP server listens."""

import re
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from plainspoken.adapters.mail.tests.test_smtp import free_port
from plainspoken.custody import clock
from plainspoken.custody.models import Organisation
from plainspoken.custody.organisations import create
from plainspoken.custody.sessions import purpose
from plainspoken.disclosures import messages
from plainspoken.disclosures.messages import NoMailServer
from plainspoken.disclosures.models import Message
from plainspoken.disclosures.ports import MailFailed
from plainspoken.disclosures.tasks import TryAgain
from plainspoken.policies.services import announce, publish
from plainspoken.rights.tests.steps import (
    ME,
    POLICY,
    decided,
    erased,
    everything_in,
    officer,
    outbox,
    rows,
    somebody,
    work,
)


class Sink:
    """Keeps what an SMTP client hands over; refuses whom it is told to refuse."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.envelopes: list[Any] = []
        self.refuse = ""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def sink():
    handler = Sink()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    handler.url = f"smtp://127.0.0.1:{port}"
    yield handler
    controller.stop()


@pytest.fixture
def posted(house, sink) -> Organisation:
    """The house with a mail server."""
    Organisation.objects.filter(id=house.id).update(smtp_url=sink.url)
    return Organisation.objects.get(id=house.id)


def written(house, subject, **more) -> Message:
    with purpose("rights.execute", organisation=house.id, by=ME):
        return messages.write(
            **{
                "to": "ada@post.example",
                "title": "Hello",
                "text": "Your lamp",
                "categories": ("email", "request"),
                "by": ME,
                "subject": subject,
                **more,
            }
        )


def test_a_mail_waits_sealed_goes_once_and_leaves_nothing(posted, sink, database) -> None:
    subject = somebody(posted, email="ada@post.example")
    message = written(posted, subject, text="Canarylamp")
    assert b"Canarylamp" not in everything_in(database)
    work()
    assert [m["To"] for m in sink.mails] == ["ada@post.example"]
    assert sink.mails[0]["Subject"] == "Hello" and "Canarylamp" in sink.mails[0].get_content()
    assert sink.mails[0]["From"] == "Larkfield Home GmbH <privacy@larkfield.example>"
    assert (
        str(message.id) in sink.mails[0]["Message-ID"] and sink.mails[0]["Auto-Submitted"] == "auto-generated"
    )
    assert rows('SELECT state, "to", title, text FROM disclosures_message') == [("sent", None, None, None)]
    assert rows("SELECT recipient, outcome, about FROM disclosures_release") == [
        ("data-subject", "released", f"message:{message.id}")
    ]
    messages.send(message=message.id, organisation=posted.id, purpose="rights.execute")
    assert len(sink.mails) == 1, "sent once"


def test_the_whole_way_of_an_access_request_over_real_mail(posted, sink, staff) -> None:
    from plainspoken.rights import services
    from plainspoken.rights.tests.steps import WEB, filed

    somebody(posted, email="ada@post.example", name="Ada Quill")
    request = filed(posted, "access", email="ada@post.example")
    services.send_code(organisation=posted.id, reference=request.reference, by=WEB, token=request.token)
    work()
    code = re.search(r"Your code is (\d+)", sink.mails[0].get_content())[1]
    assert services.verify(
        organisation=posted.id, reference=request.reference, code=code, by=WEB, token=request.token
    ).verified
    decided(posted, request.reference, officer(staff))
    work()
    assert len(sink.mails) == 2 and "/track/" in sink.mails[1].get_content()
    assert request.token not in sink.mails[1].get_content()


def test_after_an_erasure_the_last_mail_reached_its_address_and_its_key_is_gone(
    posted, sink, staff, database
) -> None:
    from plainspoken.custody import ports
    from plainspoken.rights import services
    from plainspoken.rights.tests.steps import WEB, filed

    somebody(posted, email="canary@post.example")
    request = filed(posted, "erase", email="canary@post.example")
    services.send_code(organisation=posted.id, reference=request.reference, by=WEB, token=request.token)
    work()
    code = re.search(r"Your code is (\d+)", sink.mails[0].get_content())[1]
    services.verify(
        organisation=posted.id, reference=request.reference, code=code, by=WEB, token=request.token
    )
    decided(posted, request.reference, officer(staff, "one"), typed=request.reference)
    made = services.plan(organisation=posted.id, reference=request.reference, by=ME)
    services.approve(
        organisation=posted.id,
        reference=request.reference,
        plan_seen=made.fingerprint,
        by=officer(staff, "two"),
    )
    work()
    assert sink.envelopes[-1][1] == ["canary@post.example"] and "We erased" in sink.mails[-1].get_content()
    (name,) = rows("SELECT key_name FROM disclosures_message WHERE starts_with(key_name, 'message/')")[0]
    with pytest.raises(ports.KeyGone):
        ports.keyring().get(organisation=posted.id, name=name)
    assert rows('SELECT count(*) FROM disclosures_message WHERE "to" IS NOT NULL OR text IS NOT NULL') == [
        (0,)
    ]
    assert b"canary@" not in everything_in(database)


@pytest.mark.parametrize(("answer", "raised"), [("450 later", TryAgain), ("550 no", MailFailed)])
def test_a_server_that_refuses_is_tried_again_only_where_that_helps(posted, sink, answer, raised) -> None:
    subject = somebody(posted, email="ada@post.example")
    written(posted, subject)
    sink.refuse = answer
    with pytest.raises(raised) as error:
        work()
    assert "@" not in str(error.value), "an error repeats no address"
    assert rows("SELECT state, attempts FROM disclosures_message") == [("failed", 1)]
    assert rows("SELECT outcome FROM disclosures_release") == [("failed",)]
    sink.refuse = ""
    (message,) = rows("SELECT id FROM disclosures_message")[0]
    messages.send(message=message, organisation=posted.id, purpose="rights.execute")
    assert len(sink.mails) == 1 and rows("SELECT state FROM disclosures_message") == [("sent",)]


def test_a_live_house_without_a_server_refuses_and_a_demonstration_keeps_its_mails(
    house, staff, database
) -> None:
    subject = somebody(house, email="ada@post.example")
    written(house, subject, text="kept here")
    work()
    assert [letter.text for letter in outbox(house)] == ["kept here"]
    for role, status in (("administrator", 200), ("privacy_officer", 200), ("agent", 403)):
        _, browser = staff(role)
        page = browser.get("/outbox")
        assert page.status_code == status
        assert ("kept here" in page.content.decode()) == (status == 200)
    live = create(slug="live", name="Live", home_region="EU")
    publish(organisation=live.id, source=POLICY.read_text("utf-8"), file=POLICY.name, by=ME)
    other = somebody(live, email="ada@post.example")
    with pytest.raises(NoMailServer):
        written(live, other)
    assert rows("SELECT count(*) FROM disclosures_message") == [(1,)]


def test_a_mail_to_somebody_who_was_erased_meanwhile_does_not_go(posted, sink, staff) -> None:
    from plainspoken.custody import keys

    subject = somebody(posted, email="ada@post.example")
    written(posted, subject)
    keys.destroy(organisation=posted.id, subject=subject)
    work()
    assert sink.mails == [] and rows("SELECT count(*) FROM disclosures_message") == [(0,)]


def test_what_the_gate_refuses_is_not_mailed(posted, sink) -> None:
    from plainspoken.disclosures.services import Refused

    subject = somebody(posted, email="ada@post.example")
    written(posted, subject, categories=("password",))
    with pytest.raises(Refused):
        work()
    assert sink.mails == [] and rows("SELECT outcome, code FROM disclosures_release") == [
        ("refused", "category")
    ]


def test_people_are_told_of_a_material_change_once_and_then_its_day_is_known(posted, sink, staff) -> None:
    for name in ("a", "b", "c"):
        somebody(posted, email=f"{name}@post.example")
    twice = somebody(posted, email="a@post.example", phone="+49 30 1234567")
    assert twice
    changed = POLICY.read_text("utf-8").replace("conversation.sound: P6M", "conversation.sound: P1Y")
    version = announce(organisation=posted.id, source=changed, file="new.md", by=ME)
    assert rows("SELECT count(*) FROM policies_notice") == [(0,)]
    work()
    assert sorted(m["To"] for m in sink.mails) == ["a@post.example", "b@post.example", "c@post.example"]
    assert (
        "sound" in sink.mails[0].get_content().lower() and "/notice" in sink.mails[0].get_content()
    ) or "/changes" in sink.mails[0].get_content()
    (told, start) = rows("SELECT told, in_force_at FROM policies_notice WHERE version_id = %s", version.id)[0]
    assert told == 3 and start > clock.now(posted.id) + timedelta(days=29)
    from plainspoken.disclosures.announcing import announce as again

    assert again(organisation=posted.id, version=version.id) == 0 and len(sink.mails) == 3


def test_an_erased_person_is_not_told_of_changes(posted, sink, staff) -> None:
    somebody(posted, email="a@post.example")
    Organisation.objects.filter(id=posted.id).update(smtp_url="")
    erased(posted, staff, email="a@post.example")
    Organisation.objects.filter(id=posted.id).update(smtp_url=sink.url)
    changed = POLICY.read_text("utf-8").replace("conversation.sound: P6M", "conversation.sound: P1Y")
    announce(organisation=posted.id, source=changed, file="new.md", by=ME)
    work()
    assert "a@post.example" not in [m["To"] for m in sink.mails]
