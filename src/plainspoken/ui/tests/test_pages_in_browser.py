"""Every page in a real browser: accessible, no sideways scroll, rings, nothing moves, nothing refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from . import gallery
from .examples import every_page

AXE = Path(__file__).resolve().parents[4] / "node_modules" / "axe-core" / "axe.min.js"
WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 390, "height": 844}
NAMES = sorted(every_page())


class Tab:
    """A page that writes down what the browser complains about."""

    def __init__(self, browser: Any, base: str, size: dict[str, int], theme: str) -> None:
        self.context = browser.new_context(viewport=size, color_scheme=theme)
        self.page = self.context.new_page()
        self.base = base
        self.faults: list[str] = []
        self.page.on(
            "console", lambda m: self.faults.append(m.text) if m.type in ("error", "warning") else None
        )
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def open(self, name: str) -> Any:
        self.faults.clear()
        self.page.goto(f"{self.base}/{name}")
        self.page.evaluate("document.fonts.ready.then(() => null)")
        self.page.evaluate(gallery.PROBES)
        return self.page


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.is_file():
        pytest.fail("axe-core is not there; run `npm ci` first.")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def wide(browser: Any, base: str) -> Iterator[Tab]:
    tab = Tab(browser, base, WIDE, "light")
    yield tab
    tab.context.close()


@pytest.fixture(scope="module")
def narrow(browser: Any, base: str) -> Iterator[Tab]:
    tab = Tab(browser, base, NARROW, "light")
    yield tab
    tab.context.close()


@pytest.fixture(scope="module")
def dark(browser: Any, base: str) -> Iterator[Tab]:
    tab = Tab(browser, base, NARROW, "dark")
    yield tab
    tab.context.close()


@pytest.mark.parametrize("name", NAMES)
def test_wide_and_light(wide: Tab, axe: str, name: str) -> None:
    page = wide.open(name)
    assert page.evaluate("probe.shift()") == 0
    assert wide.faults == [], "the browser complained"
    page.evaluate(axe)
    assert page.evaluate("probe.audit()") == []
    stops: list[dict[str, Any]] = []
    for _ in range(150):
        page.keyboard.press("Tab")
        stop = page.evaluate("probe.ring()")
        if stop is None or (stops and stop["stop"] == stops[0]["stop"]):
            break
        stops.append(stop)
    assert stops
    assert [stop["what"] for stop in stops if not stop["good"]] == [], "no ring"


@pytest.mark.parametrize("name", NAMES)
def test_narrow_and_light(narrow: Tab, axe: str, name: str) -> None:
    page = narrow.open(name)
    assert page.evaluate("probe.shift()") == 0
    width, needed = page.evaluate("probe.widths()")
    assert needed <= width
    assert page.evaluate("probe.cut()") == 0, "a table is cut off"
    assert page.evaluate("probe.small()") == [], "a target is under 44 pixels"
    page.evaluate(axe)
    assert page.evaluate("probe.audit()") == []


@pytest.mark.parametrize("name", NAMES)
def test_narrow_and_dark(dark: Tab, axe: str, name: str) -> None:
    page = dark.open(name)
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    page.evaluate(axe)
    assert page.evaluate("probe.audit()") == []


@pytest.mark.parametrize("name", ["conversation", "desk", "promises", "centre", "notice", "datamap"])
def test_four_hundred_per_cent_zoom_needs_no_sideways_scroll(narrow: Tab, name: str) -> None:
    page = narrow.open(name)
    page.set_viewport_size({"width": 320, "height": 256})
    try:
        width, needed = page.evaluate("probe.widths()")
        assert needed <= width
    finally:
        page.set_viewport_size(NARROW)
