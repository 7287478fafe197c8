"""The desk in a browser's eyes: what is offered to whom, what is refused when tried, and what a page must not
show.
"""

import html
import re

import pytest

from plainspoken.custody.actors import person
from plainspoken.people.models import ApiToken, Membership
from plainspoken.people.services import issue_token
from plainspoken.rights import services

from .steps import (
    ME,
    decided,
    filed,
    last_code,
    owner,
    proved,
    request_of,
    rows,
    sealed,
    somebody,
    work,
)

NAME, EMAIL, WORDS = "Ada Quill", "ada@post.example", "please look at my lamp"


def text_of(response) -> str:
    return html.unescape(response.content.decode())


def acts_in(response) -> set[str]:
    return set(re.findall(r'action="/requests/[^/"]+/([a-z]+)"', response.content.decode()))


def test_before_identity_is_proved_the_page_shows_nothing_of_the_person(house, staff) -> None:
    _, browser = staff("privacy_officer")
    somebody(house, email=EMAIL, name=NAME)
    request = filed(house, "erase", email=EMAIL, name=NAME, details=WORDS)
    page = browser.get(f"/requests/{request.reference}")
    assert page.status_code == 200
    shown = text_of(page)
    assert "Identity not proved: nothing is shown." in shown and request.reference in shown
    for value in (NAME, EMAIL, WORDS, "Erase 1", "Person "):
        assert value not in shown
    assert acts_in(page) == {"code", "refuse", "address"}


def test_the_case_shows_the_plan_and_the_number_on_the_button(house, staff) -> None:
    member, browser = staff("privacy_officer")
    somebody(house, email=EMAIL, name=NAME)
    request = proved(house, "erase", email=EMAIL, details=WORDS)
    made = services.plan(organisation=house.id, reference=request.reference, by=person(member.account_id))
    page = browser.get(f"/requests/{request.reference}")
    shown = text_of(page)
    assert f"Erase {made.total} items" in shown and WORDS in shown
    for row in made.rows:
        assert row.title in shown
    assert "Keep everything" in shown and "second person" in shown
    assert acts_in(page) == {"decide", "refuse", "extend"}
    read = rows(
        "SELECT act, subject IS NOT NULL FROM custody_ledgerentry"
        " WHERE act = 'read' AND starts_with(about, 'request:')"
    )
    assert ("read", True) in read, "looking is entered"


def test_getting_pages_writes_nothing_but_reads(house, staff) -> None:
    _, browser = staff("privacy_officer")
    request = proved(house, "access", email=EMAIL)
    tables = ("rights_request", "rights_step", "rights_challenge", "disclosures_message", "custody_decision")
    before = [rows(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {t} t") for t in tables]
    acts = rows("SELECT count(*) FROM custody_ledgerentry WHERE act <> 'read'")
    for path in (
        "/requests",
        f"/requests/{request.reference}",
        "/requests/new",
        "/requests?show=closed",
        "/my-privacy",
    ):
        assert browser.get(path).status_code == 200, path
    assert [
        rows(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {t} t") for t in tables
    ] == before
    assert rows("SELECT count(*) FROM custody_ledgerentry WHERE act <> 'read'") == acts


def test_an_erasure_in_the_browser_from_the_letter_to_the_receipt(house, staff) -> None:
    _, one = staff("privacy_officer", "one")
    _, two = staff("administrator", "two")
    somebody(house, email=EMAIL, name=NAME)
    answer = one.post(
        "/requests/new",
        {
            "kind": "erase",
            "law": "gdpr",
            "channel": "letter",
            "received_on": "2020-02-01",
            "name": NAME,
            "email": EMAIL,
        },
    )
    assert answer.status_code == 302
    reference = answer.headers["Location"].rstrip("/").split("/")[-1]
    assert "days late" in text_of(one.get(f"/requests/{reference}"))
    assert one.post(f"/requests/{reference}/code").status_code == 302
    work(only="disclosures.send")
    services.verify(organisation=house.id, reference=reference, code=last_code(house), by=ME)
    page = one.get(f"/requests/{reference}")
    plan = re.search(r'name="plan" value="([0-9a-f]+)"', page.content.decode())[1]
    wrong = one.post(f"/requests/{reference}/decide", {"plan": plan, "typed": "R-0000-0000"})
    assert wrong.status_code == 409 and f"Type {reference} to go on" in text_of(wrong)
    stale = one.post(f"/requests/{reference}/decide", {"plan": "0" * 16, "typed": reference})
    assert stale.status_code == 409 and "The plan changed" in text_of(stale)
    assert one.post(f"/requests/{reference}/decide", {"plan": plan, "typed": reference}).status_code == 302
    assert acts_in(one.get(f"/requests/{reference}")) == {"disagree"}, "who decided is not offered to agree"
    assert one.post(f"/requests/{reference}/approve", {"plan": plan}).status_code == 409
    second = two.get(f"/requests/{reference}")
    assert acts_in(second) == {"approve", "disagree"} and NAME not in text_of(second)
    assert two.post(f"/requests/{reference}/approve", {"plan": plan}).status_code == 302
    work()
    sealed(house)
    done = text_of(one.get(f"/requests/{reference}"))
    assert "What happened, place by place" in done and "Receipt" in done and "destroyed your key" in done
    assert two.get(f"/requests/{reference}").status_code == 404, "administrators see only what waits for them"


@pytest.mark.parametrize("role", ["agent", "supervisor"])
def test_other_roles_are_refused(house, staff, role: str) -> None:
    _, browser = staff(role)
    request = proved(house, "access", email=EMAIL)
    assert browser.get("/requests").status_code == 403
    assert browser.get(f"/requests/{request.reference}").status_code == 403
    assert browser.post(f"/requests/{request.reference}/decide", {"plan": "x"}).status_code == 403
    assert browser.get("/requests/new").status_code == 403


def test_administrators_may_agree_and_nothing_else(house, staff) -> None:
    member, browser = staff("administrator")
    request = proved(house, "access", email=EMAIL)
    assert browser.get("/requests").status_code == 200 and request.reference not in text_of(
        browser.get("/requests")
    )
    assert browser.get(f"/requests/{request.reference}").status_code == 404
    plan = services.plan(organisation=house.id, reference=request.reference, by=person(member.account_id))
    for act, data in (("decide", {"plan": plan.fingerprint}), ("refuse", {"reason": "x"}), ("code", {})):
        assert browser.post(f"/requests/{request.reference}/{act}", data).status_code == 403
    assert browser.get("/requests/new").status_code == 403


def test_acts_need_a_post_with_a_token_against_forgery(house, staff) -> None:
    from django.test import Client

    member, browser = staff("privacy_officer")
    request = proved(house, "access", email=EMAIL)
    assert browser.get(f"/requests/{request.reference}/decide").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(member.account)
    assert strict.post(f"/requests/{request.reference}/decide", {"plan": "x"}).status_code == 403
    assert Client().get("/requests").status_code == 302
    assert browser.post(f"/requests/{request.reference}/explode").status_code == 404
    assert browser.get("/requests/R-1999-0001").status_code == 404


def test_the_queue_says_what_is_due_first(house, staff) -> None:
    _, browser = staff("privacy_officer")
    assert "No open requests." in text_of(browser.get("/requests"))
    late = (
        browser.post(
            "/requests/new",
            {
                "kind": "access",
                "law": "gdpr",
                "channel": "letter",
                "received_on": "2020-02-01",
                "email": EMAIL,
            },
        )
        .headers["Location"]
        .split("/")[-1]
    )
    later = filed(house, "access", email=EMAIL).reference
    page = text_of(browser.get("/requests"))
    assert page.index("Late") < page.index(late) < page.index("Later") < page.index(later)
    assert NAME not in page


def test_a_form_with_mistakes_comes_back_with_them(house, staff) -> None:
    _, browser = staff("privacy_officer")
    for data in (
        {},
        {"kind": "access", "law": "nevada", "channel": "letter", "received_on": "2026-01-01"},
        {"kind": "access", "law": "gdpr", "channel": "letter", "received_on": "2099-01-01"},
        {"kind": "access", "law": "gdpr", "channel": "letter", "received_on": "2026-01-01", "email": "no"},
    ):
        assert browser.post("/requests/new", data).status_code == 422
    assert rows("SELECT count(*) FROM rights_request") == [(0,)]


# ---- my privacy ----


def test_colleagues_see_what_is_held_and_ask_with_their_sign_in(house, staff) -> None:
    member, browser = staff("agent", name="Agnes Agent")
    page = browser.get("/my-privacy")
    assert page.status_code == 200 and "Names, numbers and addresses" in text_of(page)
    asked = browser.post("/my-privacy/ask/access", {"law": "gdpr", "details": "all of it"})
    assert asked.status_code == 302
    (reference, state, subject) = rows("SELECT reference, state, subject_id FROM rights_request")[0]
    assert state == "open" and subject == member.subject_id
    assert reference in text_of(browser.get("/my-privacy"))
    assert browser.get("/my-privacy/ask/know").status_code == 404
    assert browser.post("/my-privacy/ask/restrict", {"law": "gdpr", "ground": "no"}).status_code == 422


# ---- the API ----


def token(member: Membership) -> dict[str, str]:
    made = issue_token(membership=member, name="test", by=ME)
    assert ApiToken.objects.filter(membership=member).exists()
    return {"HTTP_AUTHORIZATION": f"Bearer {made.secret}"}


def test_the_api_goes_from_filing_to_the_answer(house, staff) -> None:
    from django.test import Client

    officer, _ = staff("privacy_officer", "api-one")
    second, _ = staff("privacy_officer", "api-two")
    agent, _ = staff("agent", "api-agent")
    one, two, low, http = token(officer), token(second), token(agent), Client()
    somebody(house, email=EMAIL, name=NAME)
    send = {"content_type": "application/json"}
    made = http.post("/api/requests", {"kind": "erase", "email": EMAIL, "name": NAME}, **send, **one)
    assert made.status_code == 201
    reference = made.json()["reference"]
    assert http.post("/api/requests", {"kind": "nothing"}, **send, **one).status_code == 422
    assert http.get(f"/api/requests/{reference}/plan", **one).status_code == 422, "not proved"
    assert http.post(f"/api/requests/{reference}/code", **one).json()["attempts_left"] == 5
    work(only="disclosures.send")
    services.verify(organisation=house.id, reference=reference, code=last_code(house), by=ME)
    plan = http.get(f"/api/requests/{reference}/plan", **one).json()
    assert plan["total"] == sum(row["count"] for row in plan["rows"])
    body = {"plan": plan["fingerprint"], "typed": reference}
    assert http.post(f"/api/requests/{reference}/execute", body, **send, **low).status_code in (403, 422)
    decided_ = http.post(f"/api/requests/{reference}/execute", body, **send, **one).json()
    assert decided_["state"] == "second" and decided_["second_person"]
    assert http.post(f"/api/requests/{reference}/approve", body, **send, **one).status_code == 422
    assert http.post(f"/api/requests/{reference}/approve", body, **send, **two).json()["state"] == "running"
    work()
    shown = http.get(f"/api/requests/{reference}", **one).json()
    assert shown["state"] == "done" and NAME not in str(shown) and EMAIL not in str(shown)
    assert [r["reference"] for r in http.get("/api/requests", **one).json()] == [reference]
    assert http.get("/api/requests", **low).status_code in (403, 422)
    assert http.get("/api/requests").status_code == 401
    assert http.get("/api/requests/R-1999-0009", **one).status_code == 404


def test_a_restricted_copy_of_the_flow_is_seen_on_the_desk(house, staff) -> None:
    member, browser = staff("privacy_officer")
    somebody(house, email=EMAIL)
    request = proved(house, "restrict", email=EMAIL, ground="accuracy-contested")
    decided(house, request.reference, person(member.account_id))
    work()
    page = browser.get(f"/requests/{request.reference}")
    assert acts_in(page) == {"lift"} and "Tell them that it will be lifted" in text_of(page)
    browser.post(f"/requests/{request.reference}/lift")
    work()
    assert "Lift the restriction" in text_of(browser.get(f"/requests/{request.reference}"))
    browser.post(f"/requests/{request.reference}/lift")
    assert request_of(house, request.reference).outcome["lifted"] is True


def test_what_stopped_can_be_run_again(house, staff) -> None:
    member, browser = staff("privacy_officer")
    somebody(house, email=EMAIL)
    request = proved(house, "access", email=EMAIL)
    decided(house, request.reference, person(member.account_id))
    assert acts_in(browser.get(f"/requests/{request.reference}")) == set(), "its job waits"
    with owner() as line:
        line.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE task_name = 'rights.execute'")
    page = browser.get(f"/requests/{request.reference}")
    assert acts_in(page) == {"resume"} and "It stopped before its end." in text_of(page)
    assert browser.post(f"/requests/{request.reference}/resume").status_code == 302
    work()
    assert request_of(house, request.reference).state == "done"
    assert browser.post(f"/requests/{request.reference}/resume").status_code == 409
