"""Larkfield Home comes to life: an organisation of its own, its staff, its policy, its calls. Nothing here is random."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from plainspoken.conversations.arrival import Person as Party
from plainspoken.conversations.arrival import Utterance
from plainspoken.conversations.services import Arrival, arrive
from plainspoken.custody import clock
from plainspoken.custody.actors import program
from plainspoken.custody.models import Organisation
from plainspoken.custody.organisations import create
from plainspoken.demo.chats import DemoChat, chats
from plainspoken.demo.script import DemoCall, Person, calls, centre, staff
from plainspoken.people.models import Membership
from plainspoken.people.services import add_member
from plainspoken.policies.services import publish

SLUG = "larkfield"
REGION = "EU (Frankfurt)"
PHONE_REGION = "DE"
# Not a secret: a demonstration, whose sign-in page shows it.
PASSWORD = "larkfield-demo"  # noqa: S105
DEMO = program("demo")
POINT = "conversation.folder"


@dataclass(frozen=True)
class SignIn:
    """How to sign in to the demonstration as one role."""

    role: str
    name: str
    login: str
    password: str


def existing() -> Organisation | None:
    """The demonstration, if it is there."""
    return Organisation.objects.filter(slug=SLUG, kind=Organisation.Kind.DEMO).first()


def found(*, policy: str) -> Organisation:
    """The organisation with its published policy and its staff."""
    facts = centre()
    row = create(
        slug=SLUG,
        name=str(facts["name"]),
        home_region=REGION,
        kind=Organisation.Kind.DEMO,
        time_zone=str(facts["time_zone"]),
        language=str(facts["language"]),
        phone_region=PHONE_REGION,
    )
    publish(organisation=row.id, source=policy, file="plainspoken.md", by=DEMO)
    for member in staff():
        add_member(
            organisation=row.id,
            email=member.email,
            name=member.name,
            role=Membership.Role(member.role),
            password=PASSWORD,
            team=", ".join(sorted(member.queues))[:60],
            region=PHONE_REGION,
            by=DEMO,
        )
    return row


def sign_ins() -> Iterator[SignIn]:
    """One person of each role, as the demonstration offers them."""
    for role in Membership.Role:
        person = staff(role.value)[0]
        yield SignIn(role=role.label, name=person.name, login=person.email, password=PASSWORD)


def bring_in(
    *, organisation: UUID, each: Callable[[DemoCall, Arrival], None] = lambda call, arrival: None
) -> list[Arrival]:
    """The twelve calls arrive with their facts; twice makes no more of them."""
    today = _today(organisation)
    arrivals = []
    for call in calls():
        arrival = _arrive(organisation, call, today)
        each(call, arrival)
        arrivals.append(arrival)
    return arrivals


def bring_in_chats(*, organisation: UUID) -> list[Arrival]:
    """The chats arrive with their words; twice makes no more of them."""
    today = _today(organisation)
    return [_written(organisation, chat, today) for chat in chats()]


def _today(organisation: UUID) -> datetime:
    return clock.now(organisation).astimezone(ZoneInfo(str(centre()["time_zone"])))


def _written(organisation: UUID, chat: DemoChat, today: datetime) -> Arrival:
    return arrive(
        organisation=organisation,
        point=POINT,
        facts=chat.facts(today),
        words=[
            Utterance(text=text, speaker="agent" if who == "agent" else "customer")
            for who, text in chat.turns
        ],
        kind="chat",
        by=DEMO,
    )


def _arrive(organisation: UUID, call: DemoCall, today: datetime) -> Arrival:
    facts = call.facts(today)
    return arrive(
        organisation=organisation,
        point=POINT,
        facts=facts,
        media=call.sound,
        people=[_party(person) for person in call.others()],
        by=DEMO,
    )


def _party(person: Person) -> Party:
    """Somebody on the line beside the first customer, on the same channel."""
    return Party(
        role="customer",
        name=person.name,
        email=person.email,
        phone=person.phone,
        account=person.account,
        channel=1,
    )
