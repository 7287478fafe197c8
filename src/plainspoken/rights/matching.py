"""Whose request is it? Only what was proved leads to somebody: an address in a claim alone opens nothing."""

from dataclasses import dataclass
from uuid import UUID

from plainspoken.custody.actors import Actor
from plainspoken.custody.models import Organisation, Subject
from plainspoken.custody.sessions import required
from plainspoken.custody.subjects import make
from plainspoken.people import resolution
from plainspoken.people.models import Identifier
from plainspoken.people.resolution import Given

from .claims import Claim

SOURCE = "privacy.request"


@dataclass(frozen=True)
class Match:
    """The one subject, or the several between which a person must choose."""

    subject: UUID | None
    several: tuple[UUID, ...] = ()


def match(claim: Claim, *, by: Actor) -> Match:
    """Who has the proved e-mail address. Somebody we do not hold gets a pseudonym of their own.

    Several people may share an address; then the rest of the claim must single one out.
    """
    organisation = Organisation.objects.get(id=required().organisation)
    address = resolution.normalise(
        [Given(Identifier.Kind.EMAIL, claim.email)], region=organisation.phone_region
    )
    found = list(dict.fromkeys(_living(subject) for subject in resolution.candidates(address)))
    if not found:
        return Match(subject=_stranger(claim, region=organisation.phone_region, by=by))
    if len(found) == 1:
        return Match(subject=found[0])
    fits = {subject: _fit(subject, claim, organisation.phone_region) for subject in found}
    best = [subject for subject in found if fits[subject] == max(fits.values())]
    return Match(subject=best[0]) if len(best) == 1 else Match(subject=None, several=tuple(found))


def _living(subject: UUID) -> UUID:
    """Where a merged pseudonym leads."""
    merged = Subject.objects.filter(id=subject).values_list("merged_into", flat=True).first()
    return merged or subject


def _fit(subject: UUID, claim: Claim, region: str) -> int:
    """How many of the other details of the claim are this subject's."""
    kinds = ((Identifier.Kind.NAME, claim.name), (Identifier.Kind.PHONE, claim.phone))
    return sum(
        subject in resolution.find(kind=kind, value=value, region=region) for kind, value in kinds if value
    )


def _stranger(claim: Claim, *, region: str, by: Actor) -> UUID:
    """A pseudonym for somebody who asks and whom we do not hold; known by the proved address from now on."""
    subject = make(kind=Subject.Kind.OTHER, by=by)
    wanted = resolution.normalise(
        [Given(Identifier.Kind.EMAIL, claim.email)] if claim.email else [], region=region
    )
    resolution.attach(subject=subject, wanted=wanted, source=SOURCE, by=by)
    return subject.id
