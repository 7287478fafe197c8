"""Pages: who may receive data, and the mails that a demonstration kept."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from plainspoken.custody import ledger
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.people.access import for_roles
from plainspoken.policies.queries import purposes_for
from plainspoken.ui.pages import Here, page
from plainspoken.ui.shell import Crumb

from . import queries

AUDIT = "security.audit"


@for_roles("privacy_officer", "administrator")
def recipients(request: HttpRequest) -> HttpResponse:
    """The register of recipients: what the policy names, and what went there."""
    house = request.membership.organisation  # type: ignore[attr-defined]
    organisation = house.id
    with purpose(AUDIT, organisation=organisation, by=request.actor):  # type: ignore[attr-defined]
        rows = queries.recipients(organisation=organisation)
        refused = queries.refused_lately(organisation=organisation)
    return page(
        request,
        "disclosures/recipients.html",
        {
            "recipients": rows,
            "refused": refused,
            "empty": "none" if not rows else "",
            "outbox_url": reverse("disclosures:outbox") if queries.keeps_mail(house) else "",
        },
        here=Here(active="recipients", crumbs=(Crumb("Recipients"),)),
    )


@for_roles("privacy_officer", "administrator")
def outbox(request: HttpRequest) -> HttpResponse:
    """Mails that a demonstration kept instead of sending. Other organisations have no such page."""
    membership, actor = request.membership, request.actor  # type: ignore[attr-defined]
    if membership.organisation.kind != Organisation.Kind.DEMO:
        raise Http404
    with purpose(AUDIT, organisation=membership.organisation_id, by=actor):
        mails = queries.outbox(organisation=membership.organisation_id)
        ledger.enter_read(place="disclosures.Message", rows=len(mails), by=actor)
    offered = purposes_for(membership.role, organisation=membership.organisation_id)
    return page(
        request,
        "disclosures/outbox.html",
        {"mails": mails},
        here=Here(
            active="recipients",
            crumbs=(Crumb("Recipients", reverse("disclosures:recipients")), Crumb("Outbox")),
            purpose=AUDIT,
            purposes=tuple(one for one in offered if one.name == AUDIT),
        ),
    )
