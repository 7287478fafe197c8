"""Running proofs: what is no proof is never held, and what a run says is signed, recorded and answered for."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from plainspoken.config import proof, running
from plainspoken.custody import sealing
from plainspoken.custody.actors import program
from plainspoken.policies import queries
from plainspoken.policies.services import ProofRefused, record_proof
from plainspoken.proofs import commands, registry
from plainspoken.proofs.mailbox import Mailbox
from plainspoken.proofs.registry import Proof, provers, run
from plainspoken.proofs.tests.harness import System, command
from plainspoken.proofs.world import Answered, Player, World, span, surely_over

Patch = pytest.MonkeyPatch


@pytest.fixture
def dead(tmp_path: Path) -> Iterator[World]:
    """A world in which nothing is: no server, no organisation, no command."""
    nobody = Player(role="", email="nobody@nowhere.example", password="", token="")
    with Mailbox() as mailbox:
        yield World(
            url="http://127.0.0.1:9",
            organisation="",
            slug="nowhere",
            people=dict.fromkeys(("agent", "supervisor", "officer", "second", "administrator"), nobody),
            mailbox=mailbox,
            command=lambda arguments: Answered(code=1, out="", err="There is nothing here."),
            folder=tmp_path,
        )


@pytest.mark.parametrize("clause", sorted(provers()))
def test_nothing_holds_where_nothing_runs(dead: World, clause: str) -> None:
    assert run(clause, dead).status == "broken"


@pytest.mark.parametrize("clause", sorted(provers()))
def test_nothing_holds_in_an_organisation_that_is_not_there(system: System, dead: World, clause: str) -> None:
    """The server runs and the commands work; there is only no such organisation."""
    assert run(clause, replace(dead, url=system.url, command=command)).status == "broken"


def test_a_clause_without_a_prover_is_unproved(dead: World) -> None:
    result = run("notice.pdf", dead)
    assert (result.status, result.seconds) == ("unproved", 0.0)
    assert [step.status for step in result.evidence] == ["unproved"]


def looks_at_nothing(world: World, proof: Proof) -> None:
    pass


def stumbles(world: World, proof: Proof) -> None:
    proof.see(True, "It begins well")
    raise RuntimeError("and ends\nbadly")


def is_told_no(world: World, proof: Proof) -> None:
    proof.see(True, "It begins well")
    proof.see(0, "Somebody is there", "Nobody is there")
    proof.see(True, "This is never reached")


@pytest.mark.parametrize(
    ("prover", "last"),
    [
        (looks_at_nothing, "The prover looked at nothing."),
        (stumbles, "The proof could not be carried out: RuntimeError: and ends"),
        (is_told_no, "Nobody is there"),
    ],
)
def test_what_is_no_proof_is_broken(dead: World, monkeypatch: Patch, prover: Any, last: str) -> None:
    provers()
    monkeypatch.setitem(registry._provers, "notice.pdf", prover)
    result = run("notice.pdf", dead)
    assert (result.status, result.evidence[-1].text) == ("broken", last)
    assert [step.status for step in result.evidence].count("broken") == 1


def test_a_clause_has_one_prover() -> None:
    provers()
    with pytest.raises(ValueError, match="has a prover already"):
        registry.proves("notice.layered")(looks_at_nothing)


# ---- on the command line ----

SHORT = ["notice.layered", "notice.pdf"]


@pytest.fixture
def proving(system: System, monkeypatch: Patch) -> Callable[..., Answered]:
    """`plainspoken policy prove …` on the running system of this process."""

    @contextmanager
    def here(**more: Any) -> Iterator[str]:
        yield system.url

    monkeypatch.setattr(running, "server", here)
    monkeypatch.setattr(commands, "command", command)
    return lambda *clauses: command(["policy", "prove", *clauses, "--json"])


def public_key(system: System) -> Ed25519PublicKey:
    """The key as an exported ledger publishes it."""
    path = system.folder / "ledger.json"
    assert command(["ledger", "export", str(path)]).code == 0
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(json.loads(path.read_text())["public_key"]))


def test_a_run_is_whole_signed_and_recorded(system: System, proving: Callable[..., Answered]) -> None:
    answered = proving(*SHORT)
    assert answered.code == 0, answered.err
    made = answered.data
    assert set(made) == {"clauses", "policy_version", "ledger_head", "signature"}
    assert [(c["id"], c["status"]) for c in made["clauses"]] == list(
        zip(SHORT, ("held", "unproved"), strict=True)
    )
    for clause in made["clauses"]:
        assert set(clause) == {"id", "status", "evidence", "seconds"}
        assert all(set(step) == {"status", "text", "seconds"} for step in clause["evidence"])
    assert made["policy_version"] == 1 and len(made["ledger_head"]) == 64
    content = {name: value for name, value in made.items() if name != "signature"}
    signed = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    public_key(system).verify(bytes.fromhex(made["signature"]), signed)
    stands = {row.clause.id: row.status for row in queries.clause_table(organisation=system.house.id)}
    assert stands["notice.layered"] == "held" and stands["notice.pdf"] == "unproved"


def test_a_broken_clause_ends_with_one(
    system: System, proving: Callable[..., Answered], monkeypatch: Patch
) -> None:
    from plainspoken.policies import notices

    made = notices.controller
    monkeypatch.setattr(notices, "controller", lambda policy: made(policy)[1:])
    answered = proving("notice.controller")
    assert answered.code == 1
    (clause,) = answered.data["clauses"]
    assert clause["status"] == "broken" and clause["evidence"][-1]["text"] == "The notice lacks name"
    stands = {row.clause.id: row.why for row in queries.clause_table(organisation=system.house.id)}
    assert stands["notice.controller"] == "The notice lacks name"


def test_an_unknown_clause_ends_with_two(proving: Callable[..., Answered]) -> None:
    answered = proving("notice.layered", "shoes.none")
    assert (answered.code, answered.out) == (2, "") and "shoes.none" in answered.err


def test_only_unproved_is_no_failure_and_no_success(proving: Callable[..., Answered]) -> None:
    answered = proving("notice.pdf")
    assert answered.code == 0 and [c["status"] for c in answered.data["clauses"]] == ["unproved"]


def test_proving_leaves_no_organisation_behind(system: System, proving: Callable[..., Answered]) -> None:
    from plainspoken.custody.models import Organisation
    from plainspoken.people.models import Account

    before = Account.objects.count()
    proving("notice.layered")
    assert not Organisation.objects.filter(kind=Organisation.Kind.PROVING).exists()
    assert Account.objects.count() == before


@pytest.mark.parametrize(
    "tamper",
    [
        lambda made: made["clauses"][0].update(status="held"),
        lambda made: made["clauses"][0]["evidence"].clear(),
        lambda made: made.update(ledger_head="0" * 64),
        lambda made: made.update(policy_version=2),
        lambda made: made.update(signature="00" * 64),
        lambda made: made["clauses"].pop(),
    ],
)
def test_a_run_that_was_changed_is_refused(system: System, tamper: Callable[[dict[str, Any]], Any]) -> None:
    results = [registry.Result("notice.layered", "broken", (registry.Step("broken", "No.", 0.1),), 0.1)]
    made = proof.signed(organisation=system.house, results=results, by=program("test"))
    changed = json.loads(json.dumps(made))
    tamper(changed)
    with pytest.raises(ProofRefused):
        record_proof(organisation=system.house.id, run=changed, by=program("test"))
    assert (
        record_proof(organisation=system.house.id, run=made, by=program("test")).signature
        == made["signature"]
    )


def test_the_head_is_the_ledgers_own(system: System) -> None:
    made = proof.signed(organisation=system.house, results=[], by=program("test"))
    assert made["ledger_head"] in {b["head"] for b in _heads(system)}


def _heads(system: System) -> list[dict[str, str]]:
    from plainspoken.custody.ports import anchors

    sealing.seal(organisation=system.house.id)
    return [{"head": head} for _, head in anchors().all(organisation=system.house.id)]


# ---- durations ----


@pytest.mark.parametrize(
    ("iso", "days", "over"),
    [("P6M", 168, "P6M3D"), ("P2Y", 730, "P24M3D"), ("P14D", 14, "P0M17D"), ("PT15M", 0, "PT960S")],
)
def test_spans_end_surely_before_and_after(iso: str, days: int, over: str) -> None:
    assert span(iso).days == days and surely_over(iso) == over


def test_what_is_no_duration_is_refused() -> None:
    for shape in (span, surely_over):
        with pytest.raises(ValueError, match="is no duration"):
            shape("soon")
