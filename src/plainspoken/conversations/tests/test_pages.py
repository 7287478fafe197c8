"""The pages: who sees which rows for what, the sound in ranges, the look at what was removed."""

import json
import re
from typing import Any

import pytest
from django.urls import reverse

from plainspoken.conversations import services
from plainspoken.conversations.arrival import Utterance
from plainspoken.conversations.models import Conversation, Participation, Reveal
from plainspoken.conversations.ranges import Range, Unsatisfiable, asked
from plainspoken.conversations.tests.fixtures import Staff
from plainspoken.conversations.tests.makers import ME, arrived, recogniser, wav, written
from plainspoken.custody import keys, subjects
from plainspoken.custody.acts import context
from plainspoken.custody.models import Decision, LedgerEntry, Organisation
from plainspoken.custody.sessions import purpose

AGENT, CUSTOMER = "this is Jo Kim of returns", "I am Ada Lovelace and my card is 4111 1111 1111 1111"


def url(name: str, row: Conversation, **query: str) -> str:
    from urllib.parse import urlencode

    return reverse(f"conversations:{name}", args=[row.id]) + (f"?{urlencode(query)}" if query else "")


def titles(html: str) -> list[str]:
    return re.findall(r"data-row>.*?<span>([^<]*)</span></a>", html, re.DOTALL)


@pytest.fixture
def call(house: Organisation, staff: Staff) -> Conversation:
    member, _ = staff("agent", login="jo.kim", name="Jo Kim")
    with recogniser({0: AGENT, 1: CUSTOMER}):
        row = arrived(house, sound=wav(), agent_email=member.account.email, subject_line="A broken lamp")
        written(house, row)
    return row


def browser_of(house: Organisation, login: str = "jo.kim") -> Any:
    from django.test import Client

    from plainspoken.people.models import Account

    browser = Client()
    browser.force_login(Account.objects.get(email=f"{login}@{house.slug}.example"))
    return browser


# ---- who sees which rows ----


def test_agents_see_their_own_supervisors_all_administrators_none(
    house: Organisation, staff: Staff, call: Conversation
) -> None:
    other = arrived(
        house,
        source="2",
        agent_name="Max Moe",
        agent_email="max@larkfield.example",
        subject_line="A sofa",
        customer_email="bob@home.example",
        customer_name="Bob Hall",
    )
    _, supervisor = staff("supervisor")
    _, administrator = staff("administrator")
    _, officer = staff("privacy_officer")
    agent = browser_of(house)
    listed = reverse("conversations:list")
    assert titles(agent.get(listed).content.decode()) == ["A broken lamp"]
    assert len(titles(supervisor.get(listed).content.decode())) == 2
    assert len(titles(officer.get(listed).content.decode())) == 2
    assert administrator.get(listed).status_code == 403
    assert agent.get(url("show", call)).status_code == 200
    for name in ("show", "sound", "peaks"):
        assert agent.get(url(name, other)).status_code == 404, name
        assert administrator.get(url(name, call)).status_code == 403, name
    written(house, other)
    assert titles(agent.get(f"{listed}?q=lamp").content.decode()) == ["A broken lamp"]
    assert titles(agent.get(f"{listed}?q=sofa").content.decode()) == []
    assert titles(supervisor.get(f"{listed}?q=sofa").content.decode()) == ["A sofa"]
    with purpose("ingest.write", organisation=house.id, by=ME):
        theirs = Participation.objects.get(conversation=other, role="agent").subject_id
    assert titles(agent.get(f"{listed}?agent={theirs}").content.decode()) == []


def test_a_stranger_is_sent_to_sign_in_and_another_house_sees_nothing(
    house: Organisation, call: Conversation
) -> None:
    from django.test import Client

    for name in ("show", "sound", "peaks"):
        assert Client().get(url(name, call)).status_code == 302
    assert Client().get(reverse("conversations:list")).status_code == 302


def test_another_organisation_sees_nothing(house: Organisation, call: Conversation) -> None:
    from plainspoken.conversations.tests.fixtures import POLICY, add_member
    from plainspoken.custody.organisations import create
    from plainspoken.people.models import Membership
    from plainspoken.policies.services import publish

    other = create(slug=f"{house.slug}-b", name="Other", home_region="x")
    publish(organisation=other.id, source=POLICY.read_text("utf-8"), file="p", by=ME)
    add_member(
        organisation=other.id,
        email=f"spy@{house.slug}.example",
        name="Spy",
        role=Membership.Role.SUPERVISOR,
        by=ME,
    )
    spy = browser_of(house, "spy")
    assert spy.get(url("show", call)).status_code == 404 and spy.get(url("sound", call)).status_code == 404
    assert titles(spy.get(reverse("conversations:list")).content.decode()) == []


def test_the_purpose_decides_which_rows_there_are(
    house: Organisation, staff: Staff, call: Conversation
) -> None:
    _, supervisor = staff("supervisor")
    with purpose("ingest.write", organisation=house.id, by=ME):
        customer = Participation.objects.get(conversation=call, role="customer").subject_id
    with purpose("rights.execute", organisation=house.id, by=ME):
        subjects.decide(
            subject=customer, kind=Decision.Kind.OBJECTION, purposes=["quality.evaluate"], ground="own", by=ME
        )
    listed = reverse("conversations:list")
    assert len(titles(supervisor.get(listed).content.decode())) == 1
    assert titles(supervisor.get(f"{listed}?purpose=quality.evaluate").content.decode()) == []
    assert supervisor.get(url("show", call, purpose="quality.evaluate")).status_code == 404
    assert supervisor.get(url("sound", call, purpose="quality.evaluate")).status_code == 404
    html = supervisor.get(url("show", call)).content.decode()
    assert "the person said no" in html and "(closed)" in html


@pytest.mark.parametrize(
    "asked_for", ["claims.defend", "rights.execute", "conversation.reveal", "service.improve", "x y"]
)
def test_a_purpose_of_another_role_is_refused(staff: Staff, call: Conversation, asked_for: str) -> None:
    _, supervisor = staff("supervisor")
    assert supervisor.get(url("show", call, purpose=asked_for)).status_code == 403
    assert supervisor.get(reverse("conversations:list"), {"purpose": asked_for}).status_code == 403


def test_reading_is_entered_and_shown(house: Organisation, staff: Staff, call: Conversation) -> None:
    member, supervisor = staff("supervisor", name="Vera Supervisor")
    html = supervisor.get(url("show", call)).content.decode()
    looks = html.split("Who looked")[1]
    assert "Vera Supervisor" in looks and ", you" in looks
    supervisor.get(url("sound", call))
    agent = browser_of(house).get(url("show", call)).content.decode()
    assert "Vera Supervisor" in agent and "listened" in agent
    entries = LedgerEntry.objects.using("owner").filter(
        organisation=house, about=f"conversation:{call.id}", act="read", by=f"person:{member.account_id}"
    )
    assert {e.detail["place"] for e in entries} == {"conversations.Conversation", "conversations.PlayCopy"}
    assert all(e.subject for e in entries)


def test_the_page_holds_nothing_that_was_removed(staff: Staff, call: Conversation) -> None:
    _, supervisor = staff("supervisor")
    html = supervisor.get(url("show", call)).content.decode()
    for secret in ("Lovelace", "4111", "ada@"):
        assert secret not in html
    assert "card number" in html and html.count('class="pn-redact"') == 3
    assert "Jo Kim" in html, "staff are called by their names"
    assert "Kept until" in html and "Sound" in html and "known by name, e-mail" in html


# ---- the list ----


def test_filters_stay_in_the_address_and_htmx_gets_rows_alone(
    house: Organisation, staff: Staff, call: Conversation
) -> None:
    written(
        house,
        arrived(
            house,
            source="2",
            queue="Orders",
            subject_line="A sofa",
            customer_email="b@home.example",
            customer_name="Bob Hall",
            started_at="2026-01-05T10:00:00Z",
        ),
    )
    _, supervisor = staff("supervisor")
    listed = reverse("conversations:list")
    assert titles(supervisor.get(listed, {"queue": "Orders"}).content.decode()) == ["A sofa"]
    assert titles(supervisor.get(listed, {"kind": "call"}).content.decode()) == ["A broken lamp"]
    assert titles(supervisor.get(listed, {"from": "2026-01-05", "to": "2026-01-05"}).content.decode()) == [
        "A sofa"
    ]
    assert titles(supervisor.get(listed, {"to": "2026-01-04"}).content.decode()) == []
    rows = supervisor.get(listed, {"q": "card"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in rows and "<mark>card</mark>" in rows and 'id="found"' in rows
    assert "?t=" in rows and "#t" in rows, "a hit leads to its second"
    assert re.search(r'class="pn-hit-t">Customer: ', rows), "and says who spoke"
    nothing = supervisor.get(listed, {"q": "giraffe"}).content.decode()
    assert "Nothing matches" in nothing


@pytest.mark.parametrize(
    "query",
    [
        {"agent": "x"},
        {"from": "yesterday"},
        {"from": "9999-12-31", "to": "9999-12-31"},
        {"page": "-1"},
        {"page": "99999999999"},
        {"kind": "fax"},
        {"q": "\0"},
        {"q": "'" * 900},
        {"participant": "1"},
        {"sort": "x"},
    ],
)
def test_odd_filters_never_break_the_list(staff: Staff, house: Organisation, query: dict[str, str]) -> None:
    _, supervisor = staff("supervisor")
    assert supervisor.get(reverse("conversations:list"), query).status_code == 200


def test_a_failed_conversation_is_listed_and_says_why(house: Organisation, staff: Staff) -> None:
    with recogniser({}, fails=RuntimeError("x")):
        row = arrived(house, sound=wav(), subject_line="A lamp")
        with pytest.raises(RuntimeError):
            written(house, row)
    _, supervisor = staff("supervisor")
    html = supervisor.get(reverse("conversations:list")).content.decode()
    assert "Not written" in html and "The speech recogniser failed" in html
    shown = supervisor.get(url("show", row)).content.decode()
    assert "The speech recogniser failed" in shown and "<audio" not in shown


def test_a_conversation_that_waits_can_be_opened(house: Organisation, staff: Staff) -> None:
    row = arrived(house, sound=wav())
    _, supervisor = staff("supervisor")
    html = supervisor.get(url("show", row)).content.decode()
    assert "The transcript is being written" in html and "<audio" not in html


def test_sixty_conversations_make_two_pages(house: Organisation, staff: Staff) -> None:
    for n in range(60):
        arrived(house, source=str(n), words=[Utterance(f"Call {n}", "customer")], subject_line=f"Call {n}")
    _, supervisor = staff("supervisor")
    first = supervisor.get(reverse("conversations:list")).content.decode()
    second = supervisor.get(reverse("conversations:list"), {"page": "2"}).content.decode()
    assert len(titles(first)) == 50 and len(titles(second)) == 10
    opened = [
        set(re.findall(r'href="(/conversations/[0-9a-f-]{36}/)" data-row', html)) for html in (first, second)
    ]
    assert "1–50 of 60" in first and len(opened[0] | opened[1]) == 60


# ---- the sound ----


def test_sound_comes_whole_and_in_ranges(staff: Staff, call: Conversation) -> None:
    _, supervisor = staff("supervisor")
    whole = supervisor.get(url("sound", call))
    body = b"".join(whole.streaming_content)
    assert whole.status_code == 200 and body[:4] == b"OggS" and len(body) == int(whole["Content-Length"])
    assert whole["Content-Type"] == "audio/ogg; codecs=opus" and whole["Accept-Ranges"] == "bytes"
    assert whole["Cache-Control"] == "private, no-store" and whole["X-Content-Type-Options"] == "nosniff"
    size = len(body)
    for header, start, end in (
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, size),
        ("bytes=-50", size - 50, size),
        ("bytes=5-5", 5, 6),
        ("bytes=10-999999999", 10, size),
        (f"bytes=-{size * 2}", 0, size),
    ):
        part = supervisor.get(url("sound", call), headers={"Range": header})
        assert part.status_code == 206, header
        assert part["Content-Range"] == f"bytes {start}-{end - 1}/{size}"
        assert b"".join(part.streaming_content) == body[start:end]
    beyond = supervisor.get(url("sound", call), headers={"Range": f"bytes={size}-"})
    assert beyond.status_code == 416 and beyond["Content-Range"] == f"bytes */{size}"
    for header in ("bytes=9-5", "bytes=a-b", "items=0-1", "bytes=0-1,5-6"):
        assert supervisor.get(url("sound", call), headers={"Range": header}).status_code == 200
    stale = supervisor.get(url("sound", call), headers={"Range": "bytes=0-9", "If-Range": '"old"'})
    assert stale.status_code == 200
    head = supervisor.head(url("sound", call))
    assert head.status_code == 200 and head["Content-Length"] == str(size)


def test_the_drawing_has_two_channels_of_at_most_a_thousand(staff: Staff, call: Conversation) -> None:
    _, supervisor = staff("supervisor")
    peaks = json.loads(supervisor.get(url("peaks", call)).content)
    assert [c["key"] for c in peaks["channels"]] == ["agent", "customer"]
    assert peaks["seconds"] == pytest.approx(12.0, abs=0.1)
    for channel in peaks["channels"]:
        assert 100 < len(channel["peaks"]) <= 1000 and all(0 <= p <= 1 for p in channel["peaks"])
    customer = peaks["channels"][1]["peaks"]
    per_second = len(customer) / peaks["seconds"]
    assert customer[round(0.5 * per_second)] > 0.3
    assert max(customer[round(5.2 * per_second) : round(6.5 * per_second)]) == 0, (
        "silence is drawn as silence"
    )


def test_the_sound_of_an_erased_person_is_gone_at_once(
    house: Organisation, staff: Staff, call: Conversation
) -> None:
    _, supervisor = staff("supervisor")
    with purpose("ingest.write", organisation=house.id, by=ME):
        customer = Participation.objects.get(conversation=call, role="customer").subject_id
    keys.destroy(organisation=house.id, subject=customer)
    assert supervisor.get(url("sound", call)).status_code == 404
    assert supervisor.get(url("peaks", call)).status_code == 404


@pytest.mark.parametrize(
    ("header", "size", "expected"),
    [
        ("", 5, None),
        ("bytes=", 5, None),
        ("bytes=-", 5, None),
        ("bytes=0-", 5, Range(0, 5)),
        ("bytes = 1 - 2", 5, Range(1, 3)),
        ("bytes=-3", 5, Range(2, 5)),
        ("bytes=4-9", 5, Range(4, 5)),
    ],
)
def test_ranges(header: str, size: int, expected: Range | None) -> None:
    assert asked(header, size=size) == expected


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=5-", 5), ("bytes=-0", 5), ("bytes=0-", 0), ("bytes=-1", 0)]
)
def test_ranges_beyond_the_end(header: str, size: int) -> None:
    with pytest.raises(Unsatisfiable):
        asked(header, size=size)


# ---- revealing ----


def test_a_look_needs_a_purpose_and_a_reason_and_leaves_an_entry(
    house: Organisation, staff: Staff, call: Conversation
) -> None:
    member, supervisor = staff("supervisor")
    asking = {
        "purpose": "quality.evaluate",
        "reason": "The customer disputes what was agreed about the card.",
    }
    for wrong in (
        {},
        {**asking, "reason": ""},
        {**asking, "reason": "x"},
        {**asking, "purpose": "claims.defend"},
    ):
        answer = supervisor.post(url("reveal", call), wrong)
        assert answer.status_code == 422 and b"4111" not in answer.content
    with purpose("claims.defend", organisation=house.id, by=ME):
        assert not Reveal.objects.exists()
    shown = supervisor.post(url("reveal", call), asking).content.decode()
    assert "4111 1111 1111 1111" in shown and "Ada Lovelace" in shown and "Ledger entry" in shown
    entry = LedgerEntry.objects.using("owner").get(organisation=house, act="conversation.reveal")
    assert (
        entry.detail == {"for": "quality.evaluate", "parts": 3} and entry.by == f"person:{member.account_id}"
    )
    with purpose("claims.defend", organisation=house.id, by=ME):
        look = Reveal.objects.select_related("content_key").get()
        assert b"disputes" not in bytes(look.reason)
        assert (
            keys.content_sealer(look.content_key).open_text(look.reason, context=context(look, "reason"))
            == asking["reason"]
        )
    again = supervisor.get(url("show", call)).content.decode()
    assert "4111" not in again and "saw removed words" in again


def test_who_may_not_look_is_not_asked_and_refused(
    house: Organisation, staff: Staff, call: Conversation
) -> None:
    agent = browser_of(house)
    assert "Ask to see what was removed" not in agent.get(url("show", call)).content.decode()
    asking = {"purpose": "service.answer", "reason": "I would like to see the card number."}
    assert agent.post(url("reveal", call), asking).status_code == 403
    _, supervisor = staff("supervisor")
    assert supervisor.get(url("reveal", call)).status_code == 405
    with purpose("ingest.write", organisation=house.id, by=ME):
        customer = Participation.objects.get(conversation=call, role="customer").subject_id
    with purpose("rights.execute", organisation=house.id, by=ME):
        subjects.decide(
            subject=customer,
            kind=Decision.Kind.OBJECTION,
            purposes=["conversation.reveal"],
            ground="own",
            by=ME,
        )
    assert supervisor.post(url("reveal", call), asking).status_code == 404


def test_a_privacy_officer_reads_for_claims(staff: Staff, call: Conversation) -> None:
    _, officer = staff("privacy_officer")
    html = officer.get(url("show", call)).content.decode()
    assert "bring or defend a claim" in html and "Ask to see what was removed" in html
    asking = {"purpose": "claims.defend", "reason": "A court asks for what was said about the card."}
    assert b"4111 1111 1111 1111" in officer.post(url("reveal", call), asking).content


# ---- measures ----


def test_measures_show_groups_and_hide_small_ones(house: Organisation, staff: Staff) -> None:
    for queue, people in (("Returns", 13), ("Orders", 12), ("Billing", 3)):
        for n in range(people):
            arrived(
                house,
                source=f"{queue}{n}",
                queue=queue,
                customer_email=f"{queue}{n}@home.example",
                customer_name="",
                words=[Utterance(f"{queue} {n}", "customer")],
                duration=60 + n,
            )
    for n in range(20):
        arrived(
            house,
            source=f"d{n}",
            queue="Delivery",
            customer_email="one@home.example",
            customer_name="",
            words=[Utterance(f"Delivery {n}", "customer")],
        )
    _, supervisor = staff("supervisor")
    html = supervisor.get(reverse("conversations:measures")).content.decode()
    queue = {
        m[0]: m[1] for m in re.findall(r'<th scope="row">(\w+)</th><td class="pn-rownum[^>]*>([^<]*)', html)
    }
    assert queue == {
        "Returns": "13",
        "Orders": "12",
        "Billing": "under 12, not shown",
        "Delivery": "under 12, not shown",
    }
    assert "48 conversations" in html
    assert staff("agent")[1].get(reverse("conversations:measures")).status_code == 403


def test_one_hidden_group_takes_another_with_it(house: Organisation, staff: Staff) -> None:
    for queue, people in (("Returns", 14), ("Orders", 12), ("Billing", 3)):
        for n in range(people):
            arrived(
                house,
                source=f"{queue}{n}",
                queue=queue,
                customer_email=f"{queue}{n}@home.example",
                customer_name="",
                words=[Utterance(f"{queue} {n}", "customer")],
            )
    _, supervisor = staff("supervisor")
    html = supervisor.get(reverse("conversations:measures")).content.decode()
    assert html.count("under 12, not shown") == 2, "else Billing were the total less the others"


def test_services_raise_in_sentences(house: Organisation) -> None:
    row = arrived(house)
    reading, revealing = (
        lambda name=name: purpose(name, organisation=house.id, by=ME)
        for name in ("service.answer", "conversation.reveal")
    )
    with reading(), pytest.raises(services.NothingToPlay, match="no sound"):
        services.open_sound(conversation=row.id, subject=None, by=ME)
    with revealing(), pytest.raises(services.ReasonMissing):
        services.reveal(conversation=row.id, purpose="quality.evaluate", reason=" ", by=ME)
