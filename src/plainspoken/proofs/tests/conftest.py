"""A running system for each module, and a proving organisation of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from plainspoken.proofs.tests import harness
from plainspoken.proofs.world import World


@pytest.fixture(scope="module")
def system(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[harness.System]:
    """The house with our policy, served, with commands, jobs and a mailbox."""
    with harness.system(module_database, tmp_path_factory.mktemp("system")) as running:
        yield running


@pytest.fixture
def world(system: harness.System, tmp_path: Path) -> Iterator[World]:
    """A proving organisation in it."""
    with harness.world(system, tmp_path) as made:
        yield made
