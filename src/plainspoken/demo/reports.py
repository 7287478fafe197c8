"""Reports in the demonstration: one that the supervisor saved, which reaches her each Monday."""

from uuid import UUID

from plainspoken.analytics.definitions import Dated, Definition, MadeBy, QueueSet, Rows
from plainspoken.analytics.services import saving, subscribing
from plainspoken.custody.actors import person
from plainspoken.demo.script import staff
from plainspoken.kernels.reporting import Every
from plainspoken.people.models import Membership

NAME = "Scores of all queues"
SETS = (QueueSet("Goods", ("Delivery", "Returns")), QueueSet("Money", ("Billing", "Orders")))


def bring_in(*, organisation: UUID) -> UUID:
    """The report with its subscription; returns the report's id."""
    helen = Membership.objects.get(organisation_id=organisation, account__email=staff("supervisor")[0].email)
    by = person(helen.account_id)
    definition = Definition(rows=Rows.QUEUE, made_by=MadeBy.BOTH, sets=SETS, last=8, dated=Dated.HAPPENED)
    row = saving.save(organisation=organisation, name=NAME, definition=definition, shared=True, by=by)
    subscribing.subscribe(
        organisation=organisation, report=row.id, member=helen.id, every=Every.WEEK, hour=8, by=by
    )
    return row.id
