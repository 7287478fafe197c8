"""One centre for all journeys; a browser for each file, so that its loop does not outlive it."""

import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .centre import PASSWORD, Centre, served
from .tab import AXE, NARROW, ROOT, WIDE, Tab

LOGINS = {
    "agent": "daniel.hart",
    "supervisor": "helen.marsh",
    "second_supervisor": "jonas.weber",
    "analyst": "vera.lindqvist",
    "privacy_officer": "ruth.adler",
    "administrator": "peter.lang",
}
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--autoplay-policy=no-user-gesture-required", "--mute-audio",
)  # fmt: skip
Open = Callable[..., Tab]


@pytest.fixture(scope="session")
def centre(template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """Larkfield Home with its twelve calls, running."""
    if not (ROOT / "src/plainspoken/ui/static/vendor/tabler.css").is_file():
        pytest.fail("The front end is not built; run `make front` first.")
    with served(
        owner_url=os.environ["DATABASE_OWNER_URL"],
        app_url=os.environ["DATABASE_URL"],
        template=template_database,
        folder=tmp_path_factory.mktemp("centre"),
    ) as running:
        yield running


def _browser_path() -> str:
    """PLAINSPOKEN_BROWSER, one on the path, or Playwright's own; the tests fail where there is none."""
    spec = importlib.util.spec_from_file_location("find_browser", ROOT / "scripts" / "find_browser.py")
    assert spec and spec.loader
    finder = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(finder)
    path = finder.present()
    if not path or not Path(path).exists():
        pytest.fail(
            "The journeys need a Chromium: run `make browser`, or name one in PLAINSPOKEN_BROWSER.",
            pytrace=False,
        )
    return str(path)


@pytest.fixture(scope="module")
def browser(centre: Centre) -> Iterator[Any]:
    """A Chromium that talks to nobody but the centre."""
    from playwright.sync_api import sync_playwright

    if not AXE.is_file():
        pytest.fail("axe-core is not there; run `make front` first.", pytrace=False)
    path = _browser_path()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def enter(browser: Any, centre: Centre) -> Iterator[Open]:
    """`enter("supervisor")` gives a tab where this person has signed in; `enter("")` one of a visitor.

    A role signs in once a file, through the page; other tabs of the role take its cookies over.
    """
    kept: dict[str, Any] = {}
    contexts: list[Any] = []

    def make(role: str = "", *, narrow: bool = False, dark: bool = False, again: bool = False) -> Tab:
        context = browser.new_context(
            viewport=NARROW if narrow else WIDE,
            color_scheme="dark" if dark else "light",
            storage_state=None if again else kept.get(role),
            accept_downloads=True,
        )
        contexts.append(context)
        tab = Tab(context, centre.url)
        if role and (again or role not in kept):
            sign_in(tab, LOGINS[role])
            kept[role] = context.storage_state()
        return tab

    yield make
    for context in contexts:
        context.close()


def sign_in(tab: Tab, login: str, password: str = PASSWORD) -> None:
    """Through the sign-in page, as a person does."""
    page = tab.open("/account/login/")
    page.get_by_label("E-mail").fill(f"{login}@larkfield.example")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/account/login/" not in url)
    tab.settled()
