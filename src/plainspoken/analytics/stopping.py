"""The link that ends a report's mails with one click: it names the subscription and is signed, so nothing is stored."""

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

ABOUT = "report-subscription:"
_SALT = "plainspoken.analytics.stop"


class NoSuchLink(LookupError):
    """The link is none of ours."""


def link(rest: str) -> str:
    """Where one click stops it; `rest` is "organisation/subscription"."""
    return f"{settings.SITE_URL}{reverse('analytics:stop', kwargs={'secret': secret_of(rest)})}"


def about(*, organisation: UUID, subscription: UUID) -> str:
    """What a mail of a subscription is about."""
    return f"{ABOUT}{organisation}/{subscription}"


def secret_of(rest: str) -> str:
    """The signed text in the link."""
    return Signer(salt=_SALT, sep="~").sign(rest.replace("/", "."))


def named(secret: str) -> tuple[UUID, UUID]:
    """(organisation, subscription) of a link. Raises NoSuchLink."""
    try:
        organisation, _, subscription = Signer(salt=_SALT, sep="~").unsign(secret).partition(".")
        return UUID(organisation), UUID(subscription)
    except (BadSignature, ValueError) as error:
        raise NoSuchLink("This link is not one of ours. Copy it whole from the mail.") from error
