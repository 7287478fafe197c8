import pytest
from plainspoken.proofs.registry import run
from plainspoken.proofs.tests.harness import held, told
@pytest.mark.parametrize("clause", ["right.access","right.erase","rights.verify","retain.as-needed","collect.points", "security.safeguards"])
def test_x(world, clause):
    r = run(clause, world); print(clause, r.status); print("\n".join(told(r).splitlines()[-3:]))
