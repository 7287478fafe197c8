"""Recordings against call records, rules of what is kept, the pipeline: each by what it must find."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from django.db import connection

from plainspoken.conversations.arrival import ArrivalRefused, Utterance
from plainspoken.conversations.models import Conversation
from plainspoken.conversations.tests.fixtures import Staff
from plainspoken.conversations.tests.makers import ME, arrived, recogniser, tones, wav, written
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.disclosures.models import Message
from plainspoken.exchange import keeping, pipeline, reconciling
from plainspoken.exchange.models import CallRecord
from plainspoken.kernels.sound import write_wav

HEADER = "call_id,started_at,duration,direction,queue,caller\n"
EARLY = "2026-01-05T09:00:00+01:00"


def table(*lines: str) -> str:
    return HEADER + "".join(f"{line}\n" for line in lines)


def line(name: str, *, seconds: float = 4, queue: str = "Returns", start: str = EARLY) -> str:
    return f"{name},{start},{seconds},in,{queue},+4915112345678"


def load(house: Organisation, *lines: str) -> reconciling.Loaded:
    return reconciling.load_csv(organisation=house.id, text=table(*lines), by=ME)


def verdicts(house: Organisation) -> dict[str, int]:
    reconciling.judge(organisation=house.id, by=ME)
    return dict(reconciling.summary(organisation=house.id, by=ME).counts)


def sound(*loud: float, seconds: float = 4.0) -> bytes:
    """A WAV with a tone as loud as said on each channel."""
    made = tones(*(200.0 + 50 * n for n in range(len(loud))), seconds=seconds)
    out = io.BytesIO()
    write_wav(out, [(made * np.array(loud, np.float32)[:, None])], rate=8000, channels=len(loud))
    return out.getvalue()


def recorded(house: Organisation, name: str, data: bytes, **facts: Any) -> Conversation:
    with recogniser({}):
        row = arrived(house, source=name, sound=data, started_at=EARLY, **facts)
        written(house, row)
    return row


# ---- call records ----


def test_each_verdict_is_found_where_it_is_planted(house: Organisation) -> None:
    recorded(house, "fine", sound(1, 0.8))
    recorded(house, "one-sided", sound(1, 0))
    recorded(house, "silent", sound(0, 0, seconds=4.5))
    recorded(house, "short", sound(0.9, 0.9))
    recorded(house, "on hold", sound(0.7, 0.7))
    recorded(house, "extra", sound(0.6, 0.6))
    load(
        house, line("fine"), line("one-sided"), line("silent", seconds=4.5), line("short", seconds=60), line("gone"),
        line("twice"), line("twice"), line("coming", start=datetime.now(UTC).isoformat()),
    )  # fmt: skip
    recorded(house, "twice", sound(0.5, 0.5))
    assert verdicts(house) == {
        "found": 1, "one-sided": 1, "silent": 1, "truncated": 1, "missing": 1, "duplicate": 1, "waiting": 1
    }  # fmt: skip
    seen = reconciling.summary(organisation=house.id, by=ME)
    assert seen.problems == 5 and seen.extra == 2
    (one,) = reconciling.listed(organisation=house.id, verdict="one-sided", by=ME)
    assert one.detail == "customer" and one.reference.startswith("C-")


def test_a_file_that_breaks_off_is_truncated(house: Organisation) -> None:
    recorded(house, "cut", wav(200.0, 300.0, seconds=4.0)[:40_000])
    load(house, line("cut", seconds=2))
    assert verdicts(house) == {"truncated": 1}


def test_what_was_missing_and_comes_late_is_found(house: Organisation) -> None:
    load(house, line("late"))
    assert verdicts(house) == {"missing": 1}
    recorded(house, "late", sound(1, 1))
    assert verdicts(house) == {"found": 1}


def test_a_rule_makes_a_recording_an_error_and_a_gap_no_problem(house: Organisation) -> None:
    recorded(house, "lawyer", sound(1, 1), queue="Legal")
    keeping.add(
        organisation=house.id,
        given=keeping.Given(title="No legal calls", act="leave-out", queues=("legal",)),
        by=ME,
    )
    load(house, line("lawyer", queue="Legal"), line("lawyer 2", queue="Legal"))
    assert verdicts(house) == {"in-error": 1, "left-out": 1}


def test_numbers_are_not_taken_and_lines_that_are_wrong_are_named(house: Organisation) -> None:
    done = load(
        house, line("a"), "b,soon,4,in,Returns,x", "c,2026-01-05T09:00:00,-4,in,Returns,x", ",,,,,", line("a")
    )
    assert (done.new, done.known) == (1, 0) and [number for number, _ in done.wrong] == [3, 4, 5]
    assert load(house, line("a")).known == 1
    with purpose("ingest.write", organisation=house.id, by=ME):
        assert "15112345678" not in repr(list(CallRecord.objects.values()))
    for text in ("", "name\nx\n", "a" * 10):
        with pytest.raises(reconciling.RecordsRefused):
            reconciling.load_csv(organisation=house.id, text=text, by=ME)


def test_administrators_are_told_once_an_hour_and_only_numbers(house: Organisation, staff: Staff) -> None:
    staff("administrator")
    staff("supervisor")
    load(house, line("gone"), line("gone 2"))
    reconciling.judge(organisation=house.id, by=ME)
    load(house, line("gone 3"))
    reconciling.judge(organisation=house.id, by=ME)
    from plainspoken.disclosures.messages import read

    with purpose("service.notify", organisation=house.id, by=ME):
        (one,) = Message.objects.filter(about="reconciliation")
        letter = read(one)
    assert "2 recordings need somebody" in letter.title and "Not recorded: 2" in letter.text
    assert "gone" not in letter.text and "administrator@" in letter.to


def test_who_looked_is_warned_no_more_until_something_new(house: Organisation) -> None:
    load(house, line("gone"))
    reconciling.judge(organisation=house.id, by=ME)
    assert reconciling.open_problems(organisation=house.id, by=ME) == 1
    assert reconciling.look_at(organisation=house.id, verdict="missing", by=ME) == 1
    assert reconciling.open_problems(organisation=house.id, by=ME) == 0
    reconciling.judge(organisation=house.id, by=ME)
    assert reconciling.open_problems(organisation=house.id, by=ME) == 0
    load(house, line("gone 2"))
    reconciling.judge(organisation=house.id, by=ME)
    assert reconciling.open_problems(organisation=house.id, by=ME) == 1


def test_the_list_leaves_through_the_gate(house: Organisation) -> None:
    load(house, line("gone"))
    reconciling.judge(organisation=house.id, by=ME)
    text = reconciling.export(organisation=house.id, by=ME)
    assert text.splitlines()[1].split(",")[3:5] == ["Returns", "missing"] and "gone" not in text
    from plainspoken.disclosures.models import Release

    with purpose("security.audit", organisation=house.id, by=ME):
        assert Release.objects.filter(about="exchange.calls", outcome="released", parts=1).count() == 1


def test_an_erasure_takes_the_call_record_along(house: Organisation) -> None:
    row = recorded(house, "fine", sound(1, 1))
    load(house, line("fine"), line("gone"))
    reconciling.judge(organisation=house.id, by=ME)
    from plainspoken.custody import acts
    from plainspoken.custody.places import place

    with purpose("rights.execute", organisation=house.id, by=ME):
        subject = row.participations.get(role="customer").subject_id
        assert acts.erase(place("exchange.CallRecord"), subject, by=ME).count == 1
        assert [one.verdict for one in CallRecord.objects.all()] == ["missing"]


# ---- rules of what is kept ----


def chat(house: Organisation, name: str, said: str = "Where is my parcel?", **facts: Any) -> Conversation:
    row = arrived(
        house,
        source=name,
        words=[Utterance(said, "customer"), Utterance(f"One moment, {name}.", "agent")],
        **facts,
    )
    written(house, row)
    return row


def complaints_and_a_tenth(house: Organisation, percent: float = 10) -> None:
    keeping.add(
        organisation=house.id,
        given=keeping.Given(title="Complaints", act="keep", words=("complaint", "complain")),
        by=ME,
    )
    keeping.add(
        organisation=house.id, by=ME,
        given=keeping.Given(title="A tenth of the rest", act="sample", percent=percent, rest_for="P30D"),
    )  # fmt: skip


def test_complaints_stay_a_tenth_of_the_rest_stays_and_each_says_why(
    house: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaints_and_a_tenth(house)
    unhappy = [chat(house, f"u{n}", f"I have a complaint about {n}") for n in range(3)]
    others = [chat(house, f"o{n}", f"Where is parcel {n}?") for n in range(12)]
    said = {
        one.id: keeping.explain(organisation=house.id, conversation=one.id, by=ME)
        for one in (*unhappy, *others)
    }
    again = {
        one.id: keeping.explain(organisation=house.id, conversation=one.id, by=ME)
        for one in (*unhappy, *others)
    }
    assert said == again, "whoever asks gets the same answer"
    assert all(said[one.id].kept and "Complaints" in said[one.id].sentence for one in unhappy)
    going = {one.id for one in others if not said[one.id].kept}
    assert going and all(
        "so it ends on" in said[key].sentence and "10 %" in said[key].sentence for key in going
    )
    assert keeping.end_rest(organisation=house.id, by=ME) == 0, "their thirty days are not over"
    real = keeping.clock.now
    monkeypatch.setattr(keeping.clock, "now", lambda org: real(org) + timedelta(days=31))
    assert keeping.end_rest(organisation=house.id, by=ME) == len(going)
    assert keeping.end_rest(organisation=house.id, by=ME) == 0
    with purpose("ingest.write", organisation=house.id, by=ME):
        left = set(
            Conversation.objects.filter(organisation=house, erased_at=None).values_list("id", flat=True)
        )
    assert left == {one.id for one in (*unhappy, *others)} - going


def test_a_sample_is_as_large_as_it_says() -> None:
    rule = keeping.Rule(uuid4(), 1, "x", "sample", (), (), (), (), 10.0, None, "seed")
    drawn = sum(rule.draws(UUID(int=n)) for n in range(20_000))
    # A tenth of 20,000 within four standard deviations (binomial: 42.4).
    assert abs(drawn - 2000) < 170
    more = keeping.Rule(uuid4(), 1, "x", "sample", (), (), (), (), 20.0, None, "seed")
    assert all(more.draws(UUID(int=n)) for n in range(2000) if rule.draws(UUID(int=n))), (
        "a larger share keeps the smaller"
    )


def test_who_is_held_stays_though_no_sample_keeps_them(
    house: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaints_and_a_tenth(house, percent=0)
    row = chat(house, "held")
    from plainspoken.retention.services import place_hold

    with purpose("ingest.write", organisation=house.id, by=ME):
        subject = row.participations.get(role="customer").subject_id
    assert subject is not None
    place_hold(organisation=house.id, subject=subject, reason="claims", law="x", until=None, by=ME)
    real = keeping.clock.now
    monkeypatch.setattr(keeping.clock, "now", lambda org: real(org) + timedelta(days=31))
    assert keeping.end_rest(organisation=house.id, by=ME) == 0


def test_what_a_rule_leaves_out_is_refused_and_nothing_stays(house: Organisation) -> None:
    keep = keeping.Given(title="Board", act="keep", queues=("Board",))
    keeping.add(organisation=house.id, given=keep, by=ME)
    out = keeping.add(
        organisation=house.id,
        given=keeping.Given(title="No internal calls", act="leave-out", directions=("internal",)),
        by=ME,
    )
    with pytest.raises(ArrivalRefused, match="No internal calls") as refused:
        arrived(house, direction="internal")
    assert refused.value.code == "left-out"
    assert arrived(house, direction="internal", queue="Board", source="b"), "an earlier rule decides first"
    assert keeping.end(organisation=house.id, rule=out.id, by=ME) and not keeping.end(
        organisation=house.id, rule=out.id, by=ME
    )
    assert arrived(house, direction="internal")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"title": "", "act": "keep"}, "needs a title"),
        ({"title": "x", "act": "burn"}, "does one of"),
        ({"title": "x", "act": "leave-out"}, "leave everything out"),
        ({"title": "x", "act": "leave-out", "words": ("a",), "queues": ("b",)}, "too late"),
        ({"title": "x", "act": "sample", "rest_for": "P30D"}, "share between"),
        ({"title": "x", "act": "sample", "percent": 101, "rest_for": "P30D"}, "share between"),
        ({"title": "x", "act": "sample", "percent": 10, "rest_for": "soon"}, "such as P30D"),
        ({"title": "x", "act": "sample", "percent": 10, "rest_for": "P9Y"}, "longer than the policy"),
        ({"title": "x", "act": "keep", "kinds": ("letter",)}, "Kinds are"),
    ],
)
def test_rules_that_cannot_be(house: Organisation, given: dict[str, Any], says: str) -> None:
    with pytest.raises(keeping.RuleRefused, match=says):
        keeping.add(organisation=house.id, given=keeping.Given(**given), by=ME)


# ---- the pipeline ----


def test_stations_count_what_waits_runs_and_failed(house: Organisation) -> None:
    arrived(house, source="waits")
    written(house, arrived(house, source="done", words=[Utterance("Hello again", "customer")]))
    with recogniser({}, fails=RuntimeError("broken")):
        failing = arrived(house, source="fails", sound=wav(250.0, seconds=1.0))
        with pytest.raises(Exception, match="recogniser failed"):
            written(house, failing)
    found = pipeline.progress(organisation=house.id, by=ME)
    by_key = {one.key: one for one in found.stations}
    assert (by_key["hearing"].waiting, by_key["hearing"].failed) == (1, 1) and by_key[
        "hearing"
    ].oldest is not None
    assert by_key["arrival"].per_hour == 3 and by_key["redaction"].per_hour == 1
    assert [(one.code, one.count) for one in found.failures] == [("recogniser-failed", 1)]


def test_people_come_before_archives(house: Organisation, queue: Callable[[], list[tuple[str, int]]]) -> None:
    from plainspoken.conversations import services

    for name, bulk in (("archive", True), ("caller", False)):
        services.arrive(
            organisation=house.id, point="conversation.upload", facts={"source_id": name},
            words=[Utterance(f"I am {name}", "customer")], bulk=bulk, by=ME,
        )  # fmt: skip
    assert [priority for _, priority in queue()] == [5, -5], "the archive came first and is written last"


@pytest.fixture
def queue(house: Organisation) -> Callable[[], list[tuple[str, int]]]:
    """Jobs of this house in the order in which a worker takes them (procrastinate: priority, then id)."""

    def look() -> list[tuple[str, int]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT status::text, priority FROM procrastinate_jobs WHERE args ->> 'organisation' = %s"
                " ORDER BY priority DESC, id",
                [str(house.id)],
            )
            return list(cursor.fetchall())

    return look


def test_what_a_dead_worker_left_is_put_back(
    house: Organisation, queue: Callable[[], list[tuple[str, int]]]
) -> None:
    arrived(house)
    with connection.cursor() as cursor:
        for age in (300, 0):
            cursor.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s)) RETURNING id",
                [age],
            )
            worker = cursor.fetchone()[0]
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE args ->> 'organisation' = %s",
                [worker, str(house.id)],
            )
            assert pipeline.put_back() == (1 if age else 0)
            assert queue()[0][0] == ("todo" if age else "doing"), "who lives keeps its job"


def test_by_api_only_administrators(house: Organisation, staff: Staff) -> None:
    _, browser = staff("administrator")
    _, agent = staff("agent")
    calls = [{"call_id": "gone", "started_at": EARLY, "duration": 5, "queue": "Returns"}]
    sent = browser.post("/api/calls", json.dumps(calls), content_type="application/json")
    assert sent.status_code == 200 and sent.json()["new"] == 1, sent.content
    assert browser.get("/api/calls").json()["open"] == {"missing": 1}
    rule = {"title": "A tenth", "act": "sample", "percent": 10, "rest_for": "P30D"}
    made = browser.post("/api/keeping", json.dumps(rule), content_type="application/json")
    assert made.status_code == 201
    row = chat(house, "asked")
    assert "A tenth" in browser.get(f"/api/conversations/{row.id}/keeping").json()["sentence"]
    assert browser.delete(f"/api/keeping/{made.json()['id']}").status_code == 204
    assert browser.get("/api/keeping").json() == []
    assert browser.get("/api/pipeline").json()["stations"]
    for path in ("/api/calls", "/api/sources", "/api/keeping", "/api/pipeline"):
        assert agent.get(path).status_code == 403, path


def test_a_person_gets_a_copy_of_what_the_telephone_system_told(house: Organisation) -> None:
    row = recorded(house, "fine", sound(1, 1))
    load(house, line("fine"))
    reconciling.judge(organisation=house.id, by=ME)
    from plainspoken.custody import acts
    from plainspoken.custody.places import place

    with purpose("rights.execute", organisation=house.id, by=ME):
        subject = row.participations.get(role="customer").subject_id
        (one,) = acts.copy(place("exchange.CallRecord"), subject)
    assert json.dumps(dict(one.values), default=str) and one.values["queue"] == "Returns"
