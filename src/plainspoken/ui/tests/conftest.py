"""One running gallery and one browser for all browser tests of this folder."""

from collections.abc import Iterator
from typing import Any

import pytest

from . import gallery


@pytest.fixture(scope="session", autouse=True)
def _prepared() -> None:
    gallery.prepare()


@pytest.fixture(scope="session")
def built() -> None:
    """The vendor folder is there; `make front` builds it."""
    if not (gallery.STATIC / "vendor" / "tabler.css").is_file():
        pytest.fail("The front end is not built; run `make front` first.")


@pytest.fixture(scope="session")
def base(built: None) -> Iterator[str]:
    """Address of the gallery."""
    with gallery.served() as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A Chromium for one file: its event loop must not outlive it, or Django refuses the tests that follow."""
    with gallery.browsing() as chromium:
        yield chromium
