"""vCons: real ones import, broken ones are refused in a sentence, hostile ones harm nothing."""

import base64
import hashlib
import json
import socket
from pathlib import Path
from typing import Any

import pytest
from conftest import POLICY
from hypothesis import given, settings
from hypothesis import strategies as st

from plainspoken.conversations.arrival import ArrivalRefused
from plainspoken.conversations.models import Conversation, Participation
from plainspoken.conversations.tests.makers import ME, recogniser, wav, written
from plainspoken.conversations.tests.test_arriving import everything
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.exchange import services, vcon
from plainspoken.policies.services import publish
from plainspoken.transcripts import queries
from plainspoken.transcripts.models import Turn

SHARED = Path(__file__).parents[5] / "shared" / "data" / "vcon"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the folder ../shared/data/vcon is not on this machine"
)

# Why a file of the folder `invalid` is taken all the same.
TAKEN = {
    "cat1_vcon.json": "Everything in it is right; its customer has no name, which callers may lack.",
}
REFUSED = {
    "bad_dialog_types.json": "no parties",
    "bad_duration.json": "duration of dialog 0",
    "bad_mimetype.json": "media type of dialog 0",
    "bad_party_ref.json": "party 99",
    "bad_url.json": "address of dialog 0",
    "empty_vcon.json": "no parties",
    "invalid_dialog_url.json": "address of dialog 0",
    "missing_uuid_and_vcon_version.json": "neither sound nor words",
    "null_dialog_string_analysis.json": "dialog of this vCon must be a list",
    "null_parties.json": "parties of this vCon must be a list",
    "out_of_range_party_indices.json": "party 5",
}


def one(**more: Any) -> dict[str, Any]:
    """A small vCon."""
    return {
        "vcon": "0.3.0",
        "uuid": "0190-one",
        "created_at": "2026-03-01T10:00:00Z",
        "parties": [
            {"name": "Jo Kim", "role": "agent", "mailto": "mailto:jo@larkfield.example"},
            {"name": "Ann Archer", "role": "customer", "tel": "tel:+4915112345678"},
        ],
        "dialog": [{"type": "recording", "start": "2026-03-01T10:00:00Z", "duration": 20, "parties": [1, 0]}],
        "analysis": [
            {
                "type": "transcript",
                "dialog": 0,
                "body": [{"speaker": "Customer", "message": "I am Ann Archer"}],
            }
        ],
        **more,
    }


def take(house: Organisation, whole: object) -> Any:
    data = whole if isinstance(whole, bytes) else json.dumps(whole).encode()
    return services.import_vcon(organisation=house.id, data=data, by=ME)


# ---- real files ----


@needs_shared
def test_all_real_calls_import_once_and_are_redacted(house: Organisation) -> None:
    paths = sorted((SHARED / "calls").glob("*.json"))
    assert len(paths) == 21
    for path in paths:
        done, notes = take(house, path.read_bytes())
        assert done.created and notes == ("sound-elsewhere-not-fetched",)
        written(house, done.conversation)
    for path in paths:
        assert not take(house, path.read_bytes())[0].created
    names = {p["name"] for path in paths for p in json.loads(path.read_text())["parties"]}
    with purpose("service.answer", organisation=house.id, by=ME):
        assert Conversation.objects.filter(state="ready", kind="call").count() == 21
        assert Participation.objects.filter(role="agent", subject__isnull=False).count() == 21
        text = "\n".join(Turn.objects.values_list("text", flat=True))
        pieces = json.dumps(list(Turn.objects.values_list("pieces", flat=True)))
    for name in names:
        assert name not in text and name not in pieces, name
    with purpose("service.answer", organisation=house.id, by=ME):
        from plainspoken.conversations.ports import Wanted

        assert queries.search(Wanted(q="email")).total > 3


@needs_shared
def test_the_same_people_in_two_calls_are_the_same_subjects(house: Organisation) -> None:
    for path in sorted((SHARED / "calls").glob("*.json")):
        take(house, path.read_bytes())
    mails = [
        party.get("mailto") or party.get("email")
        for path in (SHARED / "calls").glob("*.json")
        for party in json.loads(path.read_text())["parties"]
        if party["meta"]["role"] == "agent"
    ]
    with purpose("service.answer", organisation=house.id, by=ME):
        agents = set(Participation.objects.filter(role="agent").values_list("subject_id", flat=True))
    assert len(agents) == len(set(mails))


def test_a_vcon_without_a_uuid_is_taken_where_the_policy_needs_none(house: Organisation) -> None:
    nameless = one()
    del nameless["uuid"]
    before = everything(house)
    with pytest.raises(ArrivalRefused, match="has no uuid") as refused:
        take(house, nameless)
    assert (refused.value.code, refused.value.field) == ("missing", "uuid") and everything(house) == before
    text = POLICY.read_text("utf-8")
    needed = "source_id: {category: call, required: true}"
    assert text.count(needed) == 1, "only a vCon needs one"
    publish(
        organisation=house.id, source=text.replace(needed, needed.replace("true", "false")), file="p", by=ME
    )
    assert take(house, nameless)[0].created
    assert not take(house, nameless)[0].created, "equal content is the same conversation"


@needs_shared
def test_each_broken_file_is_refused_with_its_reason_and_leaves_nothing(house: Organisation) -> None:
    paths = sorted((SHARED / "invalid").glob("*.json"))
    assert {p.name for p in paths} == set(REFUSED) | set(TAKEN)
    before = everything(house)
    for path in paths:
        if path.name in REFUSED:
            with pytest.raises(ArrivalRefused, match=REFUSED[path.name]):
                take(house, path.read_bytes())
    assert everything(house) == before
    for name in TAKEN:
        assert take(house, (SHARED / "invalid" / name).read_bytes())[0].created


@needs_shared
def test_the_working_groups_own_examples(house: Organisation) -> None:
    """Tolerant on read: what has content is taken; what has none, or is encrypted, says so."""
    taken, refused = set(), {}
    for path in sorted((SHARED / "working-group").glob("*.vcon")):
        try:
            take(house, path.read_bytes())
            taken.add(path.name)
        except ArrivalRefused as error:
            refused[path.name] = error.sentence
    assert "ab_call_int_rec.vcon" in taken and "ab_email_acct_prob_thread.vcon" in taken
    assert "encrypted" in refused["ab_call_ext_rec_encrypted.vcon"]
    assert all(
        "neither sound nor words" in s or "encrypted" in s or "no parties" in s for s in refused.values()
    )
    assert len(taken) == 10


# ---- reading ----


def test_facts_people_and_words(house: Organisation) -> None:
    read = vcon.read(json.dumps(one(subject="A lamp")).encode())
    assert (
        read.facts["source_id"] == "0190-one"
        and read.facts["duration"] == 20
        and read.facts["subject_line"] == "A lamp"
    )
    assert [(p.role, p.email, p.phone) for p in read.people] == [
        ("agent", "jo@larkfield.example", ""),
        ("customer", "", "+4915112345678"),
    ]
    assert [(w.text, w.speaker) for w in read.words] == [("I am Ann Archer", 1)]


def test_inline_sound_is_decoded_kept_and_heard(house: Organisation) -> None:
    sound = wav()
    body = base64.urlsafe_b64encode(sound).decode().rstrip("=")
    digest = base64.urlsafe_b64encode(hashlib.sha512(sound).digest()).decode().rstrip("=")
    dialog = {
        "type": "recording",
        "start": "2026-03-01T10:00:00Z",
        "parties": [0, 1],
        "mediatype": "audio/x-wav",
        "encoding": "base64url",
        "body": body,
        "content_hash": f"sha512-{digest}",
    }
    with recogniser({1: "I am Ann Archer"}) as calls:
        done, _ = take(house, one(dialog=[dialog], analysis=[]))
        written(house, done.conversation)
        assert len(calls) == 2
    with purpose("service.answer", organisation=house.id, by=ME):
        assert queries.script(done.conversation.id).lines[0].text == "I am [name]"
    for wrong in ({"content_hash": "sha512-AAAA"}, {"body": "%%%"}, {"body": [1]}, {"encoding": "json"}):
        with pytest.raises(ArrivalRefused, match="dialog 0"):
            take(house, one(uuid="2", dialog=[{**dialog, **wrong}], analysis=[]))


def test_two_recordings_in_one_are_not_guessed(house: Organisation) -> None:
    dialog = {"type": "recording", "parties": [0, 1], "encoding": "base64url", "body": "UklGRg"}
    with pytest.raises(ArrivalRefused, match="2 recordings"):
        take(house, one(dialog=[dialog, dialog]))


def test_messages_make_a_chat(house: Organisation) -> None:
    dialog = [
        {
            "type": "text",
            "start": "2026-03-01T10:00:00Z",
            "parties": [1, 0],
            "body": "Hello",
            "encoding": "none",
        },
        {
            "type": "text",
            "start": "2026-03-01T10:01:00Z",
            "parties": [0, 1],
            "body": "<p>Hi <b>Ann</b></p>",
            "mediatype": "text/html",
            "encoding": "none",
        },
    ]
    read = vcon.read(json.dumps(one(dialog=dialog, analysis=[])).encode())
    assert read.kind == "chat"
    assert [(w.text, w.speaker, w.start_s) for w in read.words] == [("Hello", 1, 0.0), ("Hi Ann", 0, 60.0)]


def test_a_recognisers_speaker_numbers_name_nobody() -> None:
    body = {
        "results": {
            "channels": [
                {
                    "alternatives": [
                        {
                            "words": [
                                {
                                    "word": "hello",
                                    "punctuated_word": "Hello.",
                                    "start": 1.0,
                                    "end": 1.4,
                                    "speaker": 0,
                                },
                                {"word": "yes", "start": 2.0, "end": 2.4, "speaker": 1},
                            ]
                        }
                    ]
                }
            ]
        }
    }
    read = vcon.read(
        json.dumps(one(analysis=[{"type": "transcript", "body": body, "encoding": "json"}])).encode()
    )
    assert [w.speaker for w in read.words] == [None]
    assert read.words[0].text == "Hello. yes" and len(read.words[0].words) == 2


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Agent: Hello there\nCustomer: I need help", [("Hello there", 0), ("I need help", 1)]),
        ("**Agent(Jo)**: Hello\n\n**Customer(Ann)**: Hi", [("Hello", 0), ("Hi", 1)]),
        ("Just words", [("Just words", None)]),
        (json.dumps([{"speaker": "Ann Archer", "message": "Hi"}]), [("Hi", 1)]),
        ({"segments": [{"start": 0, "end": 1, "text": "Hi", "speaker": "Jo Kim"}]}, [("Hi", 0)]),
        (
            [{"party": 1, "text": "Hi"}, {"parties": [0], "text": "Ho"}, 7, {"text": 3}],
            [("Hi", 1), ("Ho", 0)],
        ),
        ({"transcript": "All of it"}, [("All of it", None)]),
    ],
)
def test_shapes_of_transcripts(body: object, expected: list[tuple[str, int | None]]) -> None:
    read = vcon.read(json.dumps(one(analysis=[{"type": "transcript", "body": body}])).encode())
    assert [(w.text, w.speaker) for w in read.words] == expected


def test_a_signed_one_is_read_and_says_that_nobody_checked(house: Organisation) -> None:
    payload = base64.urlsafe_b64encode(json.dumps(one()).encode()).decode().rstrip("=")
    done, notes = take(house, {"payload": payload, "signatures": [{"signature": "x"}]})
    assert done.created and "signature-not-checked" in notes


@pytest.mark.parametrize(
    ("basis", "says"),
    [
        ({"expiration": "2020-01-01T00:00:00Z"}, "expired"),
        ({"purpose_grants": []}, "grants nothing"),
        (
            {
                "purpose_grants": [
                    {"purpose": "recording", "granted": True},
                    {"purpose": "x", "granted": False},
                ]
            },
            "grants nothing",
        ),
        ("nonsense", "cannot be read"),
    ],
)
def test_without_a_lawful_basis_it_is_refused(house: Organisation, basis: object, says: str) -> None:
    with pytest.raises(ArrivalRefused, match=says):
        take(house, one(attachments=[{"type": "lawful_basis", "body": basis}]))
    good = {
        "expiration": "2199-01-01T00:00:00Z",
        "purpose_grants": [{"purpose": "recording", "granted": True}],
    }
    assert take(house, one(attachments=[{"purpose": "lawful_basis", "body": json.dumps(good)}]))[0].created


# ---- hostile ----


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b"7",
        b'"x"',
        b"{",
        b"[" * 200_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"parties": NaN}',
        b'{"parties": [' + b"1" * 5000 + b"]}",
        b"RIFF....WAVE",
        b"\0" * 1000,
    ],
)
def test_what_is_no_vcon_is_refused_in_a_sentence(house: Organisation, data: bytes) -> None:
    before = everything(house)
    with pytest.raises(ArrivalRefused) as refused:
        take(house, data)
    assert refused.value.sentence.endswith(".") and len(refused.value.sentence) < 200
    assert everything(house) == before


def test_a_huge_one_is_refused_without_being_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vcon, "LARGEST", 1000)
    monkeypatch.setattr(json, "loads", lambda *a, **k: pytest.fail("parsed"))
    with pytest.raises(ArrivalRefused, match="we take up to"):
        vcon.read(b"x" * 1001)


def test_an_address_is_never_fetched(house: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        assert not isinstance(address, tuple), f"somebody connects to {address}"
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: pytest.fail("somebody looks up a host"))
    dialog = {"type": "recording", "parties": [0, 1], "url": "http://192.0.2.1/secret.wav"}
    done, notes = take(house, one(dialog=[dialog]))
    assert done.created and notes == ("sound-elsewhere-not-fetched",)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(
    field=st.sampled_from(["parties", "dialog", "analysis", "attachments", "uuid", "created_at", "subject"]),
    inner=st.sampled_from(
        ["", "name", "tel", "type", "body", "parties", "start", "duration", "mediatype", "meta", "role"]
    ),
    value=json_values,
)
def test_any_value_anywhere_is_taken_or_refused_and_nothing_else(
    field: str, inner: str, value: object
) -> None:
    whole = one()
    if inner and isinstance(whole.get(field), list):
        whole[field] = [{**(whole[field][0] if whole[field] else {}), inner: value}]
    else:
        whole[field] = value
    try:
        read = vcon.read(json.dumps(whole).encode())
    except ArrivalRefused as error:
        assert error.sentence.endswith(".")
    else:
        assert read.words or read.sound is not None
