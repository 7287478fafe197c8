import pytest
from plainspoken.proofs.registry import provers
from plainspoken.proofs.tests.harness import held, told

@pytest.mark.parametrize("clause", ["right.access","rights.verify","right.restrict","use.purposes","right.access"])
def test_held(world, clause):
    r = held(clause, world)
    print(clause, r.seconds)
    print(told(r))
