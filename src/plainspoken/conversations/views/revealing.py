"""Asking to see what was removed."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_POST

from plainspoken.conversations import queries, services
from plainspoken.conversations.forms import RevealForm
from plainspoken.custody import clock, sealing
from plainspoken.custody.sessions import purpose
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.policies.receipts import receipt_of
from plainspoken.ui.shapes import Receipt

from .reading import READERS, Reading
from .showing import shown


@require_POST
@for_roles(*READERS)
def reveal(request: StaffRequest, conversation: UUID) -> HttpResponse:
    """Show the removed words once, in the answer to this very request; the ledger records the look."""
    reading = Reading(request)
    if not queries.may_reveal(reading.membership):
        raise PermissionDenied("Your role may not see what was removed.")
    form = RevealForm(request.POST, purposes=[(p.name, p.title) for p in reading.purposes])
    if not form.is_valid():
        return shown(reading, conversation, form=form, status=422)
    organisation = reading.membership.organisation_id
    chosen = form.cleaned_data["purpose"]
    with purpose(services.REVEALING, organisation=organisation, by=reading.actor):
        reading.conversation(conversation)
        try:
            done = services.reveal(
                conversation=conversation,
                purpose=chosen,
                reason=form.cleaned_data["reason"],
                by=reading.actor,
            )
        except services.NoConversation as error:
            raise Http404(str(error)) from error
    return shown(reading, conversation, revealed=done.parts, receipt=_receipt(reading, done.entry))


def _receipt(reading: Reading, entry: UUID) -> Receipt:
    """The look's receipt. The sealer numbers entries each second; here it does so at once."""
    organisation = reading.membership.organisation_id
    sealing.seal(organisation=organisation)
    found = receipt_of(entry, organisation=organisation, by=reading.actor, text="Look at removed words")
    return found or Receipt(
        number=0,
        at=clock.now(organisation),
        digest=entry.hex,
        text="Look at removed words, numbered in a moment",
    )
