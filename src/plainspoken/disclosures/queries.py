"""Reads about recipients, releases and the outbox of a demonstration."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Max

from plainspoken.custody import clock
from plainspoken.custody.models import Organisation
from plainspoken.custody.ports import KeyGone
from plainspoken.policies.queries import policy_in_force, rule
from plainspoken.ui.wording import purpose_short

from .messages import Letter, read
from .models import Message, Release
from .services import CLAUSE

REFUSALS_SHOWN = timedelta(days=30)


@dataclass(frozen=True)
class RecipientRow:
    """One recipient of the policy and what went there."""

    name: str
    title: str
    purposes: tuple[str, ...]
    categories: tuple[str, ...]
    released: int
    last: datetime | None


@dataclass(frozen=True)
class OutboxMail:
    """A mail that a demonstration kept instead of sending; `letter` is None once its key is gone."""

    id: UUID
    at: datetime
    about: str
    letter: Letter | None


def recipients(*, organisation: UUID) -> list[RecipientRow]:
    """Every recipient that the policy names, in its order. Needs a purpose session."""
    counted = {
        row["recipient"]: (row["number"], row["last"])
        for row in Release.objects.filter(organisation_id=organisation, outcome=Release.Outcome.RELEASED)
        .values("recipient")
        .annotate(number=Count("id"), last=Max("at"))
    }
    titles = {name: item.title for name, item in policy_in_force(organisation=organisation).purposes.items()}
    named = rule(organisation=organisation, clause=CLAUSE).recipients
    return [
        RecipientRow(
            name=name,
            title=item.title,
            purposes=tuple(purpose_short(p, titles.get(p, p)) for p in item.purposes),
            categories=tuple(item.categories),
            released=counted.get(name, (0, None))[0],
            last=counted.get(name, (0, None))[1],
        )
        for name, item in named.items()
    ]


def refused_lately(*, organisation: UUID) -> int:
    """How many releases the gate refused in the last 30 days. Needs a purpose session."""
    since = clock.now(organisation) - REFUSALS_SHOWN
    return Release.objects.filter(
        organisation_id=organisation, outcome=Release.Outcome.REFUSED, at__gte=since
    ).count()


def keeps_mail(house: Organisation) -> bool:
    """Whether its mails stay in an outbox here: a demonstration without a mail server."""
    return house.kind == Organisation.Kind.DEMO and not house.smtp_url


def outbox(*, organisation: UUID, most: int = 100) -> list[OutboxMail]:
    """What a demonstration kept instead of sending, newest first. Needs a purpose session."""
    rows = Message.objects.filter(organisation_id=organisation, state=Message.State.OUTBOX).order_by(
        "-made_at"
    )
    return [
        OutboxMail(id=row.id, at=row.made_at, about=row.about, letter=_opened(row)) for row in rows[:most]
    ]


def _opened(row: Message) -> Letter | None:
    try:
        return read(row)
    except KeyGone:
        return None
