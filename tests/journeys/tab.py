"""A tab of the browser that complains about what a person would, and keeps pictures."""

from pathlib import Path
from typing import Any

from plainspoken.ui.tests.gallery import PROBES

from .centre import until

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "screenshots"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
REFUSED = "the server responded with a status of"


class Tab:
    """One tab; `faults` are errors and warnings of the console since the last `open`, refusals by status apart."""

    def __init__(self, context: Any, base: str) -> None:
        self.context, self.base = context, base
        self.page = context.new_page()
        self.faults: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _heard(self, message: Any) -> None:
        # The browser writes each answer of 4xx into the console: that is the page's status, which tests ask for.
        if message.type in ("error", "warning") and REFUSED not in message.text:
            self.faults.append(message.text)

    def open(self, path: str, *, status: int = 200) -> Any:
        """Go to a page of the centre; it answers with this status and nothing in the console."""
        answer = self.page.goto(path if path.startswith("http") else f"{self.base}{path}")
        assert answer.status == status, f"{path} answered {answer.status}"
        self.settled()
        return self.page

    def settled(self) -> None:
        """Nothing moves any more, and nothing was complained of."""
        self.page.evaluate("document.fonts.ready.then(() => null)")
        assert self.faults == [], f"the browser complained on {self.page.url}"

    def refused(self, path: str) -> str:
        """A page that this role may not open says so in plain words."""
        page = self.open(path, status=403)
        assert page.locator("h1").inner_text() == "This is not for your role"
        assert "Nothing was shown and nothing was changed." in page.inner_text("main")
        return str(page.inner_text("main"))

    def when(self, expression: str, *, seconds: float = 20.0) -> None:
        """Wait until a JavaScript expression is true. Playwright's own waiting needs `eval`, which our policy refuses."""
        until(lambda: self.page.evaluate(expression), seconds=seconds, what=expression)

    def shot(self, name: str) -> Path:
        """Keep a picture of what is seen."""
        PICTURES.mkdir(exist_ok=True)
        path = PICTURES / f"{name}.png"
        self.page.screenshot(path=path, animations="disabled")
        return path

    def audit(self) -> list[str]:
        """Violations of axe, one line each."""
        self.page.evaluate(PROBES)
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: list[str] = self.page.evaluate("probe.audit()")
        # axe itself tries to put a style into the player's shadow root, which the page's policy refuses.
        self.faults = [fault for fault in self.faults if "Content Security Policy" not in fault]
        return found

    def fits(self) -> bool:
        """No sideways scroll."""
        width, needed = self.page.evaluate(
            "[document.documentElement.clientWidth, document.documentElement.scrollWidth]"
        )
        return bool(needed <= width)

    def text(self) -> str:
        """What stands in the page's main part."""
        return str(self.page.inner_text("main"))
