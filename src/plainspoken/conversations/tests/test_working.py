"""Notes, clips, links for colleagues and files that leave: kept sealed, read by whom they are for, ended in time."""

import io
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from plainspoken.conversations import services
from plainspoken.conversations.models import (
    Clip,
    Conversation,
    HandedOut,
    Note,
    Participation,
    SavedSearch,
    Share,
)
from plainspoken.conversations.queries import reading_purposes
from plainspoken.conversations.tests.fixtures import Staff
from plainspoken.conversations.tests.makers import ME, arrived, recogniser, wav, written
from plainspoken.custody import acts as acts_of
from plainspoken.custody import clock
from plainspoken.custody.models import LedgerEntry, Organisation
from plainspoken.custody.places import place
from plainspoken.custody.sessions import purpose
from plainspoken.disclosures.models import Release
from plainspoken.kernels.sound import read
from plainspoken.people.models import Account

AGENT, CUSTOMER = (
    "this is Jo Kim of returns",
    "I am Ada Lovelace and my card is 4111 1111 1111 1111 thank you",
)


@pytest.fixture
def call(house: Organisation, staff: Staff) -> Conversation:
    member, _ = staff("agent", login="jo.kim", name="Jo Kim")
    with recogniser({0: AGENT, 1: CUSTOMER}):
        row = arrived(house, sound=wav(), agent_email=member.account.email, subject_line="A broken lamp")
        written(house, row)
    return row


def post(browser: Client, name: str, *ids: UUID, **given: Any) -> Any:
    return browser.post(reverse(f"conversations:{name}", args=ids), given)


def page(browser: Client, call: Conversation) -> str:
    return browser.get(reverse("conversations:show", args=[call.id])).content.decode()


def rows(house: Organisation, model: Any) -> list[Any]:
    with purpose("rights.execute", organisation=house.id, by=ME):
        return list(model.objects.filter(organisation=house))


def acts(house: Organisation) -> list[str]:
    with purpose("security.audit", organisation=house.id, by=ME):
        return list(LedgerEntry.objects.filter(organisation_id=house.id).values_list("act", flat=True))


def agent_of(house: Organisation) -> Client:
    browser = Client()
    browser.force_login(Account.objects.get(email=f"jo.kim@{house.slug}.example"))
    return browser


def test_a_note_is_sealed_and_read_by_whom_it_is_for(
    house: Organisation, staff: Staff, call: Conversation
) -> None:
    _, first = staff("supervisor", login="first")
    _, second = staff("supervisor", login="second")
    agent = agent_of(house)
    for audience, text in (("me", "only mine"), ("leads", "for supervisors"), ("all", "for everybody")):
        post(first, "note", call.id, at="0:03", text=text, audience=audience)
    seen = {who: [t for t in ("only mine", "for supervisors", "for everybody") if t in page(browser, call)]
            for who, browser in (("first", first), ("second", second), ("agent", agent))}  # fmt: skip
    assert seen == {
        "first": ["only mine", "for supervisors", "for everybody"],
        "second": ["for supervisors", "for everybody"],
        "agent": ["for everybody"],
    }
    kept = rows(house, Note)
    assert all(b"mine" not in bytes(note.text) and note.at_s == 3 for note in kept)
    assert acts(house).count("note.written") == 3
    mine = next(note for note in kept if note.audience == "all")
    post(second, "unnote", call.id, mine.id)
    assert "for everybody" in page(first, call), "nobody removes another's note"
    post(first, "unnote", call.id, mine.id)
    assert "for everybody" not in page(first, call)


def test_card_data_typed_into_a_note_is_not_kept(
    house: Organisation, staff: Staff, call: Conversation
) -> None:
    _, browser = staff("supervisor")
    post(browser, "note", call.id, text="Card 4111 1111 1111 1111, the security code is 737", audience="all")
    shown = page(browser, call)
    assert "4111" not in shown and "737" not in shown and "[card number]" in shown


def test_a_clip_is_the_silenced_seconds_and_ends_with_the_sound(
    house: Organisation, staff: Staff, call: Conversation
) -> None:
    _, browser = staff("supervisor")
    post(browser, "clip", call.id, start="0:01", end="0:04", title="A greeting")
    (clip,) = rows(house, Clip)
    listed = browser.get(reverse("conversations:clips")).content.decode()
    assert "A greeting" in listed and b"greeting" not in bytes(clip.title)
    heard = browser.get(reverse("conversations:clip_sound", args=[clip.id]))
    assert heard["Content-Type"].startswith("audio/ogg")
    assert abs(read(io.BytesIO(heard.content)).samples.shape[1] / 16000 - 3.0) < 0.1
    with purpose("retention.purge", organisation=house.id, by=ME):
        services.purge_sound(clock.now(house.id) + timedelta(days=1), (), ME)
        purge = place("conversations.Clip").acts.purge
        assert purge is not None and purge(clock.now(house.id) + timedelta(days=1), (), ME) == 1
    assert rows(house, Clip) == []


def test_a_link_opens_for_its_purpose_until_it_ends_and_is_counted(
    house: Organisation, staff: Staff, call: Conversation
) -> None:
    _, maker = staff("supervisor", login="maker")
    _, reader = staff("agent", login="other")
    post(maker, "share", call.id, **{"for": "service.answer", "days": "7", "start": "0:00", "end": "0:03"})
    (link,) = rows(house, Share)
    url = reverse("conversations:shared", args=[link.id])
    before = reader.get(url)
    assert before.status_code == 200 and "Jo Kim of returns" not in before.content.decode()
    assert rows(house, Share)[0].opened == 0, "looking at the link opens nothing"
    opened = reader.post(url)
    text = opened.content.decode()
    assert "returns" in text and rows(house, Share)[0].opened == 1
    assert reader.get(reverse("conversations:shared_sound", args=[link.id])).status_code == 200
    assert Client().get(url).status_code == 302, "a visitor has to sign in"
    _, administrator = staff("administrator")
    assert administrator.get(url).status_code == 403
    post(maker, "unshare", call.id, link.id)
    over = reader.post(url)
    assert over.status_code == 410 and "taken back" in over.content.decode()
    assert reader.get(reverse("conversations:shared_sound", args=[link.id])).status_code == 404
    assert "share.opened" in acts(house) and "share.revoked" in acts(house)


def test_an_ended_link_says_so(house: Organisation, staff: Staff, call: Conversation) -> None:
    _, maker = staff("supervisor")
    post(maker, "share", call.id, **{"for": "service.answer", "days": "1"})
    (link,) = rows(house, Share)
    with purpose("ingest.write", organisation=house.id, by=ME):
        Share.objects.filter(id=link.id).update(ends_at=clock.now(house.id) - timedelta(seconds=1))
    answer = maker.get(reverse("conversations:shared", args=[link.id]))
    assert answer.status_code == 410 and "This link has ended" in answer.content.decode()


def test_a_link_for_another_purpose_than_the_readers_is_refused(
    house: Organisation, staff: Staff, call: Conversation
) -> None:
    _, maker = staff("privacy_officer")
    member, agent = staff("agent", login="other")
    theirs = {p.name for p in reading_purposes(member)}
    officer_only = next(name for name in ("claims.defend", "quality.evaluate") if name not in theirs)
    post(maker, "share", call.id, **{"for": officer_only, "days": "1"})
    found = rows(house, Share)
    assert found, "the officer may use it"
    assert agent.get(reverse("conversations:shared", args=[found[0].id])).status_code == 403


@pytest.mark.parametrize("what", ["words", "sound"])
def test_a_file_leaves_through_the_gate(
    house: Organisation, staff: Staff, call: Conversation, what: str
) -> None:
    _, browser = staff("supervisor")
    given = {"what": what, "recipient": "own-systems", "reason": "The warranty desk needs it"}
    answer = post(browser, "hand_out", call.id, **given)
    assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
    if what == "words":
        text = answer.content.decode()
        assert "4111" not in text and "Lovelace" not in text and "[card number]" in text
    (kept,) = rows(house, HandedOut)
    assert kept.what == what and b"warranty" not in bytes(kept.reason)
    with purpose("security.audit", organisation=house.id, by=ME):
        (release,) = Release.objects.filter(organisation_id=house.id)
    assert (release.outcome, release.recipient, release.bytes) == (
        "released",
        "own-systems",
        len(answer.content),
    )


def test_a_file_for_a_recipient_that_the_policy_does_not_name_is_refused(
    house: Organisation, staff: Staff, call: Conversation
) -> None:
    _, browser = staff("supervisor")
    answer = post(
        browser, "hand_out", call.id, what="words", recipient="a-friend", reason="They would like to read it"
    )
    assert answer.status_code == 302 and rows(house, HandedOut) == []
    answer = post(browser, "hand_out", call.id, what="words", recipient="own-systems", reason="why")
    assert answer.status_code == 302 and rows(house, HandedOut) == []


def test_searches_are_kept_sealed_and_run_again(
    house: Organisation, staff: Staff, call: Conversation
) -> None:
    _, first = staff("supervisor", login="first")
    _, second = staff("supervisor", login="second")
    browser = {"name": "Lamps", "query": "q=lamp+speaker%3Acustomer", "shared": "yes"}
    first.post(reverse("conversations:keep_search"), browser)
    first.post(reverse("conversations:keep_search"), {"name": "My own", "query": "q=sofa"})
    listed = second.get(reverse("conversations:list")).content.decode()
    assert "Lamps" in listed and "My own" not in listed
    kept = rows(house, SavedSearch)
    assert len(kept) == 2 and all(b"lamp" not in bytes(one.query) for one in kept)
    shared = next(one for one in kept if one.shared)
    answer = second.post(reverse("conversations:run_search", args=[shared.id]))
    assert answer["Location"] == "/conversations/?q=lamp+speaker%3Acustomer"
    second.post(reverse("conversations:run_search", args=[shared.id]), {"act": "remove"})
    assert len(rows(house, SavedSearch)) == 2, "nobody removes another's search"
    first.post(reverse("conversations:run_search", args=[shared.id]), {"act": "remove"})
    assert len(rows(house, SavedSearch)) == 1


def test_the_list_leaves_without_names_or_words(
    house: Organisation, staff: Staff, call: Conversation
) -> None:
    _, browser = staff("supervisor")
    answer = browser.post(
        reverse("conversations:export"), {"recipient": "own-systems", "query": "queue=Returns"}
    )
    assert answer.status_code == 200
    lines = answer.content.decode().splitlines()
    assert len(lines) == 2 and "Lovelace" not in lines[1] and "lamp" not in lines[1]
    refused = browser.post(reverse("conversations:export"), {"recipient": "a-friend", "query": ""})
    assert refused.status_code == 302


def test_the_page_says_where_a_query_fails_and_the_builder_types_it(
    house: Organisation, staff: Staff, call: Conversation
) -> None:
    _, browser = staff("supervisor")
    listed = reverse("conversations:list")
    text = browser.get(listed, {"q": "lamp NEAR/99 sofa"}).content.decode()
    assert "After NEAR/ stands a number from 1 to 10." in text and "<mark>NEAR/99</mark>" in text
    built = browser.get(listed, {"build": "1", "phrase": "broken lamp", "speaker": "customer"})
    assert built["Location"].endswith("q=speaker%3Acustomer+%22broken+lamp%22")


def test_erasing_the_customer_takes_all_of_it_along(
    house: Organisation, staff: Staff, call: Conversation
) -> None:
    _, browser = staff("supervisor")
    post(browser, "note", call.id, text="Kind customer", audience="all")
    post(browser, "clip", call.id, start="0:01", end="0:03", title="A clip")
    post(browser, "share", call.id, **{"for": "service.answer", "days": "1"})
    with purpose("rights.execute", organisation=house.id, by=ME):
        subject = Participation.objects.get(conversation=call, role="customer").subject_id
        for model in (Note, Clip, Share):
            acts_ = place(f"conversations.{model.__name__}").acts
            assert acts_.copy is not None and len(list(acts_.copy(subject))) == 1, model
            assert acts_.erase is not None and acts_.erase(subject, ME).count == 1, model
            assert not model.objects.filter(conversation=call).exists(), model


def test_everything_of_it_is_in_a_copy(house: Organisation, staff: Staff, call: Conversation) -> None:
    member, browser = staff("supervisor")
    post(browser, "note", call.id, text="Kind customer", audience="me")
    post(browser, "clip", call.id, start="0:01", end="0:03", title="A clip")
    post(browser, "share", call.id, **{"for": "service.answer", "days": "1"})
    post(
        browser,
        "hand_out",
        call.id,
        what="words",
        recipient="own-systems",
        reason="The warranty desk needs it",
    )
    browser.post(reverse("conversations:keep_search"), {"name": "Lamps", "query": "q=lamp"})
    turn = reverse("conversations:turn_act", args=[call.id, 0, "correct"])
    browser.post(turn, {"text": "this is somebody of returns"})
    services.mark_call(
        organisation=house.id,
        source_id="call-1",
        events=[services.Event(services.EventKind.HOLD, call.started_at + timedelta(seconds=2))],
        by=ME,
    )
    with purpose("rights.execute", organisation=house.id, by=ME):
        customer = Participation.objects.get(conversation=call, role="customer").subject_id
        assert customer is not None and member.subject_id is not None
        for name in ("Note", "Clip", "Share", "HandedOut", "Mark"):
            (copied,) = acts_of.copy(place(f"conversations.{name}"), customer)
            json.dumps(dict(copied.values), default=str)
        (copied,) = acts_of.copy(place("conversations.SavedSearch"), member.subject_id)
        assert copied.values["query"] == "q=lamp"
        assert len(list(acts_of.copy(place("transcripts.Correction"), customer))) <= 1
