"""The purge: expired rows end, held and restricted people's stay, and what happened is written down. Time is
travelled.
"""

import time
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from plainspoken.custody import acts, clock, keys, objects, ports
from plainspoken.custody.models import Organisation
from plainspoken.custody.organisations import create, shift_clock
from plainspoken.custody.places import Acts, OrganisationRows, Place, personal
from plainspoken.custody.sessions import purpose
from plainspoken.policies.services import publish
from plainspoken.retention import queries, services
from plainspoken.retention.services import HoldRefused
from plainspoken.rights.services.restricting import restrict
from plainspoken.rights.tests.steps import (
    ME,
    POLICY,
    decided,
    officer,
    owner,
    proved,
    republish,
    rows,
    somebody,
    stored_files,
    work,
)

YEARS_2 = timedelta(days=2 * 366 + 2)


@pytest.fixture
def house_in_time(database) -> Organisation:
    """A proving organisation: its clock can be shifted."""
    row = create(
        slug="timely",
        name="Timely",
        home_region="EU",
        kind=Organisation.Kind.PROVING,
        time_zone="Europe/Berlin",
        smtp_url="smtp://127.0.0.1:1",
    )
    publish(organisation=row.id, source=POLICY.read_text("utf-8"), file=POLICY.name, by=ME)
    return row


def held_of(subject: UUID) -> int:
    return rows("SELECT count(*) FROM people_identifier WHERE subject_id = %s", subject)[0][0]


def purge(house):
    return services.purge(organisation=house.id, by=ME)


def test_expired_rows_end_and_the_others_stay(house_in_time) -> None:
    house = house_in_time
    old = somebody(house, email="old@post.example", name="Old One")
    shift_clock(organisation=house.id, by=YEARS_2 - timedelta(days=30))
    young = somebody(house, email="young@post.example")
    assert purge(house).counts.get("people.Identifier") is None
    shift_clock(organisation=house.id, by=YEARS_2)
    due = {one.place: one for one in queries.due(organisation=house.id, by=ME)}
    assert due["people.Identifier"].rows == 2 and due["people.Identifier"].rule == "identifiers"
    done = purge(house)
    assert done.counts["people.Identifier"] == 2 and held_of(old) == 0 and held_of(young) == 1
    assert purge(house).counts.get("people.Identifier") is None, "a second run finds nothing"


def test_held_and_restricted_people_are_left_alone(house_in_time) -> None:
    house = house_in_time
    free, held, closed = (
        somebody(house, email=f"{name}@post.example") for name in ("free", "held", "closed")
    )
    hold = services.place_hold(
        organisation=house.id, subject=held, reason="claims", law="Claim 1", until=None, by=ME
    )
    with purpose("rights.execute", organisation=house.id, by=ME):
        restrict(organisation=house.id, subject=closed, ground="accuracy-contested", by=ME)
    shift_clock(organisation=house.id, by=YEARS_2)
    done = purge(house)
    assert (held_of(free), held_of(held), held_of(closed)) == (0, 1, 1)
    assert (done.held, done.restricted) == (1, 1)
    services.lift_hold(organisation=house.id, hold=hold.id, by=ME)
    services.lift_hold(organisation=house.id, hold=hold.id, by=ME)
    assert purge(house).counts["people.Identifier"] == 1 and held_of(held) == 0 and held_of(closed) == 1


def test_a_hold_ends_after_its_last_day(house_in_time) -> None:
    house = house_in_time
    held = somebody(house, email="held@post.example")
    today = clock.now(house.id).date()
    services.place_hold(
        organisation=house.id, subject=held, reason="hold", law="Order 7", until=today + YEARS_2, by=ME
    )
    shift_clock(organisation=house.id, by=YEARS_2 - timedelta(hours=2))
    purge(house)
    assert held_of(held) == 1
    shift_clock(organisation=house.id, by=YEARS_2 + timedelta(days=2))
    purge(house)
    assert held_of(held) == 0


def test_holds_are_refused_without_law_reason_or_person(house) -> None:
    somebody_ = somebody(house, email="a@post.example")
    yesterday = clock.now(house.id).date() - timedelta(days=2)
    for wrong in (
        {"reason": "because"},
        {"law": " "},
        {"until": yesterday},
        {"subject": uuid4()},
    ):
        with pytest.raises(HoldRefused):
            services.place_hold(
                **{
                    "organisation": house.id,
                    "subject": somebody_,
                    "reason": "claims",
                    "law": "x",
                    "until": None,
                    "by": ME,
                    **wrong,
                }
            )
    with pytest.raises(HoldRefused):
        services.lift_hold(organisation=house.id, hold=uuid4(), by=ME)


def test_the_published_period_is_the_one_that_counts(house_in_time) -> None:
    house = house_in_time
    subject = somebody(house, email="a@post.example")
    shift_clock(organisation=house.id, by=timedelta(days=40))
    purge(house)
    assert held_of(subject) == 1
    republish(house, POLICY.read_text("utf-8").replace("identifiers: P2Y", "identifiers: P1M"))
    purge(house)
    assert held_of(subject) == 0


def test_identifiers_stay_while_a_conversation_with_the_person_is_kept(house_in_time, monkeypatch) -> None:
    house = house_in_time
    calling, gone = somebody(house, email="calling@post.example"), somebody(house, email="gone@post.example")
    talk = Place(
        model="conversations.Talk",
        title="Talks",
        scope=OrganisationRows(),
        columns={"words": personal("words")},
        purposes=("retention.purge",),
        retention="conversation.facts",
        acts=Acts(count=lambda subject: int(subject == calling), copy=lambda subject: iter(())),
    )
    real = queries.places()
    monkeypatch.setattr(queries, "places", lambda: (*real, talk))
    shift_clock(organisation=house.id, by=YEARS_2)
    purge(house)
    assert held_of(calling) == 1 and held_of(gone) == 0


def test_a_run_that_is_cut_off_goes_on(house_in_time, monkeypatch) -> None:
    house = house_in_time
    for number in range(7):
        somebody(house, email=f"p{number}@post.example")
    shift_clock(organisation=house.id, by=YEARS_2)
    monkeypatch.setattr(services, "BATCH", 2)
    real, batches = services._really, []

    def dying(place, batch):
        batches.append(place.model)
        if batches.count("people.Identifier") == 3:
            raise RuntimeError("killed")
        return real(place, batch)

    monkeypatch.setattr(services, "_really", dying)
    with pytest.raises(RuntimeError):
        purge(house)
    assert rows("SELECT count(*) FROM people_identifier") == [(3,)], (
        "two whole batches ended, the third did not"
    )
    monkeypatch.setattr(services, "_really", real)
    assert purge(house).counts["people.Identifier"] == 3


def test_a_hold_that_is_placed_during_the_run_counts_at_once(house_in_time, monkeypatch) -> None:
    house = house_in_time
    people = [somebody(house, email=f"p{number}@post.example") for number in range(4)]
    shift_clock(organisation=house.id, by=YEARS_2)
    monkeypatch.setattr(services, "BATCH", 1)
    real, placed = services._remove_objects, []

    def placing(place, ending):
        real(place, ending)
        if place.model == "people.Identifier" and not placed:
            placed.append(next(p for p in people if p != ending[0].subject_id))

    monkeypatch.setattr(services, "_remove_objects", placing)
    run = services._batches

    def between(place, *args):
        for count in run(place, *args):
            if placed and len(placed) == 1:
                services.place_hold(
                    organisation=house.id, subject=placed[0], reason="claims", law="x", until=None, by=ME
                )
                placed.append(None)
            yield count

    monkeypatch.setattr(services, "_batches", between)
    purge(house)
    assert held_of(placed[0]) == 1 and rows("SELECT count(*) FROM people_identifier") == [(1,)]


def test_the_ledger_is_left_and_the_proof_says_so(house_in_time) -> None:
    house = house_in_time
    somebody(house, email="a@post.example")
    before = rows("SELECT count(*) FROM custody_ledgerentry")[0][0]
    shift_clock(organisation=house.id, by=timedelta(days=366 * 11))
    done = purge(house)
    assert done.left["custody.LedgerEntry"] >= before and "custody.LedgerEntry" not in done.counts
    assert rows("SELECT count(*) FROM custody_ledgerentry")[0][0] > before
    (counts, policy) = rows("SELECT counts, policy FROM retention_purge")[0]
    assert counts == done.counts and len(policy) == 64
    assert rows("SELECT act, detail->>'rows' FROM custody_ledgerentry WHERE act = 'purge.done'") == [
        ("purge.done", str(sum(counts.values())))
    ]


def test_another_houses_rows_are_not_touched(house_in_time) -> None:
    house = house_in_time
    other = create(slug="other", name="Other", home_region="EU")
    publish(organisation=other.id, source=POLICY.read_text("utf-8"), file=POLICY.name, by=ME)
    theirs = somebody(other, email="theirs@post.example")
    with owner() as line:
        line.execute("UPDATE people_identifier SET first_seen_at = '2010-01-01'")
        line.execute("UPDATE custody_subject SET created_at = '2010-01-01'")
    shift_clock(organisation=house.id, by=YEARS_2)
    purge(house)
    assert held_of(theirs) == 1


def test_accounts_that_are_in_use_never_end(house, staff) -> None:
    member, browser = staff("agent")
    with owner() as line:
        line.execute("UPDATE people_account SET created_at = '2001-01-01'")
        line.execute("UPDATE people_membership SET since = '2001-01-01'")
    services.purge(organisation=house.id, by=ME)
    assert rows("SELECT count(*) FROM people_account WHERE id = %s", member.account_id) == [(1,)]
    assert browser.get("/my-privacy").status_code == 200


def test_copies_end_with_their_links_and_their_objects_with_them(house, staff) -> None:
    somebody(house, email="ada@post.example")
    request = proved(house, "access", email="ada@post.example")
    decided(house, request.reference, officer(staff))
    work()
    assert len(stored_files()) == 1
    services.purge(organisation=house.id, by=ME)
    assert len(stored_files()) == 1
    with owner() as line:
        line.execute("UPDATE rights_archive SET expires_at = now() - interval '1 second'")
    done = services.purge(organisation=house.id, by=ME)
    assert done.counts["rights.Archive"] == 1 and stored_files() == {}
    assert rows("SELECT count(*) FROM rights_archive") == [(0,)]


def test_objects_that_no_row_names_go_after_a_day_and_named_ones_never(house_in_time) -> None:
    house = house_in_time
    subject = somebody(house, email="a@post.example")
    with purpose("ingest.write", organisation=house.id, by=ME):
        stray, _ = objects.write([b"stray"], sealer=keys.subject_sealer(subject))
    named = _an_archive(house, subject)
    assert services.purge(organisation=house.id, by=ME).objects_removed == 0, "only noted at first sight"
    shift_clock(organisation=house.id, by=timedelta(hours=23))
    assert services.purge(organisation=house.id, by=ME).objects_removed == 0
    shift_clock(organisation=house.id, by=timedelta(hours=25))
    assert services.purge(organisation=house.id, by=ME).objects_removed == 1
    left = set(ports.object_store().names(prefix=str(house.id)))
    assert stray not in left and named in left


def test_an_object_that_gets_its_row_later_is_no_stray(house_in_time) -> None:
    house = house_in_time
    subject = somebody(house, email="a@post.example")
    with purpose("ingest.write", organisation=house.id, by=ME):
        name, _ = objects.write([b"soon"], sealer=keys.subject_sealer(subject))
    services.purge(organisation=house.id, by=ME)
    _an_archive(house, subject, stored=name)
    shift_clock(organisation=house.id, by=timedelta(days=2))
    assert services.purge(organisation=house.id, by=ME).objects_removed == 0
    assert rows("SELECT count(*) FROM retention_orphan") == [(0,)]


def _an_archive(house, subject: UUID, stored: str = "") -> str:
    from plainspoken.rights.models import Archive, Request

    with purpose("rights.execute", organisation=house.id, by=ME):
        now = clock.now(house.id)
        if not stored:
            stored, _ = objects.write([b"kept"], sealer=keys.subject_sealer(subject))
        request = Request.objects.create(
            organisation_id=house.id,
            subject_id=subject,
            year=2026,
            number=1,
            reference="R-2026-0001",
            kind="access",
            clause="right.access",
            law="gdpr",
            channel="page",
            key_name="x",
            filed_at=now,
            received_at=now,
        )
        Archive.objects.create(
            organisation_id=house.id,
            request=request,
            subject_id=subject,
            stored=stored,
            size=4,
            files=1,
            manifest="0" * 64,
            token_digest=b"x",
            made_at=now,
            expires_at=now + timedelta(days=9),
        )
    return stored


def test_jobs_that_failed_end_too(house) -> None:
    with owner() as line:
        for age in ("40 days", "2 days"):
            line.execute(
                "WITH job AS (INSERT INTO procrastinate_jobs (queue_name, task_name, status, args)"
                " VALUES ('q', 'nothing', 'failed', jsonb_build_object('organisation', %s::text))"
                " RETURNING id)"
                " INSERT INTO procrastinate_events (job_id, type, at)"
                " SELECT id, 'failed', now() - %s::interval FROM job",
                [str(house.id), age],
            )
        line.execute("DELETE FROM procrastinate_events WHERE type <> 'failed'")
    services.purge(organisation=house.id, by=ME)
    assert rows("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'nothing'") == [(1,)]


def test_the_nightly_job_runs_for_every_house_that_lives(house) -> None:
    from plainspoken.retention.tasks import purge_all

    purge_all(int(time.time()))
    assert rows("SELECT task_name, args->>'organisation' FROM procrastinate_jobs") == [
        ("retention.purge", str(house.id))
    ]
    work()
    assert rows("SELECT count(*) FROM retention_purge") == [(1,)]


def test_every_personal_place_has_a_rule_that_the_policy_knows(house) -> None:
    """A place whose rows nothing ends would be kept for ever: it follows its parent, or has a period and an
    age.
    """
    from plainspoken.policies.queries import rule

    periods = rule(organisation=house.id, clause="retain.as-needed").periods
    ending = {place.key for place, _ in queries.ending_places(organisation=house.id)}
    follow = {"with-parent"}
    for place in acts.personal_places():
        assert place.retention in periods or place.retention in follow, place.model
        if place.retention in periods and not place.append_only and place.key not in ending:
            assert place.key in {
                "custody.subject",  # the empty tombstone: names nobody once its key is gone
                "people.account",  # ends with its last membership
                "people.apitoken",
                "account.emailaddress",
                "conversations.participation",  # ends with its conversation
            }, f"nothing ends {place.model}"


def test_the_clock_of_the_machine_is_not_asked(house_in_time) -> None:
    """Domain time is the organisation's: the purge of a shifted house and of one that is not differ."""
    somebody(house_in_time, email="a@post.example")
    shift_clock(organisation=house_in_time.id, by=YEARS_2)
    done = purge(house_in_time)
    assert done.at > datetime.now(tz=done.at.tzinfo) + timedelta(days=700)


def test_the_page_places_and_lifts_holds_and_shows_what_is_due(house, staff) -> None:
    subject = somebody(house, email="a@post.example")
    _, browser = staff("privacy_officer")
    assert "No holds." in browser.get("/retention").content.decode()
    wrong = browser.post("/retention", {"subject": str(uuid4()), "reason": "claims", "law": "x"})
    assert wrong.status_code == 422 and "no such person" in wrong.content.decode()
    placed = browser.post("/retention", {"subject": str(subject), "reason": "claims", "law": "Claim 1"})
    assert placed.status_code == 302
    page = browser.get("/retention").content.decode()
    assert "Claim 1" in page and "A claim is brought or defended" in page and "2 years" in page
    (hold,) = rows("SELECT id FROM retention_hold")[0]
    assert browser.post(f"/retention/holds/{hold}/lift").status_code == 302
    assert rows("SELECT lifted_at IS NOT NULL FROM retention_hold") == [(True,)]
    for role in ("agent", "supervisor", "administrator"):
        _, other = staff(role)
        assert other.get("/retention").status_code == 403
        assert other.post(f"/retention/holds/{hold}/lift").status_code == 403


def test_places_that_judge_for_themselves_are_listed_too(house) -> None:
    found = {one.place: one for one in queries.due(organisation=house.id, by=ME)}
    ending = {place.model for place, _ in queries.ending_places(organisation=house.id)}
    assert set(found) == ending and found["conversations.Recording"].rows is None


def test_a_proof_in_another_time_signs_nobody_out_and_forgets_no_failed_sign_in(house_in_time) -> None:
    """Sessions and counters belong to everybody: they age by the clock on the wall."""
    now = clock.wall()
    with owner() as connection:
        for name, days in (("live", 14), ("long-over", -400)):
            ends = now + timedelta(days=days)
            connection.execute("INSERT INTO django_session VALUES (%s, '', %s)", [name, ends])
            connection.execute("INSERT INTO people_throttle VALUES (%s, '', %s)", [name, ends])
    shift_clock(organisation=house_in_time.id, by=timedelta(days=20 * 366))
    purge(house_in_time)
    assert rows("SELECT session_key FROM django_session") == [("live",)]
    assert rows("SELECT cache_key FROM people_throttle") == [("live",)]
