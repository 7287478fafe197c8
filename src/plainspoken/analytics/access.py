"""Who may read, keep and get reports. `check_*` raises Refused, `can_*` answers yes or no.

The published policy decides first: which roles may read for `quality.evaluate`, and which for `service.improve`.
"""

from uuid import UUID

from plainspoken.custody.actors import Actor
from plainspoken.people.models import Membership
from plainspoken.policies.queries import may_read_for
from plainspoken.quality.access import ANALYSTS, Refused, member

from .definitions import EVALUATING, IMPROVING
from .models import Report

READERS = tuple(role.value for role in ANALYSTS)
PURPOSES = (EVALUATING, IMPROVING)


def check_read(by: Actor, *, organisation: UUID, purpose: str) -> None:
    """Supervisors, quality analysts and our own programs, as far as the policy lets them read for the purpose."""
    if by.kind == "program":
        role = "program"
    else:
        found = member(by, organisation=organisation)
        role = found.role if found else ""
        if role not in READERS:
            raise Refused("Your role may not read reports. Ask a supervisor.")
    if purpose not in PURPOSES or not may_read_for(role, purpose, organisation=organisation):
        raise Refused("The published policy does not let your role read reports for this purpose.")


def can_read(by: Actor, *, organisation: UUID, purpose: str) -> bool:
    """Whether `check_read` lets it pass."""
    try:
        check_read(by, organisation=organisation, purpose=purpose)
    except Refused:
        return False
    return True


def purposes_of(by: Actor, *, organisation: UUID) -> tuple[str, ...]:
    """The purposes for which somebody may read reports, the usual one first."""
    return tuple(one for one in PURPOSES if can_read(by, organisation=organisation, purpose=one))


def usual_purpose(by: Actor, *, organisation: UUID) -> str:
    """The first purpose for which somebody may read reports. Raises Refused where there is none."""
    found = purposes_of(by, organisation=organisation)
    if not found:
        check_read(by, organisation=organisation, purpose=EVALUATING)
    return found[0]


def keeper(by: Actor, *, organisation: UUID) -> Membership:
    """The membership of somebody who may keep reports. Raises Refused for programs and others."""
    found = member(by, organisation=organisation)
    if found is None or found.subject_id is None or found.role not in READERS:
        raise Refused("Your role may not keep reports. Ask a supervisor.")
    return found


def check_change(report: Report, by: Actor) -> None:
    """Who saved a report changes and removes it."""
    if keeper(by, organisation=report.organisation_id).subject_id != report.subject_id:
        raise Refused("Somebody else saved this report. Save it under a name of your own.")


def can_change(report: Report, by: Actor) -> bool:
    """Whether `check_change` lets it pass."""
    try:
        check_change(report, by)
    except Refused:
        return False
    return True


def receivers(*, organisation: UUID, purpose: str) -> list[Membership]:
    """Members to whom a report of this purpose may be sent, by name."""
    roles = [role for role in READERS if may_read_for(role, purpose, organisation=organisation)]
    rows = Membership.objects.filter(
        organisation_id=organisation, role__in=roles, ended_at=None, subject__isnull=False
    )
    return list(rows.select_related("account").order_by("account__name", "id"))
