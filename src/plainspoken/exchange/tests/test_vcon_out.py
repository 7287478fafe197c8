"""vCon out: strict, redacted, through the gate, and bound by the lawful basis that came."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plainspoken.conversations.arrival import ArrivalRefused
from plainspoken.conversations.models import Conversation
from plainspoken.conversations.tests.fixtures import Staff
from plainspoken.conversations.tests.makers import ME, arrived, recogniser, wav, written
from plainspoken.conversations.tests.test_arriving import everything
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.disclosures.models import Release
from plainspoken.disclosures.services import Refused
from plainspoken.exchange import basis, exporting, services, vcon, vcon_form
from plainspoken.exchange.models import Origin

from .test_api import Api
from .test_vcon import one

SHARED = Path(__file__).parents[5] / "shared" / "data" / "vcon"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the folder ../shared/data/vcon is not on this machine"
)
GRANTED = {"purpose": "recording", "granted": True}
SHARED_TOO = {"purpose": "sharing", "granted": True}


def call(house: Organisation) -> Conversation:
    """A stereo call that says who they are, written and redacted."""
    with recogniser({0: "this is Jo Kim", 1: "my card is 4111 1111 1111 1111 and I am Ada Lovelace"}):
        row = arrived(house, sound=wav(seconds=10.0), subject_line="Ada Lovelace rang")
        assert written(house, row) == "ready"
    return row


def out(house: Organisation, row: Conversation | UUID, **more: Any) -> dict[str, Any]:
    key = row if isinstance(row, UUID) else row.id
    made = exporting.export_vcon(organisation=house.id, conversation=key, by=ME, **more)
    whole: dict[str, Any] = json.loads(made.data)
    return whole


def taken(house: Organisation, *bodies: object, **more: Any) -> UUID:
    """A vCon with these lawful bases, taken in and written."""
    attachments = [{"type": "lawful_basis", "body": body} for body in bodies]
    name = str(uuid4())
    said = {
        "type": "transcript",
        "dialog": 0,
        "body": [{"speaker": "Customer", "message": f"I rang about {name}"}],
    }
    data = json.dumps(one(**{"uuid": name, "attachments": attachments, "analysis": [said], **more})).encode()
    done, _ = services.import_vcon(organisation=house.id, data=data, by=ME)
    written(house, done.conversation)
    return done.conversation.id


def releases(house: Organisation) -> list[tuple[str, str, str]]:
    with purpose("security.audit", organisation=house.id, by=ME):
        rows = Release.objects.order_by("at", "id").values_list("recipient", "outcome", "code")
        return list(rows)


# ---- what leaves ----


def test_a_call_leaves_redacted_with_its_silenced_sound(house: Organisation) -> None:
    row = call(house)
    whole = out(house, row)
    text = json.dumps(whole)
    for secret in ("Ada", "Lovelace", "Jo Kim", "4111", "larkfield.example", "lovelace.example"):
        assert secret not in text, secret
    assert [p["role"] for p in whole["parties"]] == ["agent", "customer"]
    assert whole["redacted"] == {"uuid": str(row.id), "type": "personal-data"}
    assert UUID(whole["uuid"]).version == 8 and out(house, row)["uuid"] == whole["uuid"]
    (dialog,) = whole["dialog"]
    sound = base64.urlsafe_b64decode(dialog["body"] + "==")
    assert sound[:4] == b"OggS" and dialog["parties"] == [0, 1]
    digest = base64.urlsafe_b64encode(hashlib.sha512(sound).digest()).rstrip(b"=").decode()
    assert dialog["content_hash"] == f"sha512-{digest}"
    (analysis,) = whole["analysis"]
    assert [one["party"] for one in analysis["body"]] == [0, 1] and "[card number]" in text
    assert releases(house)[-1] == ("own-systems", "released", "")


def test_what_left_can_be_read_again_and_says_no_more(house: Organisation) -> None:
    whole = out(house, call(house))
    read = vcon.read(json.dumps(whole).encode())
    assert read.kind == "call" and read.sound is not None and len(read.words) == 2
    assert [word.speaker for word in read.words] == [0, 1]
    assert [p.role for p in read.people] == ["agent", "customer"] and not any(p.email for p in read.people)


def test_a_chat_leaves_as_messages_and_a_call_without_its_sound(house: Organisation) -> None:
    chat = arrived(house, source="chat")
    written(house, chat)
    whole = out(house, chat)
    assert [d["type"] for d in whole["dialog"]] == ["text", "text"] and not whole["analysis"]
    assert [d["originator"] for d in whole["dialog"]] == [0, 1]
    silent = out(house, call(house), sound=False)
    assert "body" not in silent["dialog"][0] and silent["analysis"][0]["body"]


@needs_shared
def test_every_real_call_leaves_as_the_working_groups_schema_wants_it(house: Organisation) -> None:
    import jsonschema

    schema = json.loads((SHARED / "working-group" / "vcon_json_schema.json").read_text())
    judge = jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())
    keys = [call(house).id, taken(house, {"purpose_grants": [SHARED_TOO]})]
    for path in sorted((SHARED / "calls").glob("*.json"))[:8]:
        done, _ = services.import_vcon(organisation=house.id, data=path.read_bytes(), by=ME)
        written(house, done.conversation)
        keys.append(done.conversation.id)
    for key in keys:
        whole = out(house, key)
        assert list(judge.iter_errors(whole)) == []
        assert list(vcon_form.faults(whole)) == []
    # The judge does judge: it is no judge that takes everything.
    assert list(judge.iter_errors({**whole, "uuid": "x"})) or list(judge.iter_errors({"uuid": 1}))


def test_what_is_not_strict_is_not_written(house: Organisation) -> None:
    whole = out(house, call(house))
    dialog, analysis = whole["dialog"][0], whole["analysis"][0]
    wrong: list[dict[str, Any]] = [
        {"uuid": "x"},
        {"created_at": "2026-01-01T00:00:00"},
        {"vcon": "0.4.0"},
        {"redacted": {}},
        {"critical": ["unknown"]},
        {"parties": [{"name": 5}]},
        {"parties": [{"shoe": "9"}], "dialog": [], "analysis": []},
        {"dialog": [{**dialog, "parties": [9]}]},
        {"dialog": [{**dialog, "duration": -1}]},
        {"dialog": [{**dialog, "body": "%"}]},
        {"dialog": [{**dialog, "url": "https://a.example/x"}]},
        {"dialog": [{**dialog, "type": "song"}]},
        {"dialog": [{**dialog, "mediatype": "sound"}]},
        {"analysis": [{**analysis, "vendor": ""}]},
        {"analysis": [{**analysis, "dialog": 3}]},
        {"attachments": [{"start": dialog["start"], "party": 0}]},
    ]
    for change in wrong:
        with pytest.raises(vcon_form.NotStrict):
            vcon_form.check({**whole, **change})


# ---- the gate ----


def test_the_gate_refuses_who_is_not_named_and_records_it(house: Organisation) -> None:
    row = call(house)
    with pytest.raises(Refused, match="names no recipient"):
        out(house, row, recipient="a-stranger")
    with pytest.raises(Refused, match="lets nothing go"):
        out(house, row, recipient="co-sponsor")
    assert [r[1] for r in releases(house)] == ["refused", "refused"]


def test_nothing_unwritten_unknown_or_erased_leaves(house: Organisation) -> None:
    waiting = arrived(house, source="waiting")
    for key in (waiting.id, uuid4()):
        with pytest.raises(exporting.NothingToExport):
            out(house, key)
    assert releases(house) == []


def test_by_api_only_what_the_member_may_see(house: Organisation, staff: Staff) -> None:
    row = call(house)
    supervisor, agent = Api(staff("supervisor")[0]), Api(staff("agent")[0])
    answer = supervisor.get(f"/conversations/{row.id}/vcon")
    assert answer.status_code == 200 and answer["Content-Type"] == "application/vcon+json"
    assert "attachment" in answer["Content-Disposition"] and json.loads(answer.content)["parties"]
    assert agent.get(f"/conversations/{row.id}/vcon").status_code == 404
    assert Api(staff("administrator")[0]).get(f"/conversations/{row.id}/vcon").status_code == 403
    refused = supervisor.get(f"/conversations/{row.id}/vcon", recipient="co-sponsor")
    assert refused.status_code == 422 and "lets nothing go" in refused.json()["error"]


# ---- the lawful basis ----


def test_the_basis_is_kept_and_goes_out_with_it(house: Organisation) -> None:
    body = {
        "lawful_basis": "consent",
        "expiration": "2199-01-01T00:00:00Z",
        "purpose_grants": [GRANTED, SHARED_TOO, {"purpose": "ask ann archer", "granted": True}],
        "note": "Ann Archer agreed",
    }
    whole = out(house, taken(house, body))
    (attachment,) = whole["attachments"]
    assert attachment["body"] == {
        "lawful_basis": "consent",
        "expiration": "2199-01-01T00:00:00+00:00",
        "purpose_grants": [GRANTED, SHARED_TOO],
    }
    assert "lawful_basis" in whole["extensions"] and "rcher" not in json.dumps(whole)


def test_without_a_grant_to_share_it_stays_here(house: Organisation) -> None:
    key = taken(house, {"purpose_grants": [GRANTED]})
    with pytest.raises(exporting.BasisForbids, match="grants no sharing"):
        out(house, key)
    strictest = taken(house, {"purpose_grants": [GRANTED, SHARED_TOO]}, {"purpose_grants": [GRANTED]})
    with pytest.raises(exporting.BasisForbids, match="grants no sharing"):
        out(house, strictest)
    assert out(house, taken(house, {"purpose_grants": [SHARED_TOO]}))["attachments"]


def test_sent_again_with_a_stricter_basis_it_is_bound_by_both(house: Organisation) -> None:
    name, free = str(uuid4()), {"type": "lawful_basis", "body": {"purpose_grants": [GRANTED, SHARED_TOO]}}
    strict = {"type": "lawful_basis", "body": {"purpose_grants": [GRANTED]}}
    for basis_sent, created in ((free, True), (strict, False), (strict, False)):
        data = json.dumps(one(uuid=name, attachments=[basis_sent])).encode()
        done, _ = services.import_vcon(organisation=house.id, data=data, by=ME)
        assert done.created == created
    written(house, done.conversation)
    with pytest.raises(exporting.BasisForbids):
        out(house, done.conversation)


def test_what_has_expired_since_does_not_leave(house: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import datetime, timedelta

    ends = datetime.now().astimezone() + timedelta(days=30)
    key = taken(house, {"expiration": ends.isoformat(), "purpose_grants": [SHARED_TOO]})
    assert out(house, key)
    real = exporting.clock.now
    monkeypatch.setattr(exporting.clock, "now", lambda org: real(org) + timedelta(days=31))
    with pytest.raises(exporting.BasisForbids, match="expired"):
        out(house, key)


@pytest.mark.parametrize(
    "bodies",
    [
        ({"purpose_grants": [GRANTED]}, {"purpose_grants": []}),
        ({"purpose_grants": [GRANTED, {"purpose": "sharing", "granted": False}]},),
        ({"purpose_grants": [GRANTED]}, {"expiration": "2020-01-01T00:00:00Z"}),
        ({"purpose_grants": [{"purpose": "recording", "granted": "yes"}]},),
        ({"purpose_grants": [GRANTED], "expiration": "soon"},),
    ],
)
def test_the_strictest_of_several_refuses_on_arrival(house: Organisation, bodies: tuple[Any, ...]) -> None:
    before = everything(house)
    with pytest.raises(ArrivalRefused, match="lawful basis"):
        taken(house, *bodies)
    assert everything(house) == before


def test_an_erasure_ends_the_basis_with_the_conversation(house: Organisation) -> None:
    key = taken(house, {"purpose_grants": [SHARED_TOO]})
    from plainspoken.conversations.services import purge_conversations
    from plainspoken.custody import clock
    from plainspoken.exchange.origins import ORIGINS

    with purpose("retention.purge", organisation=house.id, by=ME):
        assert Origin.objects.count() == 1
        assert ORIGINS.purge(clock.now(house.id), (), ME) == 1
        purge_conversations(clock.now(house.id), (), ME)
        assert Origin.objects.count() == 0
    with pytest.raises(exporting.NothingToExport):
        out(house, key)


grants = st.lists(
    st.fixed_dictionaries(
        {"purpose": st.sampled_from(["recording", "sharing", "analysis"]), "granted": st.booleans()}
    ),
    max_size=4,
)


@settings(max_examples=200, deadline=None)
@given(first=grants, second=grants)
def test_adding_a_basis_never_allows_more(first: list[Any], second: list[Any]) -> None:
    alone = basis.merged([{"purpose_grants": first}]).granted
    both = basis.merged([{"purpose_grants": first}, {"purpose_grants": second}]).granted
    assert both <= alone


# ---- the working group's own examples ----

# What each gives to us: kind, utterances, whether sound is inside; or the words of its refusal.
NOTHING = "holds neither sound nor words"
EXAMPLES: dict[str, tuple[str, int, bool] | str] = {
    "ab.vcon": NOTHING,
    "ab_call_ext_rec.vcon": NOTHING,
    "ab_call_ext_rec_amended.vcon": ("call", 1, False),
    "ab_call_ext_rec_analysis.vcon": ("call", 4, False),
    "ab_call_ext_rec_decrypted.vcon": NOTHING,
    "ab_call_ext_rec_decrypted_verified.vcon": NOTHING,
    "ab_call_ext_rec_encrypted.vcon": "is encrypted",
    "ab_call_ext_rec_redacted.vcon": ("call", 18, False),
    "ab_call_ext_rec_signed.vcon": NOTHING,
    "ab_call_ext_rec_with_redact.vcon": ("call", 4, False),
    "ab_call_int_rec.vcon": ("call", 0, True),
    "ab_email_acct_prob_thread.vcon": ("chat", 2, False),
    "ab_email_prob_followup_alice.vcon": ("chat", 1, False),
    "ab_email_prob_followup_bob_reply.vcon": ("chat", 2, False),
    "ab_email_prob_followup_text_thread.vcon": ("chat", 3, False),
    "b_email_acct_prob_image.vcon": ("chat", 1, False),
    "simple-vcon.vcon": "names no parties",
}


@needs_shared
def test_what_each_of_the_working_groups_examples_gives() -> None:
    found = {path.name: path for path in (SHARED / "working-group").glob("*.vcon")}
    assert set(found) == set(EXAMPLES)
    for name, wanted in EXAMPLES.items():
        try:
            read = vcon.read(found[name].read_bytes())
        except ArrivalRefused as error:
            assert isinstance(wanted, str) and wanted in error.sentence, name
        else:
            assert (read.kind, len(read.words), read.sound is not None) == wanted, name
