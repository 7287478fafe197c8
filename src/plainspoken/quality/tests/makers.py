"""A centre in which somebody evaluates: a form in use, two supervisors, an agent, and their conversation."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from conftest import PASSWORD
from django.test import Client

from plainspoken.conversations.arrival import Utterance
from plainspoken.conversations.tests.makers import arrived, written
from plainspoken.custody.actors import Actor, person, program
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.kernels.quality import Answer
from plainspoken.kernels.quality.tests.forms import SERVICE
from plainspoken.people.models import Membership
from plainspoken.people.services import add_member
from plainspoken.quality.models import Evaluation, FormVersion
from plainspoken.quality.services import evaluating, forming

ME = program("test")
FULL = {"greeting": Answer("yes"), "verified": Answer("yes"), "solved": Answer("3"), "hold": Answer("no")}


@dataclass
class Centre:
    """A house with everything an evaluation needs."""

    house: Organisation
    agent: Membership
    ann: Membership
    bob: Membership
    cleo: Membership
    version: FormVersion
    conversation: UUID

    def actor(self, who: str) -> Actor:
        return person(getattr(self, who).account_id)

    def browser(self, who: str) -> Client:
        browser = Client()
        browser.force_login(getattr(self, who).account)
        return browser

    @contextmanager
    def session(self, name: str = "quality.evaluate") -> Iterator[None]:
        with purpose(name, organisation=self.house.id, by=ME):
            yield

    def begun(self, who: str = "ann") -> Evaluation:
        return evaluating.begin(
            organisation=self.house.id,
            conversation=self.conversation,
            form=self.version.form_id,
            by=self.actor(who),
        )

    def submitted(self, who: str = "ann", **more: Any) -> Evaluation:
        row = self.begun(who)
        evaluating.save(
            organisation=self.house.id, evaluation=row.id, answers={**FULL, **more}, by=self.actor(who)
        )
        return evaluating.submit(organisation=self.house.id, evaluation=row.id, by=self.actor(who))

    def released(self, who: str = "ann", **more: Any) -> Evaluation:
        row = self.submitted(who, **more)
        return evaluating.release(organisation=self.house.id, evaluation=row.id, by=self.actor(who))

    def now(self, row: Evaluation) -> Evaluation:
        """The row as it stands."""
        with self.session("rights.execute"):
            return Evaluation.objects.select_related("version__form", "conversation").get(id=row.id)


def member(house: Organisation, role: str, email: str, name: str) -> Membership:
    return add_member(
        organisation=house.id, email=email, name=name, role=Membership.Role(role), by=ME, password=PASSWORD,
        region="DE",
    )  # fmt: skip


def login_of(house: Organisation) -> str:
    """Jo Kim's address: an account is one for all houses of a database, so each house has a Jo of its own."""
    return f"jo.kim@{house.slug}.example"


def centre(house: Organisation) -> Centre:
    """One conversation of Jo Kim with Ada Lovelace, and three supervisors."""
    there = {
        login: member(house, "supervisor", f"{login}@{house.slug}.example", login.capitalize())
        for login in ("ann", "bob", "cleo")
    }
    agent = member(house, "agent", login_of(house), "Jo Kim")
    conversation = arrived(
        house,
        agent_email=login_of(house),
        words=[
            Utterance("Returns department, this is Jo Kim, how can I help?", "agent"),
            Utterance("My name is Ada Lovelace and my lamp is broken.", "customer"),
        ],
    )
    written(house, conversation)
    version = forming.begin(organisation=house.id, content=SERVICE, by=ME)
    version = forming.publish(organisation=house.id, form=version.form_id, by=ME)
    return Centre(house, agent, there["ann"], there["bob"], there["cleo"], version, conversation.id)
