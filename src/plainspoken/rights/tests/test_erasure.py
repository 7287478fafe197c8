"""Erasure: nothing of the person anywhere, by an oracle that reads every table and file; however it is cut
off.
"""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from plainspoken.custody import acts, clock, keys, ports
from plainspoken.custody.models import Decision
from plainspoken.custody.sessions import purpose
from plainspoken.kernels.identifiers import spellings
from plainspoken.people.models import Identifier
from plainspoken.people.resolution import find
from plainspoken.retention import services as retention
from plainspoken.rights import plans, queries, services
from plainspoken.rights.models import Step
from plainspoken.rights.services import PlanChanged, RequestRefused, erasing, executing
from plainspoken.rights.states import WrongState

from .steps import (
    ME,
    POLICY,
    WEB,
    decided,
    erased,
    everything_in,
    officer,
    outbox,
    policy_with,
    proved,
    republish,
    request_of,
    rows,
    sealed,
    somebody,
    stored_files,
    work,
)

CANARY = "canarietta.quillfeather@post.example"
NAME = "Canarietta Quillfeather"


def planted(house, staff) -> None:
    """Somebody who is everywhere that this app reaches: identifiers, requests, mails, a copy, a
    restriction.
    """
    somebody(house, email=CANARY, name=NAME, phone="+49 69 7654321", account="CANARY-4711")
    access = proved(house, "access", email=CANARY, name=NAME, details=f"I am {NAME}, CANARY-4711")
    decided(house, access.reference, officer(staff, "x"))
    work()
    restrict = proved(house, "restrict", email=CANARY, ground="accuracy-contested")
    decided(house, restrict.reference, officer(staff, "y"))
    work()
    refused = proved(house, "correct", email=CANARY, details=f"my name is {NAME}")
    services.refuse(
        organisation=house.id,
        reference=refused.reference,
        reason=f"We know {NAME} well",
        by=officer(staff, "z"),
    )
    work()


def test_after_an_erasure_no_table_and_no_file_knows_the_person(house, staff, database) -> None:
    planted(house, staff)
    with purpose("ingest.write", organisation=house.id, by=ME):
        blinds = [
            keys.blind_index("email", CANARY),
            keys.blind_index("account", "CANARY-4711"),
            keys.blind_index("contact", CANARY),
        ]
    before = everything_in(database)
    assert any(blind.hex().encode() in before for blind in blinds)
    assert len(stored_files()) == 1
    request = erased(house, staff, email=CANARY)
    row = request_of(house, request.reference)
    assert row.state == "done" and not row.outcome["held"]
    after = everything_in(database)
    for value in (NAME, "Canarietta", "Quillfeather", CANARY, "canarietta", "CANARY-4711", "7654321"):
        for spelled in (value, value.lower(), value.encode().hex()):
            assert spelled.encode() not in after, value
    for kind, value in (("phone", "+49697654321"), ("email", CANARY), ("name", NAME)):
        for spelled in spellings(value, kind=kind):
            assert spelled.encode() not in after
    for blind in blinds:
        assert blind.hex().encode() not in after, "a keyed index is still a trace"
    assert stored_files() == {}
    with pytest.raises(ports.KeyGone):
        ports.keyring().get(organisation=house.id, name=f"subject/{row.subject_id}")
    with purpose("rights.execute", organisation=house.id, by=ME):
        assert find(kind=Identifier.Kind.EMAIL, value=CANARY, region="DE") == []


def test_what_stays_is_named_with_reason_and_end_and_holds_no_identifier(house, staff) -> None:
    somebody(house, email=CANARY, name=NAME)
    request = erased(house, staff, email=CANARY)
    case = queries.track(organisation=house.id, reference=request.reference, token=request.token)
    assert case is not None and case.state == "done"
    assert {line.what for line in case.kept} == {"Requests about your data"}
    assert all(line.until and line.until > clock.now(house.id).date() for line in case.kept)
    kept = rows("SELECT claim, words, reference, kind, outcome FROM rights_request")
    assert [(claim, words) for claim, words, *_ in kept] == [(None, None)]
    assert kept[0][2:4] == (request.reference, "erase") and kept[0][4]["plan"]["rows"]


def test_the_last_mail_goes_out_after_the_key_is_gone_and_then_forgets_its_address(
    house, staff, database
) -> None:
    somebody(house, email=CANARY)
    request = erased(house, staff, email=CANARY)
    letter = outbox(house)[0]
    assert letter.to == "" and request.reference in letter.title
    assert "We erased" in letter.text and "35 days" in letter.text and request.token in letter.text
    assert "the data protection authorities of Germany" in letter.text
    assert rows(
        'SELECT count(*) FROM disclosures_message WHERE "to" IS NOT NULL AND subject_id IS NOT NULL'
    ) == [(0,)]


def test_killed_between_any_two_places_it_goes_on_and_ends(house, staff, monkeypatch) -> None:
    planted(house, staff)
    request = proved(house, "erase", email=CANARY)
    made = services.plan(organisation=house.id, reference=request.reference, by=ME)
    row = decided(house, request.reference, officer(staff, "one"), typed=request.reference)
    services.approve(
        organisation=house.id,
        reference=request.reference,
        plan_seen=made.fingerprint,
        by=officer(staff, "two"),
    )
    with purpose("rights.execute", organisation=house.id, by=ME):
        needed = acts.needed(acts.plans(row.subject_id))
    assert len(needed) > 6
    real = acts.erase
    reached: list[str] = []

    def dying(place, subject, *, by):
        ending = real(place, subject, by=by)
        if place.model not in reached:
            # Once at every place: what it did there is rolled back with it.
            reached.append(place.model)
            raise RuntimeError("killed")
        return ending

    monkeypatch.setattr(acts, "erase", dying)
    deaths = 0
    while True:
        try:
            services.execute(organisation=house.id, request=row.id, by=ME)
            break
        except RuntimeError:
            deaths += 1
            assert request_of(house, request.reference).state == "running"
    assert reached == [where.model for where in needed] and deaths == len(needed)
    done = request_of(house, request.reference)
    assert done.state == "done"
    assert sum(r["count"] for r in done.outcome["plan"]["rows"]) == made.total, "each thing was counted once"
    assert rows("SELECT count(*) FROM rights_step WHERE done_at IS NULL") == [(0,)]


def test_killed_before_the_key_or_before_the_answer_it_goes_on(house, staff, monkeypatch) -> None:
    subject = somebody(house, email=CANARY)
    request = proved(house, "erase", email=CANARY)
    row = decided(house, request.reference, officer(staff, "one"), typed=request.reference)
    made = services.plan(organisation=house.id, reference=request.reference, by=ME)
    services.approve(
        organisation=house.id,
        reference=request.reference,
        plan_seen=made.fingerprint,
        by=officer(staff, "two"),
    )
    for module, name in ((erasing, "destroy_key"), (erasing, "look"), (executing, "_done")):
        with monkeypatch.context() as patch:

            def die(*args, **kwargs):
                raise RuntimeError("killed")

            patch.setattr(module, name, die)
            with pytest.raises(RuntimeError):
                services.execute(organisation=house.id, request=row.id, by=ME)
        assert request_of(house, request.reference).state == "running"
    services.execute(organisation=house.id, request=row.id, by=ME)
    work()
    assert request_of(house, request.reference).state == "done"
    assert keys.is_destroyed(organisation=house.id, subject=subject)
    assert outbox(house)[0].title.endswith(request.reference), "the answer still went out"


def test_two_executions_at_once_do_each_step_once(house, staff) -> None:
    planted(house, staff)
    request = proved(house, "erase", email=CANARY)
    made = services.plan(organisation=house.id, reference=request.reference, by=ME)
    row = decided(house, request.reference, officer(staff, "one"), typed=request.reference)
    services.approve(
        organisation=house.id,
        reference=request.reference,
        plan_seen=made.fingerprint,
        by=officer(staff, "two"),
    )
    failed: list[BaseException] = []

    def run() -> None:
        try:
            services.execute(organisation=house.id, request=row.id, by=ME)
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not failed
    done = request_of(house, request.reference)
    assert done.state == "done" and sum(r["count"] for r in done.outcome["plan"]["rows"]) == made.total
    assert rows(
        "SELECT count(*) FROM custody_ledgerentry WHERE act = 'request.done' AND about = %s",
        f"request:{row.id}",
    ) == [(1,)]
    assert rows("SELECT count(*) FROM custody_ledgerentry WHERE act = 'key.destroyed'") == [(1,)]


def test_the_button_does_only_what_was_shown(house, staff) -> None:
    subject = somebody(house, email=CANARY)
    request = proved(house, "erase", email=CANARY)
    by = officer(staff, "one")
    seen = services.plan(organisation=house.id, reference=request.reference, by=by)
    somebody(house, email=CANARY, phone="+49 30 1111111")
    with pytest.raises(PlanChanged) as changed:
        services.decide(
            organisation=house.id,
            reference=request.reference,
            plan_seen=seen.fingerprint,
            by=by,
            typed=request.reference,
        )
    assert changed.value.plan.total == seen.total + 1
    again = services.plan(organisation=house.id, reference=request.reference, by=by)
    services.decide(
        organisation=house.id,
        reference=request.reference,
        plan_seen=again.fingerprint,
        by=by,
        typed=request.reference,
    )
    somebody(house, email=CANARY, account="NEW-1")
    with pytest.raises(PlanChanged):
        services.approve(
            organisation=house.id,
            reference=request.reference,
            plan_seen=again.fingerprint,
            by=officer(staff, "two"),
        )
    third = services.plan(organisation=house.id, reference=request.reference, by=by)
    services.approve(
        organisation=house.id,
        reference=request.reference,
        plan_seen=third.fingerprint,
        by=officer(staff, "three"),
    )
    somebody(house, email=CANARY, account="NEW-1", name="One More")
    work()
    row = request_of(house, request.reference)
    assert row.state == "open" and row.decided_by == "", "changed before it started: shown again"
    assert rows("SELECT count(*) FROM people_identifier WHERE subject_id = %s", subject)[0][0] == 4


def test_the_reference_is_typed_and_a_second_person_agrees(house, staff) -> None:
    somebody(house, email=CANARY)
    request = proved(house, "erase", email=CANARY)
    one, two = officer(staff, "one"), officer(staff, "two")
    with pytest.raises(RequestRefused, match="Type R-"):
        decided(house, request.reference, one)
    decided(house, request.reference, one, typed=request.reference.lower())
    seen = services.plan(organisation=house.id, reference=request.reference, by=one).fingerprint
    with pytest.raises(RequestRefused, match="somebody else"):
        services.approve(organisation=house.id, reference=request.reference, plan_seen=seen, by=one)
    agent, _ = staff("agent", "agent")
    from plainspoken.custody.actors import person

    for actor in (person(agent.account_id), WEB):
        with pytest.raises(services.NotYours):
            services.approve(organisation=house.id, reference=request.reference, plan_seen=seen, by=actor)
    with pytest.raises(RequestRefused, match="not decided"):
        services.execute(organisation=house.id, request=request_of(house, request.reference).id, by=ME)
    services.disagree(organisation=house.id, reference=request.reference, by=two)
    assert request_of(house, request.reference).state == "open"
    decided(house, request.reference, one, typed=request.reference)
    services.approve(organisation=house.id, reference=request.reference, plan_seen=seen, by=two)
    with pytest.raises((WrongState, RequestRefused)):
        services.approve(organisation=house.id, reference=request.reference, plan_seen=seen, by=two)


def test_without_a_second_person_in_the_policy_one_is_enough(house, staff) -> None:
    somebody(house, email=CANARY)
    with policy_with(house, ("second_person: true", "second_person: false")):
        request = proved(house, "erase", email=CANARY)
        assert decided(house, request.reference, officer(staff), typed=request.reference).state == "running"
        work()
        assert request_of(house, request.reference).state == "done"


def test_a_reason_to_keep_that_the_policy_does_not_name_stops_it(house, staff) -> None:
    somebody(house, email=CANARY)
    with policy_with(house, ("keep_only_for: [legal-obligation, claims, hold]", "keep_only_for: [claims]")):
        request = proved(house, "erase", email=CANARY)
        made = services.plan(organisation=house.id, reference=request.reference, by=ME)
        assert made.blocked and "legal-obligation" in made.blocked[0]
        with pytest.raises(RequestRefused, match="policy does not name"):
            decided(house, request.reference, officer(staff), typed=request.reference)


def test_what_else_the_person_asked_comes_first(house, staff) -> None:
    somebody(house, email=CANARY)
    access = proved(house, "access", email=CANARY)
    erase = proved(house, "erase", email=CANARY)
    with pytest.raises(RequestRefused, match=access.reference):
        decided(house, erase.reference, officer(staff), typed=erase.reference)


def test_the_same_erasure_filed_twice_is_done_once_and_both_are_answered(house, staff) -> None:
    somebody(house, email=CANARY)
    first, second = proved(house, "erase", email=CANARY), proved(house, "erase", email=CANARY)
    made = services.plan(organisation=house.id, reference=first.reference, by=ME)
    decided(house, first.reference, officer(staff, "one"), typed=first.reference)
    services.approve(
        organisation=house.id, reference=first.reference, plan_seen=made.fingerprint, by=officer(staff, "two")
    )
    work()
    other = request_of(house, second.reference)
    assert other.state == "done" and other.outcome["with"] == first.reference and other.claim is None
    third = proved(house, "erase", email=CANARY)
    assert request_of(house, third.reference).subject_id != other.subject_id, "a new person to us"


# ---- holds ----


def test_a_hold_keeps_everything_and_its_end_lets_the_erasure_go_on(house, staff, database) -> None:
    subject = somebody(house, email=CANARY, name=NAME)
    until = clock.now(house.id).date() + timedelta(days=90)
    hold = retention.place_hold(
        organisation=house.id, subject=subject, reason="claims", law="Claim 4 O 12/26", until=until, by=ME
    )
    request = erased(house, staff, email=CANARY)
    row = request_of(house, request.reference)
    assert row.state == "done" and row.outcome["held"] is True
    assert rows("SELECT count(*) FROM people_identifier WHERE subject_id = %s", subject) == [(2,)]
    assert not keys.is_destroyed(organisation=house.id, subject=subject)
    case = queries.track(organisation=house.id, reference=request.reference, token=request.token)
    assert any(line.why == "Claim 4 O 12/26" and line.until == until for line in case.kept)
    assert "may not erase" in outbox(house)[0].text and "Claim 4 O 12/26" in outbox(house)[0].text
    # Free text, which may name somebody: it stands nowhere in clear, and ends with the person.
    assert b"Claim 4 O" not in everything_in(database)
    with purpose("rights.execute", organisation=house.id, by=ME):
        assert Decision.objects.get(subject_id=subject).kind == "restriction", "meanwhile nobody uses it"
    retention.lift_hold(organisation=house.id, hold=hold.id, by=ME)
    work()
    assert rows("SELECT count(*) FROM people_identifier WHERE subject_id = %s", subject) == [(0,)]
    assert keys.is_destroyed(organisation=house.id, subject=subject)
    assert request_of(house, request.reference).outcome["held"] is False
    case = queries.track(organisation=house.id, reference=request.reference, token=request.token)
    assert case is not None and all("Claim 4 O" not in line.why for line in case.kept)


def test_no_hold_can_be_placed_on_somebody_who_is_erased(house, staff) -> None:
    subject = somebody(house, email=CANARY)
    erased(house, staff, email=CANARY)
    with pytest.raises(retention.HoldRefused):
        retention.place_hold(
            organisation=house.id, subject=subject, reason="claims", law="late", until=None, by=ME
        )


def test_a_row_that_arrives_during_the_erasure_is_found_by_the_last_look(house, staff, monkeypatch) -> None:
    subject = somebody(house, email=CANARY)
    request = proved(house, "erase", email=CANARY)
    made = services.plan(organisation=house.id, reference=request.reference, by=ME)
    row = decided(house, request.reference, officer(staff, "one"), typed=request.reference)
    services.approve(
        organisation=house.id,
        reference=request.reference,
        plan_seen=made.fingerprint,
        by=officer(staff, "two"),
    )
    real = erasing.destroy_key

    def late(**given):
        with purpose("ingest.write", organisation=house.id, by=ME):
            Identifier.objects.create(
                organisation_id=house.id,
                subject_id=subject,
                kind="name",
                value=b"late",
                blind=b"late",
                source="t",
                first_seen_at=clock.now(house.id),
            )
        real(**given)

    monkeypatch.setattr(erasing, "destroy_key", late)
    services.execute(organisation=house.id, request=row.id, by=ME)
    assert rows("SELECT count(*) FROM people_identifier WHERE subject_id = %s", subject) == [(0,)]


def test_an_erasure_that_does_not_end_is_not_called_done(house, staff, monkeypatch) -> None:
    somebody(house, email=CANARY)
    request = proved(house, "erase", email=CANARY)
    made = services.plan(organisation=house.id, reference=request.reference, by=ME)
    row = decided(house, request.reference, officer(staff, "one"), typed=request.reference)
    services.approve(
        organisation=house.id,
        reference=request.reference,
        plan_seen=made.fingerprint,
        by=officer(staff, "two"),
    )
    real = acts.erase

    def forgetful(place, subject, *, by):
        if place.model == "people.Identifier":
            return plans.Ending(count=1, verb="erase")
        return real(place, subject, by=by)

    monkeypatch.setattr(acts, "erase", forgetful)
    with pytest.raises(services.NotErased, match=r"people\.Identifier"):
        services.execute(organisation=house.id, request=row.id, by=ME)
    assert request_of(house, request.reference).state == "running"


# ---- after a restore ----


def test_a_restored_copy_is_erased_again_before_it_serves(house, staff, database) -> None:
    """The rows come back by raw SQL, as a restore brings them back; the keyring's tombstones know whose they
    are.
    """
    subject = somebody(house, email=CANARY, name=NAME)
    other = somebody(house, email="stays@post.example")
    backup = {
        "custody_subject": rows("SELECT erased_at FROM custody_subject WHERE id = %s", subject),
        "people_identifier": rows(
            "SELECT id, organisation_id, closed_to, open_to, subject_id, kind, value, blind, tokens, source,"
            " first_seen_at FROM people_identifier WHERE subject_id = %s",
            subject,
        ),
    }
    erased(house, staff, email=CANARY)
    assert services.replay_erasures(organisation=house.id, by=ME) == 0
    from .steps import owner

    with owner() as line:
        line.execute("UPDATE custody_subject SET erased_at = NULL WHERE id = %s", [subject])
        for row in backup["people_identifier"]:
            line.execute(
                "INSERT INTO people_identifier (id, organisation_id, closed_to, open_to, subject_id, kind,"
                " value, blind, tokens, source, first_seen_at)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                row,
            )
    assert services.replay_erasures(organisation=house.id, by=ME) == 1
    assert rows("SELECT count(*) FROM people_identifier WHERE subject_id = %s", subject) == [(0,)]
    assert rows("SELECT erased_at IS NOT NULL FROM custody_subject WHERE id = %s", subject) == [(True,)]
    assert rows("SELECT count(*) FROM people_identifier WHERE subject_id = %s", other) == [(1,)]
    assert services.replay_erasures(organisation=house.id, by=ME) == 0


def test_the_ledger_tells_what_was_done_without_saying_to_whom(house, staff, database) -> None:
    somebody(house, email=CANARY, name=NAME)
    request = erased(house, staff, email=CANARY)
    entries = rows("SELECT act, detail::text, about FROM custody_ledgerentry ORDER BY at")
    told = {act for act, *_ in entries}
    assert {
        "request.filed",
        "request.second",
        "request.running",
        "erasure.erase",
        "key.destroyed",
        "request.done",
    } <= told
    for act, detail, about in entries:
        for value in (NAME, "Canarietta", CANARY, "@"):
            assert value not in detail and value not in about, act
    from plainspoken.custody import sealing

    sealed(house)
    assert sealing.verify(organisation=house.id).sound
    receipt = queries.track(organisation=house.id, reference=request.reference, token=request.token).receipt
    assert receipt is not None and len(receipt.digest) == 64


def test_every_rule_of_the_answer_comes_from_the_policy(house, staff) -> None:
    text = POLICY.read_text("utf-8").replace("backups_end_within: P35D", "backups_end_within: P21D")
    republish(house, text)
    somebody(house, email=CANARY)
    erased(house, staff, email=CANARY)
    letter = outbox(house)[0]
    assert "21 days" in letter.text and "35 days" not in letter.text


def test_steps_name_every_place_of_the_data_map(house, staff) -> None:
    somebody(house, email=CANARY)
    erased(house, staff, email=CANARY)
    with purpose("rights.execute", organisation=house.id, by=ME):
        named = set(Step.objects.values_list("place", flat=True))
    assert named == {place.model for place in acts.personal_places()} | {erasing.KEY_STEP}


def test_an_erasure_answers_even_where_no_mail_can_go(house, staff) -> None:
    from plainspoken.custody.models import Organisation

    somebody(house, email=CANARY)
    request = proved(house, "erase", email=CANARY)
    Organisation.objects.filter(id=house.id).update(kind="live")
    made = services.plan(organisation=house.id, reference=request.reference, by=ME)
    decided(house, request.reference, officer(staff, "one"), typed=request.reference)
    services.approve(
        organisation=house.id,
        reference=request.reference,
        plan_seen=made.fingerprint,
        by=officer(staff, "two"),
    )
    work()
    case = queries.track(organisation=house.id, reference=request.reference, token=request.token)
    assert case.state == "done" and "destroyed your key" in case.answer_html
