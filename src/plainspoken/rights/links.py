"""Addresses of a request's public pages, for mails. The pages belong to the portal, which lies above."""

from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from plainspoken.custody.models import Organisation


def track(*, organisation: UUID, reference: str, token: str) -> str:
    """Where a person follows their request; the token lets them in."""
    return _absolute("portal:track", organisation, reference, token)


def prove(*, organisation: UUID, reference: str, token: str) -> str:
    """Where a person enters their code."""
    return _absolute("portal:verify", organisation, reference, token)


def _absolute(name: str, organisation: UUID, reference: str, token: str) -> str:
    slug = Organisation.objects.values_list("slug", flat=True).get(id=organisation)
    for arguments in ({"organisation": slug, "reference": reference}, {"reference": reference}):
        try:
            path = reverse(name, kwargs=arguments)
        except NoReverseMatch:
            continue
        return f"{settings.SITE_URL}{path}?{urlencode({'key': token})}"
    return f"{settings.SITE_URL}/?{urlencode({'reference': reference, 'key': token})}"
