"""Builds the centre in a process of its own, with the demonstration's own calls and chats. Run with the address of a mail server."""

import sys
from datetime import timedelta

from plainspoken.config.boot import boot

boot()

from django.conf import settings  # noqa: E402

from plainspoken.config import proof, service, setup, work  # noqa: E402
from plainspoken.custody import clock, sealing  # noqa: E402
from plainspoken.custody.actors import person  # noqa: E402
from plainspoken.custody.models import Organisation  # noqa: E402
from plainspoken.demo import centre, coaching, quality, reports  # noqa: E402
from plainspoken.demo.script import staff  # noqa: E402
from plainspoken.people.models import Membership  # noqa: E402
from plainspoken.proofs.registry import Result, Step  # noqa: E402
from plainspoken.rights.claims import Claim  # noqa: E402
from plainspoken.rights.services import file  # noqa: E402

# (kind, name, address, days ago): what arrived by letter before today.
LETTERS = (
    ("access", "Emily Carter", "emily.carter@inbox.example", 33),
    ("erase", "Susan Walker", "susan.walker@letters.example", 29),
    ("access", "Oliver Price", "oliver.price@post.example", 12),
)
# Not proofs: a recorded run, so that the page has something of each state to show.
RUN = {
    "held": (
        "notice.layered", "notice.version", "notice.controller", "collect.categories", "collect.points",
        "use.purposes", "basis.register", "right.access", "right.erase", "right.restrict", "rights.verify",
        "retain.as-needed",
    ),
    "broken": ("disclose.default-deny",),
}  # fmt: skip


def main(mail: str) -> None:
    settings.PORTS["recogniser"] = "journeys.recogniser.Scripted"
    row = centre.found(policy=setup.our_policy())
    Organisation.objects.filter(id=row.id).update(smtp_url=mail)
    centre.bring_in(organisation=row.id)
    centre.bring_in_chats(organisation=row.id)
    work.drain()
    version = quality.bring_in(organisation=row.id, by=proof.PROVER)
    coaching.bring_in(organisation=row.id, version=version, by=proof.PROVER)
    reports.bring_in(organisation=row.id)
    officer = Membership.objects.get(organisation_id=row.id, account__email=staff("privacy_officer")[0].email)
    for kind, name, email, days in LETTERS:
        file(
            organisation=row.id,
            kind=kind,
            claim=Claim(name=name, email=email),
            channel="letter",
            received_at=clock.now(row.id) - timedelta(days=days),
            by=person(officer.account_id),
        )
    proof.signed(
        organisation=row,
        by=proof.PROVER,
        results=[
            Result(
                id=clause,
                status=status,
                evidence=(Step(status=status, text="Recorded for the journeys", seconds=0.4),),
                seconds=0.4,
            )
            for status, clauses in RUN.items()
            for clause in clauses
        ],
    )
    sealing.seal(organisation=row.id)
    service.collect()


if __name__ == "__main__":
    main(sys.argv[1])
