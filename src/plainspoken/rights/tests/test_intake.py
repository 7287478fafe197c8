"""Asking and proving: what an impostor, a guesser and a latecomer get."""

import hashlib
import threading
from datetime import timedelta

import pytest
from django.db import connections

from plainspoken.custody import clock, ports
from plainspoken.custody.models import Organisation
from plainspoken.custody.organisations import create, shift_clock
from plainspoken.custody.sessions import purpose
from plainspoken.disclosures.messages import NoMailServer
from plainspoken.policies.services import publish
from plainspoken.rights import queries, services
from plainspoken.rights.models import Challenge
from plainspoken.rights.services import Claim, RequestRefused, TooManyCodes

from .steps import (
    ME,
    POLICY,
    WEB,
    code_for,
    everything_in,
    filed,
    last_code,
    officer,
    outbox,
    policy_with,
    proved,
    republish,
    request_of,
    rows,
    somebody,
    work,
)


def verify(house, request, code, **more):
    return services.verify(
        organisation=house.id,
        reference=request.reference,
        code=code,
        by=WEB,
        **{"token": request.token, **more},
    )


def test_a_filed_request_stands_in_the_register_sealed(house, database) -> None:
    request = filed(
        house, "access", email="ada@post.example", name="Ada Quill", details="everything about my lamp"
    )
    assert request.reference == "R-2026-0001" or request.reference.endswith("-0001")
    kept = everything_in(database)
    for told in (b"Ada Quill", b"ada@post.example", b"my lamp", request.token.encode()):
        assert told not in kept
    entry = rows("SELECT detail, purpose, by FROM custody_ledgerentry WHERE act = 'request.filed'")
    assert entry[0][0]["reference"] == request.reference and entry[0][0]["policy"] == 1
    assert entry[0][1:] == ("rights.intake", "visitor:page")


def test_what_the_policy_does_not_offer_or_take_is_refused_and_leaves_nothing(house) -> None:
    for kind, law, claim in (
        ("sell-me", "gdpr", Claim(email="a@b.example")),
        ("access", "nevada", Claim(email="a@b.example")),
        ("access", "gdpr", Claim(name="No Address")),
        ("access", "gdpr", Claim(email="not an address")),
        ("access", "gdpr", Claim(email="a@b.example", details="x" * 5000)),
        ("access", "gdpr", Claim(email="a@b.example\nBcc: all@b.example")),
    ):
        with pytest.raises(RequestRefused):
            services.file(organisation=house.id, kind=kind, law=law, claim=claim, by=WEB)
    assert rows("SELECT count(*) FROM rights_request") == [(0,)]


def test_a_field_that_the_point_does_not_take_is_refused(house) -> None:
    details = "      details: {category: request, required: false}\n"
    phone = "      phone: {category: phone, required: false}\n"
    claim = Claim(email="a@b.example", phone="030 1234567")
    with (
        policy_with(house, (phone + details, details)),
        pytest.raises(RequestRefused, match="does not take phone"),
    ):
        services.file(organisation=house.id, kind="access", claim=claim, by=WEB)


def test_numbers_of_a_year_have_no_gaps_when_many_file_at_once(house) -> None:
    found, failed = [], []

    def one(number: int) -> None:
        try:
            found.append(filed(house, "access", email=f"p{number}@post.example").reference)
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed
    assert sorted(int(reference[-4:]) for reference in found) == list(range(1, 13))
    with pytest.raises(RequestRefused):
        filed(house, "no-such", email="x@post.example")
    assert filed(house, "access", email="z@post.example").reference.endswith("-0013")


def test_known_and_unknown_people_get_the_same_answer(house) -> None:
    somebody(house, email="known@post.example", name="Known Person")
    answers = []
    for email in ("known@post.example", "nobody@post.example"):
        request = filed(house, "access", email=email)
        sent = services.send_code(
            organisation=house.id, reference=request.reference, by=WEB, token=request.token
        )
        verdict = verify(house, request, "000000")
        answers.append(
            (sent.sent_to[1:], sent.attempts_left, verdict.outcome, verdict.attempts_left, verdict.token)
        )
    assert answers[0] == answers[1] == ("…@post.example", 5, "wrong", 4, None)
    work(only="disclosures.send")
    known, unknown = outbox(house)[1], outbox(house)[0]
    assert len(known.text.splitlines()) == len(unknown.text.splitlines())
    assert "Known Person" not in known.text, "a mail before the proof says nothing that we hold"


def test_an_impostor_with_their_own_address_reaches_only_themselves(house) -> None:
    victim = somebody(house, email="victim@post.example", name="Vera Victim", account="ACC-77")
    request = proved(house, "access", email="evil@post.example", name="Vera Victim", details="account ACC-77")
    row = request_of(house, request.reference)
    assert row.subject_id is not None and row.subject_id != victim
    made = services.plan(organisation=house.id, reference=request.reference, by=ME)
    assert {place.place: place.count for place in made.rows}["people.Identifier"] == 1, (
        "their own address alone"
    )


def test_whoever_filed_for_another_sees_nothing_after_the_other_proved(house) -> None:
    somebody(house, email="victim@post.example")
    request = filed(house, "access", email="victim@post.example")
    code = code_for(house, request)
    verdict = verify(house, request, code)
    assert verdict.verified and verdict.token != request.token
    track = {"organisation": house.id, "reference": request.reference}
    assert queries.track(**track, token=request.token) is None
    assert queries.track(**track, token=verdict.token) is not None
    assert queries.track(**track, token="") is None
    assert queries.track(organisation=house.id, reference="R-1999-0001", token=verdict.token) is None


def test_a_stranger_without_the_link_cannot_use_up_the_tries(house) -> None:
    request = filed(house, "access", email="ada@post.example")
    code = code_for(house, request)
    for _ in range(10):
        assert verify(house, request, code, token="guessed").outcome == "wrong"
    assert verify(house, request, code).verified


def test_guessing_ends_after_as_many_tries_as_the_rule_says(house) -> None:
    request = filed(house, "access", email="ada@post.example")
    code = code_for(house, request)
    wrong = str((int(code) + 1) % 1_000_000).zfill(6)
    outcomes = [verify(house, request, wrong) for _ in range(5)]
    assert [one.outcome for one in outcomes] == ["wrong"] * 4 + ["closed"]
    assert [one.attempts_left for one in outcomes] == [4, 3, 2, 1, 0]
    assert verify(house, request, code).outcome == "closed", "the right code comes too late"
    assert verify(house, request, code_for(house, request)).verified, "a new one works"


def test_a_code_is_worth_nothing_a_second_time_or_for_another_request(house) -> None:
    one, other = (
        filed(house, "access", email="ada@post.example"),
        filed(house, "erase", email="ada@post.example"),
    )
    code = code_for(house, one)
    services.send_code(organisation=house.id, reference=other.reference, by=WEB, token=other.token)
    assert verify(house, other, code).outcome == "wrong"
    assert verify(house, one, code).verified
    assert verify(house, one, code).outcome in ("wrong", "closed"), "a replay with the old link"
    assert request_of(house, other.reference).state == "proving"


def test_only_the_newest_code_works(house) -> None:
    request = filed(house, "access", email="ada@post.example")
    first = code_for(house, request)
    second = code_for(house, request)
    if first != second:
        assert verify(house, request, first).outcome == "wrong"
    assert verify(house, request, second).verified


def test_codes_to_one_address_are_limited_across_requests(house) -> None:
    for _ in range(5):
        request = filed(house, "access", email="Ada@post.example")
        services.send_code(organisation=house.id, reference=request.reference, by=WEB, token=request.token)
    request = filed(house, "access", email="ada@POST.example")
    with pytest.raises(TooManyCodes):
        services.send_code(organisation=house.id, reference=request.reference, by=WEB, token=request.token)


def test_a_hundred_guesses_at_once_are_counted_one_by_one(house) -> None:
    request = filed(house, "access", email="ada@post.example")
    code = code_for(house, request)
    wrong = str((int(code) + 7) % 1_000_000).zfill(6)
    outcomes = []

    def guess() -> None:
        try:
            outcomes.append(verify(house, request, wrong).outcome)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert outcomes.count("wrong") == 4 and outcomes.count("closed") == 8
    with purpose("rights.intake", organisation=house.id, by=ME):
        assert Challenge.objects.get().attempts == 5


@pytest.fixture
def proving(database) -> Organisation:
    """An organisation whose clock can be shifted, with a mail address that nothing is sent to."""
    row = create(
        slug="prover",
        name="Prover",
        home_region="EU",
        kind=Organisation.Kind.PROVING,
        time_zone="Europe/Berlin",
        smtp_url="smtp://127.0.0.1:1",
    )
    publish(organisation=row.id, source=POLICY.read_text("utf-8"), file=POLICY.name, by=ME)
    return row


def code_in_the_queue(house) -> str:
    """The newest code, read from the sealed mail before it goes."""
    from plainspoken.disclosures.messages import read
    from plainspoken.disclosures.models import Message

    with purpose("rights.intake", organisation=house.id, by=ME):
        return read(Message.objects.order_by("-made_at").first()).text.split()[3]


def test_a_code_expires_when_the_rule_says(proving) -> None:
    request = filed(proving, "access", email="ada@post.example")
    services.send_code(organisation=proving.id, reference=request.reference, by=WEB, token=request.token)
    code = code_in_the_queue(proving)
    shift_clock(organisation=proving.id, by=timedelta(minutes=15))
    assert verify(proving, request, code).outcome == "expired"
    services.send_code(organisation=proving.id, reference=request.reference, by=WEB, token=request.token)
    code = code_in_the_queue(proving)
    shift_clock(organisation=proving.id, by=timedelta(minutes=29))
    assert verify(proving, request, code).verified


def test_the_clock_stands_still_while_identity_is_open(proving) -> None:
    request = filed(proving, "access", email="ada@post.example")
    before = queries.deadline_of(request_of(proving, request.reference)).due
    services.send_code(organisation=proving.id, reference=request.reference, by=WEB, token=request.token)
    shift_clock(organisation=proving.id, by=timedelta(days=4, hours=1))
    assert (queries.deadline_of(request_of(proving, request.reference)).due - before).days == 4
    services.send_code(organisation=proving.id, reference=request.reference, by=WEB, token=request.token)
    assert verify(proving, request, code_in_the_queue(proving)).verified
    shift_clock(organisation=proving.id, by=timedelta(days=9))
    row = request_of(proving, request.reference)
    assert (queries.deadline_of(row).due - before).days == 4, "it runs again after the proof"


def test_who_never_proves_is_closed_in_time_and_blanked(proving) -> None:
    from plainspoken.rights.services import closing

    request = filed(proving, "access", email="ada@post.example", details="my words")
    services.send_code(organisation=proving.id, reference=request.reference, by=WEB, token=request.token)
    key = request_of(proving, request.reference).key_name
    assert closing.tidy(organisation=proving.id, by=ME) == 0
    shift_clock(organisation=proving.id, by=timedelta(days=32))
    assert closing.tidy(organisation=proving.id, by=ME) == 1
    assert request_of(proving, request.reference).state == "refused"
    shift_clock(organisation=proving.id, by=timedelta(days=34))
    assert closing.tidy(organisation=proving.id, by=ME) == 1
    row = request_of(proving, request.reference)
    assert row.claim is None and row.closed_at is not None
    with pytest.raises(ports.KeyGone):
        ports.keyring().get(organisation=proving.id, name=key)


def test_after_the_proof_the_persons_own_key_seals_the_request(house) -> None:
    somebody(house, email="ada@post.example")
    request = filed(house, "access", email="ada@post.example", details="words of mine")
    old = request_of(house, request.reference).key_name
    assert verify(house, request, code_for(house, request)).verified
    work(only="rights.forget_key")
    row = request_of(house, request.reference)
    assert row.key_name == f"subject/{row.subject_id}" != old
    with pytest.raises(ports.KeyGone):
        ports.keyring().get(organisation=house.id, name=old)
    with purpose("rights.execute", organisation=house.id, by=ME):
        from plainspoken.rights.claims import claim_of

        assert claim_of(row).details == "words of mine"


def test_several_people_with_one_address_need_a_choice(house, staff) -> None:
    one = somebody(house, email="home@post.example", account="A1", name="Ann Home")
    two = somebody(house, email="home@post.example", account="B2", name="Ben Home")
    assert one != two
    by_name = proved(house, "access", email="home@post.example", name="Ben Home")
    assert request_of(house, by_name.reference).subject_id == two
    unclear = proved(house, "access", email="home@post.example")
    row = request_of(house, unclear.reference)
    assert row.subject_id is None and set(row.matches) == {str(one), str(two)}
    by = officer(staff)
    with pytest.raises(RequestRefused, match="Several people"):
        made = services.plan(organisation=house.id, reference=unclear.reference, by=by)
        services.decide(organisation=house.id, reference=unclear.reference, plan_seen=made.fingerprint, by=by)
    stranger = somebody(house, email="else@post.example")
    with pytest.raises(RequestRefused, match="does not fit"):
        services.choose(organisation=house.id, reference=unclear.reference, subject=stranger, by=by)
    services.choose(organisation=house.id, reference=unclear.reference, subject=one, by=by)
    assert request_of(house, unclear.reference).subject_id == one


def test_a_live_house_without_a_mail_server_says_so_and_keeps_the_request(database) -> None:
    row = create(slug="live", name="Live", home_region="EU")
    publish(organisation=row.id, source=POLICY.read_text("utf-8"), file=POLICY.name, by=ME)
    request = filed(row, "access", email="ada@post.example")
    with pytest.raises(NoMailServer, match="No mail server"):
        services.send_code(organisation=row.id, reference=request.reference, by=WEB, token=request.token)
    assert request_of(row, request.reference).state == "received"


def test_a_letter_counts_from_its_day_of_receipt_and_visitors_cannot_say_when(house, staff) -> None:
    by = officer(staff)
    ago = clock.now(house.id) - timedelta(days=10)
    request = services.file(
        organisation=house.id,
        kind="access",
        claim=Claim(name="By Letter"),
        channel="letter",
        received_at=ago,
        by=by,
    )
    assert request_of(house, request.reference).received_at == ago
    with pytest.raises(RequestRefused, match="names no e-mail"):
        services.send_code(organisation=house.id, reference=request.reference, by=by)
    services.reach(organisation=house.id, reference=request.reference, email="letter@post.example", by=by)
    services.send_code(organisation=house.id, reference=request.reference, by=by)
    work(only="disclosures.send")
    assert verify(house, request, last_code(house)).verified
    for wrong in (ago, clock.now(house.id) + timedelta(days=1)):
        with pytest.raises(RequestRefused):
            filed(house, "access", email="x@post.example", received_at=wrong)


def test_members_ask_about_themselves_and_nobody_else(house, staff) -> None:
    member, _ = staff("agent", "agent1")
    other, _ = staff("agent", "agent2")
    from plainspoken.custody.actors import person

    by = person(member.account_id)
    claim = Claim(email="agent1@larkfield.example")
    mine = services.file(
        organisation=house.id, kind="access", claim=claim, channel="account", subject=member.subject_id, by=by
    )
    row = request_of(house, mine.reference)
    assert row.state == "open" and row.proofs == ["sign-in"]
    for actor, subject in ((by, other.subject_id), (WEB, member.subject_id), (ME, member.subject_id)):
        with pytest.raises(RequestRefused):
            services.file(
                organisation=house.id,
                kind="access",
                claim=claim,
                channel="account",
                subject=subject,
                by=actor,
            )


# ---- every field of the rule drives what happens ----


def test_the_published_numbers_of_the_code_are_used(house) -> None:
    with policy_with(
        house,
        ("code_digits: 6", "code_digits: 9"),
        ("attempts: 5", "attempts: 2"),
        ("code_expires_within: PT15M", "code_expires_within: PT1S"),
    ):
        request = filed(house, "access", email="ada@post.example")
        sent = services.send_code(
            organisation=house.id, reference=request.reference, by=WEB, token=request.token
        )
        assert sent.attempts_left == 2
        assert timedelta(0) < sent.expires_at - clock.now(house.id) <= timedelta(seconds=1)
        work(only="disclosures.send")
        assert len(last_code(house)) == 9
        assert verify(house, request, "000000000").attempts_left in (1, 0)
        services.send_code(organisation=house.id, reference=request.reference, by=WEB, token=request.token)
        with pytest.raises(TooManyCodes):
            services.send_code(
                organisation=house.id, reference=request.reference, by=WEB, token=request.token
            )


def test_kinds_without_verification_open_at_once(house) -> None:
    assert request_of(house, filed(house, "access", email="a@post.example").reference).state == "received"
    with policy_with(
        house,
        (
            "without: [object-marketing, opt-out-sale, limit]",
            "without: [object-marketing, opt-out-sale, access]",
        ),
    ):
        request = filed(house, "access", email="b@post.example")
        row = request_of(house, request.reference)
        assert row.state == "open" and row.proofs == []


@pytest.mark.parametrize(
    ("way", "after_code"),
    [
        ("sign-in", "proving"),
        ("sign-in-and-contact", "proving"),
        ("in-person", "proving"),
        ("control-of-contact", "open"),
    ],
)
def test_a_code_proves_only_as_much_as_the_right_asks(house, staff, way: str, after_code: str) -> None:
    text = POLICY.read_text("utf-8")
    head, tail = text.split("kind: access\n")
    republish(
        house, f"{head}kind: access\n" + tail.replace("verify: control-of-contact", f"verify: {way}", 1)
    )
    request = filed(house, "access", email="ada@post.example")
    verify(house, request, code_for(house, request))
    assert request_of(house, request.reference).state == after_code
    if way == "in-person":
        services.confirm_in_person(organisation=house.id, reference=request.reference, by=officer(staff))
        assert request_of(house, request.reference).state == "open"


def test_nothing_pauses_where_the_policy_names_no_pause(house) -> None:
    with policy_with(house, ("pauses_while: [identity-open]", "pauses_while: []")):
        request = filed(house, "access", email="ada@post.example")
        services.send_code(organisation=house.id, reference=request.reference, by=WEB, token=request.token)
        assert request_of(house, request.reference).pauses == []


def test_the_digest_of_a_code_is_keyed(house) -> None:
    """A million codes are hashed in a second: a plain digest would tell the code to whoever reads the
    table.
    """
    request = filed(house, "access", email="ada@post.example")
    code = code_for(house, request)
    kept = bytes(rows("SELECT code FROM rights_challenge")[0][0])
    for digest in (hashlib.sha256(code.encode()), hashlib.md5(code.encode())):
        assert digest.digest() != kept
    assert code.encode() not in kept
