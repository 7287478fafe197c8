"""The promises page: who sees what, filters, drawer, proving."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from plainspoken.custody.models import Organisation

from .test_proofs import BROKEN, HELD, record
from .texts import seal_everything

Staff = Callable[..., tuple[Any, Client]]
CLAUSE_LINK = re.compile(r'<a class="pn-clause[^"]*" id="([^"]+)"')


def listed(answer: Any) -> list[str]:
    return CLAUSE_LINK.findall(answer.content.decode())


def test_visitors_are_sent_to_sign_in(house: Organisation) -> None:
    answer = Client().get("/promises/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/?next=/promises/")


@pytest.mark.parametrize("role", ["agent", "supervisor", "privacy_officer", "administrator"])
def test_every_role_may_look_and_only_the_privacy_officer_may_prove(
    house: Organisation, staff: Staff, role: str
) -> None:
    _, browser = staff(role)
    answer = browser.get("/promises/")
    assert answer.status_code == 200
    assert len(listed(answer)) == 76
    offered = "/promises/prove/" in answer.content.decode()
    assert offered == (role == "privacy_officer")
    assert browser.post("/promises/prove/").status_code == (302 if role == "privacy_officer" else 403)
    assert ProcrastinateJob.objects.filter(task_name="config.prove").exists() == offered


def test_nothing_is_proved_at_first_and_the_page_says_so(house: Organisation, staff: Staff) -> None:
    text = staff("privacy_officer")[1].get("/promises/").content.decode()
    assert "0 of 76 promises held" in text
    assert "Nothing proved yet." in text


def test_what_is_broken_stands_above_what_is_unproved(house: Organisation, staff: Staff) -> None:
    record(house, HELD, BROKEN)
    text = staff("supervisor")[1].get("/promises/").content.decode()
    assert "1 of 76 promises held" in text
    attention = text[text.index("pn-attn") : text.index("pn-filter")]
    assert attention.index("notice.layered") < attention.index("right.access")
    assert "A clause is missing." in attention
    assert "right.erase" not in attention


def test_filters_narrow_by_state_and_by_words(house: Organisation, staff: Staff) -> None:
    record(house, HELD, BROKEN)
    _, browser = staff("privacy_officer")
    assert listed(browser.get("/promises/?show=held")) == ["right.erase"]
    assert listed(browser.get("/promises/?show=broken")) == ["notice.layered"]
    assert len(listed(browser.get("/promises/?show=unproved"))) == 74
    assert len(listed(browser.get("/promises/?show=whatever"))) == 76
    assert listed(browser.get("/promises/?q=right.erase")) == ["right.erase"]
    assert listed(browser.get("/promises/?q=nothing+of+the+kind")) == []
    assert "Nothing matches" in browser.get("/promises/?q=nothing+of+the+kind").content.decode()


def test_the_drawer_tells_of_one_clause(house: Organisation, staff: Staff) -> None:
    record(house, HELD, BROKEN)
    seal_everything(house.id)
    text = staff("privacy_officer")[1].get("/promises/?clause=right.erase").content.decode()
    drawer = text[text.index('id="drawer"') :]
    for expected in ("Nothing is left.", "1.5 s", "backups_end_within", "P35D", "Ledger entry", "Copy link"):
        assert expected in drawer, expected
    assert 'data-clause="right.erase" aria-current="true"' in text


def test_htmx_gets_the_drawer_alone(house: Organisation, staff: Staff) -> None:
    _, browser = staff("agent")
    answer = browser.get("/promises/?clause=notice.version", headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert text.lstrip().startswith("<aside") and "material_notice_ahead" in text
    assert "Ledger entry" not in text
    shut = browser.get("/promises/", headers={"HX-Request": "true"}).content.decode()
    assert 'id="drawer"' in shut and "hidden" in shut


def test_an_unknown_clause_is_not_there(house: Organisation, staff: Staff) -> None:
    _, browser = staff("privacy_officer")
    assert browser.get("/promises/?clause=right.nothing").status_code == 404
    assert browser.post("/promises/prove/?clause=right.nothing").status_code == 404


def test_proving_queues_one_job_and_shows_that_it_waits(house: Organisation, staff: Staff) -> None:
    _, browser = staff("privacy_officer")
    browser.post("/promises/prove/")
    [job] = ProcrastinateJob.objects.filter(task_name="config.prove")
    assert job.args == {"organisation": str(house.id), "clauses": []}
    page = browser.get("/promises/").content.decode()
    assert "A proof waits for its turn." in page and "Prove all</button>" not in page
    again = browser.post("/promises/prove/", follow=True).content.decode()
    assert "A proof waits for its turn already." in again
    assert ProcrastinateJob.objects.filter(task_name="config.prove").count() == 1


def test_proving_one_clause(house: Organisation, staff: Staff) -> None:
    _, browser = staff("privacy_officer")
    answer = browser.post("/promises/prove/?clause=right.erase")
    assert answer["Location"] == "/promises/?clause=right.erase#right.erase"
    assert ProcrastinateJob.objects.get(task_name="config.prove").args["clauses"] == ["right.erase"]


def test_proving_by_get_is_refused(house: Organisation, staff: Staff) -> None:
    assert staff("privacy_officer")[1].get("/promises/prove/").status_code == 405
