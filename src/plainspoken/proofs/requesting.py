"""Asking as a person would: the public page, the code from the mail, the page that tracks the request."""

import re
from dataclasses import dataclass
from typing import Any

import httpx

from plainspoken.proofs.mailbox import text_of
from plainspoken.proofs.world import Somebody, World, submit, token_of

REFERENCE = re.compile(r"R-\d{4}-\d{4,}")


class NotFiled(RuntimeError):
    """The public page did not take the request."""


@dataclass
class Asking:
    """A request on its way, in the browser of who asked."""

    world: World
    browser: httpx.Client
    reference: str
    person: Somebody

    @property
    def tracked(self) -> str:
        """The page that follows the request, as HTML."""
        return self.browser.get(f"/privacy/{self.world.slug}/track/{self.reference}/").text

    def mailed(self, *, count: int = 1) -> list[str]:
        """The texts of the mails that came."""
        return [text_of(m) for m in self.world.mailbox.wait(self.person.email, count=count)]

    def code(self, *, nth: int = 1) -> str:
        """The newest code that came by mail; empty when none came."""
        mails = self.mailed(count=nth)
        codes = [m.group(1) for text in mails if (m := re.search(r"\b(\d{6,10})\b", text))]
        return codes[-1] if codes else ""

    def enter(self, code: str) -> httpx.Response:
        """Type a code."""
        return submit(self.browser, f"/privacy/{self.world.slug}/verify/{self.reference}/", {"code": code})

    def prove(self) -> httpx.Response:
        """Type the code that came by mail."""
        return self.enter(self.code())


def answer_of_page(world: World, kind: str, person: Somebody, **more: str) -> httpx.Response:
    """What the public page answers to a request with these fields."""
    with world.visitor() as browser:
        return _sent(browser, world, kind, person, **more)


def _sent(browser: httpx.Client, world: World, kind: str, person: Somebody, **more: str) -> httpx.Response:
    path = f"/privacy/{world.slug}/ask/{kind}/"
    page = browser.get(path)
    fields = {
        "kind": kind,
        "name": person.name,
        "email": person.email,
        "phone": person.phone,
        "details": "",
        "law": "gdpr",
        **more,
    }
    return browser.post(
        path,
        data={**fields, "csrfmiddlewaretoken": token_of(page.text)},
        headers={"Referer": f"{world.url}{path}"},
    )


def ask(world: World, kind: str, person: Somebody, **more: str) -> Asking:
    """File a request on the public page. Raises NotFiled."""
    browser = world.visitor()
    answered = _sent(browser, world, kind, person, **more)
    found = REFERENCE.search(str(answered.url)) or REFERENCE.search(answered.text)
    if answered.status_code != 200 or not found:
        raise NotFiled(f"The request was not filed ({answered.status_code}).")
    return Asking(world=world, browser=browser, reference=found.group(0), person=person)


def desk(world: World, reference: str, *, who: str = "officer") -> dict[str, Any]:
    """The request as the privacy desk sees it."""
    with world.api(who) as api:
        answered = api.get(f"/requests/{reference}")
    answered.raise_for_status()
    return dict(answered.json())


def plan(world: World, reference: str) -> dict[str, Any]:
    """Make the plan, place by place."""
    with world.api("officer") as api:
        answered = api.get(f"/requests/{reference}/plan")
    answered.raise_for_status()
    return dict(answered.json())


def decide(world: World, reference: str, *, who: str = "officer", **more: str) -> httpx.Response:
    """Decide on the plan as it stands now."""
    made = plan(world, reference)
    with world.api(who) as api:
        return api.post(
            f"/requests/{reference}/execute", json={"plan": made["fingerprint"], "typed": reference, **more}
        )


def approve(world: World, reference: str, *, who: str = "second") -> httpx.Response:
    """The second person agrees."""
    made = plan(world, reference)
    with world.api(who) as api:
        return api.post(f"/requests/{reference}/approve", json={"plan": made["fingerprint"]})


def done(world: World, reference: str) -> bool:
    """Wait until the request is done."""
    return bool(world.eventually(lambda: desk(world, reference)["state"] == "done"))
