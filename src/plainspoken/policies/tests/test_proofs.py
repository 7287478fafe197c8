"""Recording proofs, and how a clause stands by them."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import DatabaseError, transaction

from plainspoken.custody import sealing
from plainspoken.custody.actors import program
from plainspoken.custody.models import Organisation
from plainspoken.policies import queries, services
from plainspoken.policies.models import ProofResult, ProofRun

from .texts import REWORDED, changed

ME = program("test")
HELD = {
    "id": "right.erase",
    "status": "held",
    "evidence": [{"status": "held", "text": "Nothing is left.", "seconds": 1.5}],
    "seconds": 2.0,
}
BROKEN = {
    "id": "notice.layered",
    "status": "broken",
    "evidence": ["Fetched the notice.", {"status": "broken", "text": "A clause is missing.", "seconds": 0.1}],
    "seconds": 0.2,
}


def signed(
    house: Organisation, *clauses: dict[str, Any], key: Ed25519PrivateKey | None = None, **more: Any
) -> dict[str, Any]:
    """A run, signed here and not by the code under test: canonical JSON, Ed25519."""
    run = {"clauses": list(clauses), "policy_version": 1, "ledger_head": "ab" * 32, **more}
    payload = json.dumps(run, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return run | {"signature": (key or sealing.signing_key(house.id)).sign(payload).hex()}


def record(house: Organisation, *clauses: dict[str, Any], **more: Any) -> ProofRun:
    return services.record_proof(organisation=house.id, run=signed(house, *clauses, **more), by=ME)


def standing(house: Organisation, clause: str) -> queries.Standing:
    return next(row for row in queries.clause_table(organisation=house.id) if row.clause.id == clause)


def test_a_recorded_run_decides_how_clauses_stand(house: Organisation) -> None:
    run = record(house, HELD, BROKEN)
    erase = standing(house, "right.erase")
    assert (erase.status, erase.why, erase.seconds, erase.run) == ("held", "", 2.0, run.id)
    layered = standing(house, "notice.layered")
    assert (layered.status, layered.why) == ("broken", "A clause is missing.")
    other = standing(house, "right.access")
    assert (other.status, other.why) == ("unproved", "Not proved yet.")
    kept = queries.kept(organisation=house.id)
    assert kept is not None
    assert (kept.held, kept.broken, kept.unproved, kept.total) == (1, 1, 74, 76)
    assert kept.at == run.at


@pytest.mark.parametrize("clauses", [[HELD], []])
def test_the_last_result_counts(house: Organisation, clauses: list[dict[str, Any]]) -> None:
    record(house, HELD | {"status": "broken"})
    record(house, *clauses, ledger_head="cd" * 32)
    assert standing(house, "right.erase").status == ("held" if clauses else "broken")


def test_a_proof_of_an_older_text_counts_as_unproved_and_says_so(house: Organisation) -> None:
    record(house, HELD)
    services.publish(organisation=house.id, source=changed(REWORDED), file="p.md", by=ME)
    row = standing(house, "right.erase")
    assert row.status == "unproved"
    assert row.why.startswith("Last proved under version 1, on ")
    assert row.why.endswith("The text has changed since.")


def test_the_same_text_published_again_keeps_its_proofs(house: Organisation) -> None:
    record(house, HELD)
    original = queries.version(organisation=house.id, number=1).source
    services.publish(organisation=house.id, source=changed(REWORDED), file="p.md", by=ME)
    services.publish(organisation=house.id, source=original, file="p.md", by=ME)
    assert standing(house, "right.erase").status == "held"


def test_a_clause_without_a_prover_is_unproved_whatever_was_recorded(house: Organisation) -> None:
    record(house, HELD, BROKEN)
    queries.ask_provers(lambda: {"notice.layered": "proofs.notice.layered"})
    try:
        assert standing(house, "right.erase").why == queries.NO_PROVER
        assert standing(house, "notice.layered").status == "broken"
        assert standing(house, "notice.layered").clause.prover == "proofs.notice.layered"
    finally:
        queries._ask_provers.clear()


def test_recording_the_same_run_twice_is_one_run(house: Organisation) -> None:
    run = signed(house, HELD)
    first = services.record_proof(organisation=house.id, run=run, by=ME)
    assert services.record_proof(organisation=house.id, run=run, by=ME).id == first.id
    assert ProofRun.objects.count() == 1 and ProofResult.objects.count() == 1


def test_a_foreign_or_broken_signature_is_refused(house: Organisation) -> None:
    forged = signed(house, BROKEN | {"status": "held"}, key=Ed25519PrivateKey.generate())
    altered = signed(house, BROKEN)
    altered["clauses"][0]["status"] = "held"
    unsigned = {name: value for name, value in signed(house, HELD).items() if name != "signature"}
    for run in (forged, altered, unsigned, unsigned | {"signature": "no hex"}):
        with pytest.raises(services.ProofRefused, match="signature"):
            services.record_proof(organisation=house.id, run=run, by=ME)
    assert not ProofRun.objects.exists()


@pytest.mark.parametrize(
    "clause",
    [
        {"id": "right.erase", "status": "kept"},
        {"status": "held"},
        {"id": "right.erase", "status": "held", "evidence": "much"},
    ],
)
def test_a_run_that_is_not_whole_is_refused(house: Organisation, clause: dict[str, Any]) -> None:
    with pytest.raises(services.ProofRefused):
        record(house, clause)
    assert not ProofRun.objects.exists()


def test_a_run_of_a_version_that_never_was_is_refused(house: Organisation) -> None:
    with pytest.raises(queries.NoSuchVersion):
        record(house, HELD, policy_version=7)


def test_runs_are_never_changed(house: Organisation) -> None:
    record(house, BROKEN)
    for act in (
        lambda: ProofResult.objects.update(status="held"),
        lambda: ProofResult.objects.all().delete(),
        lambda: ProofRun.objects.update(by="other"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_earlier_runs_oldest_first(house: Organisation) -> None:
    for status in ("held", "broken", "held"):
        record(
            house,
            HELD | {"status": status, "seconds": 0.1},
            ledger_head=f"{status:0<64}"[:64],
            note=len(queries.runs(organisation=house.id, clause="right.erase")),
        )
    assert [row.status for row in queries.runs(organisation=house.id, clause="right.erase")] == [
        "held",
        "broken",
        "held",
    ]
