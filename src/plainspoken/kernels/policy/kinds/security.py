"""Kinds of rules about security (section C) and about ways to reach us."""

from plainspoken.kernels.policy.containers import ListOf, MapOf
from plainspoken.kernels.policy.durations import Duration
from plainspoken.kernels.policy.frozen import FrozenMap
from plainspoken.kernels.policy.records import FieldByField, Record, Rule, declared, record, rule_kind
from plainspoken.kernels.policy.shapes import Flag, Link, Mail, NewName, Phrase, Span, Whole, words
from plainspoken.kernels.policy.strictness import (
    FIXED,
    LARGER,
    LONGER,
    MORE,
    SHORTER,
    SMALLER,
    YES,
    Each,
    Relation,
)
from plainspoken.kernels.policy.words import PLACE_SHOWN, ROLE


@rule_kind("safeguards")
class Safeguards(Rule):
    """The numbers of our safeguards: the sealed ledger, sign-in, idle sessions, backups, pauses."""

    ledger_sealed_within: Duration = declared(
        "how soon an entry of the ledger is sealed, so that a change of it shows", Span(), SHORTER
    )
    sign_in_attempts: int = declared(
        "failed sign-ins before an account is locked out", Whole(1, 100), SMALLER
    )
    lock_out_for: Duration = declared("how long a lock-out lasts", Span(), LONGER)
    idle_sign_out_after: Duration = declared("how long a session may be idle before it ends", Span(), SHORTER)
    backup_every: Duration = declared("how often a backup is made", Span(), SHORTER)
    recording_pause_ends_within: Duration = declared(
        "how long the recording of a call pauses for card data when nobody says that it goes on",
        Span(),
        LONGER,
    )


@record
class Standard:
    """A published standard that we follow."""

    title: str = declared("its name and level", Phrase(), FIXED)
    link: str = declared("where it is published", Link(), FIXED)


@rule_kind("standards")
class Standards(Rule):
    """The security standards that we follow, and whether each of their controls has a check."""

    standards: FrozenMap[str, Standard] = declared(
        "the standards, by a short name",
        MapOf(NewName(), Record(Standard)),
        Each(FieldByField(Standard), Relation.LOOSER),
    )
    every_control_checked: bool = declared(
        "every control that applies names the check that proves it",
        Flag("names the check that proves it", "may lack a check"),
        YES,
    )


@rule_kind("statement")
class Statement(Rule):
    """Something that must be said, and where."""

    said_in: tuple[str, ...] = declared(
        "where the text of this clause is shown", ListOf(PLACE_SHOWN, least=1), MORE
    )


@rule_kind("credentials")
class Credentials(Rule):
    """What the system does so that account holders can keep their credentials safe."""

    password_characters_at_least: int = declared("the shortest password", Whole(8, 128), LARGER)
    second_factors: tuple[str, ...] = declared(
        "the second factors offered",
        ListOf(
            words(
                "a second factor",
                {"totp": "a code from an app", "webauthn": "a passkey", "recovery-codes": "recovery codes"},
            )
        ),
        MORE,
    )
    second_factor_needed_for: tuple[str, ...] = declared(
        "roles that need a second factor", ListOf(ROLE), MORE
    )
    sessions_listed: bool = declared(
        "people see their open sessions and can end them",
        Flag("can see your open sessions and end them", "cannot see your open sessions"),
        YES,
    )


@rule_kind("contact")
class Contact(Rule):
    """A way to reach us for one matter."""

    ways: tuple[str, ...] = declared(
        "how to reach us",
        ListOf(
            words(
                "a way to reach us",
                {
                    "page": "our privacy page",
                    "email": "e-mail",
                    "letter": "letter",
                    "telephone": "telephone",
                    "security-txt": "the file security.txt on our site",
                },
            ),
            least=1,
            either=True,
        ),
        MORE,
    )
    email: str = declared("the address for e-mail", Mail(), FIXED)
    opened_within: Duration = declared("how soon a message stands in our register", Span(), SHORTER)
