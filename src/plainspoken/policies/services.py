"""Publishing: the only way a policy comes into force."""

from uuid import UUID

from django.db import transaction

from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.purposes import Terms, declare
from plainspoken.custody.sessions import purpose
from plainspoken.kernels.policy import Policy, compile_policy

from .models import Version

OWNER = "owner"


def publish(*, organisation: UUID, source: str, file: str, by: Actor) -> Version:
    """Compile, make the purposes known to the database, and write a new immutable version.

    Raises PolicyErrors for a text that does not compile. Publishing the text in force again changes nothing.
    """
    policy = compile_policy(source, file=file)
    last = Version.objects.filter(organisation_id=organisation).order_by("-number").first()
    if last is not None and last.digest == policy.digest:
        return last
    declare(organisation=organisation, terms=terms_of(policy))
    with transaction.atomic(), purpose("organisation.manage", organisation=organisation, by=by):
        now = clock.now(organisation)
        version = Version.objects.create(
            organisation_id=organisation,
            number=last.number + 1 if last else 1,
            label=policy.version_label,
            source=source,
            digest=policy.digest,
            published_at=now,
            effective_at=now,
            published_by=str(by),
        )
        ledger.enter(act="policy.published", about=f"policy:{version.number}", by=by)
    return version


def terms_of(policy: Policy) -> dict[str, Terms]:
    """What the database must know of each purpose of a policy."""
    return {
        name: Terms(
            needs_consent="consent" in item.basis.values(),
            maintenance=item.maintenance,
            portal="portal" in item.roles,
        )
        for name, item in policy.purposes.items()
    }
