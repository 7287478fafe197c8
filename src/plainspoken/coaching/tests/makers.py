"""A centre in which somebody is coached: calls of Jo Kim, evaluated as a test says, and sound where it needs some."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.test import Client

from plainspoken.coaching.models import CoachingSession, Goal, LibraryClip
from plainspoken.coaching.services import goals, sessions, sharing
from plainspoken.conversations import services as conversations
from plainspoken.conversations.arrival import Utterance
from plainspoken.conversations.models import Clip, Conversation, Participation
from plainspoken.conversations.tests.makers import arrived, recogniser, wav, written
from plainspoken.custody import clock
from plainspoken.custody.actors import Actor
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.kernels.quality import Answer
from plainspoken.kernels.quality.tests.forms import SERVICE
from plainspoken.people.models import Membership
from plainspoken.quality.models import FormVersion
from plainspoken.quality.services import evaluating, forming
from plainspoken.quality.tests.makers import FULL, ME, login_of, member


@dataclass
class Centre:
    """Jo is coached by Ann; Bob supervises too, Mia is a colleague of Jo."""

    house: Organisation
    jo: Membership
    mia: Membership
    ann: Membership
    bob: Membership
    version: FormVersion
    made: int = 0

    @property
    def agent(self) -> UUID:
        assert self.jo.subject_id is not None
        return self.jo.subject_id

    def actor(self, who: str) -> Actor:
        from plainspoken.custody.actors import person

        return person(getattr(self, who).account_id)

    def browser(self, who: str) -> Client:
        browser = Client()
        browser.force_login(getattr(self, who).account)
        return browser

    @contextmanager
    def session(self, name: str = "quality.evaluate") -> Iterator[None]:
        with purpose(name, organisation=self.house.id, by=ME):
            yield

    # ---- calls ----

    def call(self, *, when: datetime | None = None, agent: Membership | None = None) -> Conversation:
        """A written call of Jo, or of somebody else, of a customer of its own."""
        self.made += 1
        who = agent or self.jo
        row = arrived(
            self.house,
            source=f"call-{self.made}",
            agent_name=who.account.name,
            agent_email=who.account.email,
            customer_name="Ada Lovelace",
            customer_email=f"ada{self.made}@lovelace.example",
            started_at=(when or clock.now(self.house.id)).isoformat(),
            words=[
                Utterance(f"This is {who.account.name}, call {self.made}.", "agent"),
                Utterance(f"My lamp number {self.made} is broken.", "customer"),
            ],
        )
        written(self.house, row)
        return row

    def evaluated(
        self,
        *,
        when: datetime | None = None,
        agent: Membership | None = None,
        remark: tuple[float, str, str] | None = None,
        **answers: str,
    ) -> Any:
        """A released evaluation of a call that began then; `remark` is second, text and question."""
        row = self.call(when=when, agent=agent)
        given = {"organisation": self.house.id, "by": self.actor("ann")}
        made = evaluating.begin(**given, conversation=row.id, form=self.version.form_id)
        said = {**FULL, **{name: Answer(value) for name, value in answers.items()}}
        evaluating.save(**given, evaluation=made.id, answers=said)
        if remark:
            evaluating.remark(**given, evaluation=made.id, at_s=remark[0], text=remark[1], question=remark[2])
        evaluating.submit(**given, evaluation=made.id)
        return evaluating.release(**given, evaluation=made.id)

    def ago(self, days: float) -> datetime:
        return clock.now(self.house.id) - timedelta(days=days)

    def travel(self, days: int) -> None:
        """The house's clock goes on."""
        Organisation.objects.using("owner").filter(id=self.house.id).update(
            kind="proving", clock_shift=timedelta(days=days)
        )

    # ---- coaching ----

    def terms(self, **more: Any) -> goals.Terms:
        given: dict[str, Any] = {
            "form": self.version.form_id,
            "question": "solved",
            "made_by": "person",
            "target": 80,
            "due_on": goals.today(self.house.id) + timedelta(days=30),
            "text": "Say what happens next.",
        }
        return goals.Terms(**{**given, **more})

    def goal(self, who: str = "ann", **more: Any) -> Goal:
        return goals.propose(
            organisation=self.house.id, agent=self.agent, terms=self.terms(**more), by=self.actor(who)
        )

    def running(self, **more: Any) -> Goal:
        made = self.goal(**more)
        return goals.agree(organisation=self.house.id, goal=made.id, by=self.actor("jo"))

    def meeting(self, **more: Any) -> CoachingSession:
        at = clock.now(self.house.id) + timedelta(hours=1)
        return sessions.plan(
            organisation=self.house.id, agent=self.agent, by=self.actor("ann"), **{"at": at, **more}
        )

    def heard_call(self) -> Conversation:
        """A call of Jo with sound."""
        with recogniser({0: "this is Jo Kim of returns", 1: "I am Ada Lovelace and my lamp is broken"}):
            row = arrived(self.house, sound=wav(), source="heard", agent_email=self.jo.account.email)
            written(self.house, row)
        return row

    def clip(self, row: Conversation, who: str = "ann") -> Clip:
        with purpose("quality.evaluate", organisation=self.house.id, by=self.actor(who)):
            return conversations.clip(
                conversation=Conversation.objects.get(id=row.id),
                start_s=1.0,
                end_s=4.0,
                title="A warm start",
                by=self.actor(who),
            )

    def offered(self, who: str = "ann", row: Conversation | None = None) -> LibraryClip:
        clip = self.clip(row or self.heard_call(), who)
        return sharing.offer(
            organisation=self.house.id, clip=clip.id, text="Name, team, offer of help.", by=self.actor(who)
        )

    def customer(self, conversation: UUID) -> UUID:
        with self.session("rights.execute"):
            rows = Participation.objects.filter(conversation_id=conversation, role="customer")
            found = rows.values_list("subject_id", flat=True).get()
        assert found is not None
        return found


def centre(house: Organisation) -> Centre:
    """Two supervisors, two agents, a form in use."""
    people = {
        login: member(house, "supervisor", f"{login}@{house.slug}.example", login.capitalize())
        for login in ("ann", "bob")
    }
    jo = member(house, "agent", login_of(house), "Jo Kim")
    mia = member(house, "agent", f"mia@{house.slug}.example", "Mia Noor")
    version = forming.begin(organisation=house.id, content=SERVICE, by=ME)
    version = forming.publish(organisation=house.id, form=version.form_id, by=ME)
    return Centre(house, jo, mia, people["ann"], people["bob"], version)
