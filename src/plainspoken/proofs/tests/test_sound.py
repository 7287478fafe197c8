"""On a sound system every prover holds: what the twins break is there to be broken."""

import pytest

from plainspoken.proofs.registry import provers
from plainspoken.proofs.tests.harness import held, told
from plainspoken.proofs.world import World


@pytest.mark.parametrize("clause", sorted(provers()))
def test_held(world: World, clause: str) -> None:
    result = held(clause, world)
    print(clause, result.seconds, told(result))
