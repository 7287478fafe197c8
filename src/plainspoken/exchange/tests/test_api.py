"""The HTTP API: sending, finding, reading and hearing conversations with a token."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from plainspoken.conversations.tests.fixtures import Staff
from plainspoken.conversations.tests.makers import ME, recogniser, wav, written
from plainspoken.conversations.tests.test_arriving import everything
from plainspoken.custody.models import Organisation
from plainspoken.exchange.tests.test_vcon import one
from plainspoken.people.services import issue_token

FACTS = {
    "source_id": "api-1",
    "queue": "Returns",
    "customer_email": "ann@home.example",
    "customer_name": "Ann Archer",
    "agent_name": "Jo Kim",
}


class Api:
    """A program with a token."""

    def __init__(self, member: Any) -> None:
        self.secret = issue_token(membership=member, name="test", by=ME).secret
        self.client = Client()

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api{path}", query, headers={"Authorization": f"Bearer {self.secret}"})

    def send(self, sound: bytes, facts: object, name: str = "call.wav") -> Any:
        metadata = facts if isinstance(facts, str) else json.dumps(facts)
        return self.client.post(
            "/api/conversations",
            {"sound": SimpleUploadedFile(name, sound), "metadata": metadata},
            headers={"Authorization": f"Bearer {self.secret}"},
        )

    def vcon(self, whole: object) -> Any:
        data = whole if isinstance(whole, bytes) else json.dumps(whole)
        return self.client.post(
            "/api/vcons",
            data,
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.secret}"},
        )


@pytest.fixture
def api(staff: Staff) -> Api:
    return Api(staff("supervisor")[0])


def test_a_call_is_sent_found_read_and_heard(house: Organisation, api: Api) -> None:
    answer = api.send(wav(), FACTS)
    assert answer.status_code == 201, answer.content
    sent = answer.json()
    assert sent["created"] is True and sent["state"] == "waiting"
    with recogniser({0: "this is Jo Kim", 1: "I am Ann Archer and want a refund"}):
        written(house, uuid(sent["id"]))
    found = api.get("/conversations", q="refund").json()
    assert found["found"] == 1 and found["purpose"] == "service.answer"
    row = found["rows"][0]
    assert row["id"] == sent["id"] and row["state"] == "ready" and row["removed"] == 2
    assert {"text": "refund", "hit": True} in row["hits"][0]["segments"]
    assert api.get(f"/conversations/{sent['id']}").json()["queue"] == "Returns"
    turns = api.get(f"/conversations/{sent['id']}/turns").json()["turns"]
    assert [(t["role"], t["text"]) for t in turns] == [
        ("agent", "this is [name]"),
        ("customer", "I am [name] and want a refund"),
    ]
    assert turns[0]["removed"] == ["PERSON"]
    sound = api.get(f"/conversations/{sent['id']}/sound")
    assert sound.status_code == 200 and b"".join(sound.streaming_content)[:4] == b"OggS"
    again = api.send(wav(), FACTS)
    assert again.status_code == 200 and again.json()["created"] is False and again.json()["id"] == sent["id"]


def uuid(text: str) -> Any:
    from uuid import UUID

    return UUID(text)


@pytest.mark.parametrize(
    ("sound", "facts", "code"),
    [
        (b"", FACTS, "sound-unreadable"),
        (b"no sound", FACTS, "sound-unreadable"),
        (wav(seconds=1.0), {**FACTS, "shoe_size": "9"}, "undeclared"),
        (wav(seconds=1.0), "{", "metadata"),
        (wav(seconds=1.0), "[]", "metadata"),
        (wav(seconds=1.0), {**FACTS, "customer_phone": 5}, "wrong"),
    ],
)
def test_what_is_refused_says_why_and_leaves_nothing(
    house: Organisation, api: Api, sound: bytes, facts: object, code: str
) -> None:
    before = everything(house)
    answer = api.send(sound, facts)
    assert (
        answer.status_code == 422 and answer.json()["code"] == code and answer.json()["error"].endswith(".")
    )
    assert everything(house) == before


def test_a_vcon_is_sent_as_the_body(house: Organisation, api: Api) -> None:
    answer = api.vcon(one(uuid=str(uuid4())))
    assert answer.status_code == 201, answer.content
    for wrong in (b"{", b"[" * 50_000, {"parties": None}):
        refused = api.vcon(wrong)
        assert refused.status_code == 422 and refused.json()["code"] == "vcon"


def test_without_a_token_or_with_the_wrong_role_nothing_happens(
    house: Organisation, staff: Staff, api: Api
) -> None:
    sent = api.send(wav(), FACTS).json()["id"]
    nobody = Client()
    assert nobody.get("/api/conversations").status_code == 401
    assert nobody.post("/api/vcons", "{}", content_type="application/json").status_code == 401
    officer = Api(staff("privacy_officer")[0])
    assert officer.send(wav(300.0, seconds=1.0), {**FACTS, "source_id": "2"}).status_code == 403
    assert officer.get("/conversations").json()["purpose"] == "claims.defend"
    administrator = Api(staff("administrator")[0])
    assert administrator.get("/conversations").status_code == 403
    assert administrator.get(f"/conversations/{sent}").status_code == 403
    agent = Api(staff("agent")[0])
    assert agent.get("/conversations").json()["found"] == 0
    for path in ("", "/turns", "/sound"):
        assert agent.get(f"/conversations/{sent}{path}").status_code == 404, path
    assert api.get("/conversations", purpose="claims.defend").status_code == 403
    assert api.get(f"/conversations/{uuid4()}").status_code == 404


def test_filters_and_limits(house: Organisation, api: Api) -> None:
    for n in range(3):
        api.send(
            wav(200.0 + n, seconds=1.0), {**FACTS, "source_id": str(n), "queue": "Orders" if n else "Returns"}
        )
    assert api.get("/conversations", queue="Orders").json()["found"] == 2
    page = api.get("/conversations", limit=1, offset=1).json()
    assert page["found"] == 3 and len(page["rows"]) == 1
    assert api.get("/conversations", limit=-5).status_code == 200
    assert api.get("/conversations", since="never").status_code == 422
