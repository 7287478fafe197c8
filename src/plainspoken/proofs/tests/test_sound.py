"""On a sound system every prover holds, all in one organisation and in the order of the policy, as `prove` runs them."""

from collections.abc import Iterator

import pytest

from plainspoken.kernels.policy.catalogue import CLAUSES
from plainspoken.proofs.registry import provers
from plainspoken.proofs.tests import harness
from plainspoken.proofs.world import World

PROVED = [clause for clause in CLAUSES if clause in provers()]


@pytest.fixture(scope="module")
def one_world(system: harness.System, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with harness.world(system, tmp_path_factory.mktemp("proofs")) as made:
        yield made


def test_every_clause_of_this_stage_has_a_prover() -> None:
    assert set(PROVED) == {
        "notice.layered",
        "notice.version",
        "notice.controller",
        "collect.categories",
        "collect.points",
        "security.safeguards",
        "use.purposes",
        "basis.register",
        "right.access",
        "right.erase",
        "right.restrict",
        "rights.verify",
        "disclose.default-deny",
        "retain.as-needed",
    }


@pytest.mark.parametrize("clause", PROVED)
def test_it_holds_where_it_is_enforced(one_world: World, clause: str) -> None:
    result = harness.held(clause, one_world)
    assert result.id == clause and result.seconds > 0 and len(result.evidence) > 2
