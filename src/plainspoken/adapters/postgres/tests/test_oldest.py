"""The same tests on the oldest PostgreSQL that we run on, as an external server: the kernel's and the erasure's."""

import os
import subprocess
import sys
from pathlib import Path

from .conftest import External, provide

ROOT = Path(__file__).parents[5]
SAME = ("src/plainspoken/custody", "src/plainspoken/rights/tests/test_erasure.py")
MOST_S = 280


def test_kernel_and_erasure_on_an_external_server(external: External, tmp_path: Path) -> None:
    """Another process, with nothing of the embedded server; what is skipped or fails there fails here."""
    target = provide(external.admin_url)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST", "PLAINSPOKEN", "DATABASE"))
    }
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:xdist",
            f"--basetemp={tmp_path / 'runs'}",
            *SAME,
        ],
        cwd=ROOT,
        env={**kept, **target.urls, "PLAINSPOKEN_TEST_DATA": str(tmp_path / "data")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=MOST_S,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    last = done.stdout.strip().splitlines()[-1]
    assert " passed" in last and "skipped" not in last and "deselected" not in last, last
    assert external.version >= 150000
