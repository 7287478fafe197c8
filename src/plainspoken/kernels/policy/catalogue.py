"""The promises that a policy of ours must make: 76 clauses in the sections A to K, and the kind of rule of
each.

The ids are stable and shared with the enforcers and the provers. A policy that lacks one, or that makes one
with another kind of rule, does not compile.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Expected:
    """What the catalogue says of a clause: its section, its kind of rule and, for rights, which right it
    is.
    """

    letter: str
    kind: str
    sort: str | None = None


SECTIONS = {
    "A": "notice",
    "B": "collection",
    "C": "security",
    "D": "use",
    "E": "disclosure",
    "F": "cookies",
    "G": "marketing",
    "H": "rights",
    "I": "transfers",
    "J": "california-and-nevada",
    "K": "communities-retention-recourse",
}

_CLAUSES = """
A notice.scope precedence
A notice.layered notice-layers
A notice.pdf download
A notice.version versions
A notice.controller controller
A notice.consent-by-use choice
A notice.external-links links
A notice.framework frameworks
A notice.framework-prevails precedence
A notice.regulator authorities
B collect.categories categories
B collect.points collection-points
B collect.choices-at-point choice
B collect.third-party agreement
B collect.technical technical
B collect.combined combining
B collect.about-others about-others
B collect.recording-consent recording
B collect.minors age
C security.safeguards safeguards
C security.standards standards
C security.limits statement
C security.credentials credentials
C security.contact contact
D use.purposes purposes
D use.aggregate aggregates
D use.change-of-purpose new-purpose
E disclose.no-sale sale
E disclose.default-deny recipients
E disclose.protect release
E disclose.co-sponsor agreement
E disclose.processors agreement
E disclose.legal release
E disclose.successor successor
F cookies.declared cookies
F cookies.no-reading tracking
F cookies.similar tracking
F cookies.choice choice
F cookies.beacons tracking
F cookies.advertising tracking
F cookies.signals signals
F cookies.social tracking
G marketing.opt-by-region marketing
G marketing.unsubscribe opt-out
G marketing.change-any-time opt-out
H basis.register bases
H right.withdraw right withdraw
H right.access right access
H right.object right object
H right.correct right correct
H right.erase right erase
H right.port right port
H right.restrict right restrict
H right.automated right automated
H right.complain authorities
H rights.free fee
H rights.verify verification
H rights.deadline clock
H rights.channels contact
I transfer.controllers agreement
I transfer.agents agreement
I transfer.liability liability
I transfer.region region
J ccpa.know right know
J ccpa.delete right delete
J ccpa.correct right correct
J ccpa.limit right limit
J ccpa.opt-out right opt-out
J ccpa.non-discrimination equal-service
J nevada.opt-out right forbid-sale
K forum.visibility forum
K forum.moderate moderation
K forum.delete-own right own-posts
K respond.30-days clock
K retain.as-needed retention
K recourse.ladder recourse
"""


def _expected(line: str) -> tuple[str, Expected]:
    letter, clause, kind, *sort = line.split()
    return clause, Expected(letter=letter, kind=kind, sort=sort[0] if sort else None)


CLAUSES: dict[str, Expected] = dict(_expected(line) for line in _CLAUSES.strip().splitlines())
REQUIRED: frozenset[str] = frozenset(CLAUSES)
