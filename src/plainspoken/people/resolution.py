"""Who is this? Identifiers are normalised, looked up by blind index, and never merge two people in silence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from plainspoken.custody import clock, keys, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.acts import context
from plainspoken.custody.models import Subject
from plainspoken.custody.sessions import required
from plainspoken.custody.subjects import make
from plainspoken.kernels import identifiers as forms

from .models import Identifier, MergeProposal

STRONG = (Identifier.Kind.ACCOUNT, Identifier.Kind.EMAIL, Identifier.Kind.PHONE)
# An address or an account belongs to one person; a telephone is often shared by a household.
EXCLUSIVE = (Identifier.Kind.ACCOUNT, Identifier.Kind.EMAIL)


@dataclass(frozen=True)
class Given:
    """An identifier as it arrived."""

    kind: Identifier.Kind
    value: str


@dataclass(frozen=True)
class Normal:
    """An identifier in the form in which it is compared; `shown` is kept for people."""

    kind: Identifier.Kind
    shown: str
    normal: str


def normalise(given: Iterable[Given], *, region: str) -> tuple[Normal, ...]:
    """Normal forms (E.164, folded e-mail, account and name), each once; empty values are left out."""
    found: dict[tuple[str, str], Normal] = {}
    for item in given:
        value = item.value.strip()
        normal = _normal(item.kind, value, region) if value else None
        if normal:
            found.setdefault((item.kind, normal), Normal(item.kind, value, normal))
    return tuple(found.values())


def _normal(kind: Identifier.Kind, value: str, region: str) -> str | None:
    """The comparable form; what follows no form (an extension, say) is kept and found as it was written."""
    try:
        match kind:
            case Identifier.Kind.PHONE:
                return forms.phone(value, region=region)
            case Identifier.Kind.EMAIL:
                return forms.email(value)
            case Identifier.Kind.ACCOUNT:
                return forms.account(value)
            case _:
                return " ".join(forms.name_tokens(value)) or None
    except forms.NotAnIdentifier:
        return "as-written:" + forms.plain_letters(value)


def candidates(wanted: Sequence[Normal]) -> dict[UUID, set[Identifier.Kind]]:
    """Subjects that have any of the strong identifiers, and by which kinds they match."""
    matches: dict[UUID, set[Identifier.Kind]] = {}
    for item in wanted:
        if item.kind not in STRONG:
            continue
        rows = Identifier.objects.filter(
            organisation_id=required().organisation,
            kind=item.kind,
            blind=keys.blind_index(item.kind, item.normal),
            subject__erased_at=None,
        ).order_by("first_seen_at")
        for subject in rows.values_list("subject_id", flat=True):
            matches.setdefault(subject, set()).add(item.kind)
    return matches


def resolve(
    *,
    given: Iterable[Given],
    region: str,
    source: str,
    by: Actor,
    kind: Subject.Kind = Subject.Kind.CUSTOMER,
) -> Subject:
    """The subject these identifiers belong to; a new one where none fits.

    A subject fits when a strong identifier matches and none of its exclusive kinds (e-mail, account) contradicts.
    Every other subject that shares an identifier becomes a merge proposal.
    """
    wanted = normalise(given, region=region)
    matches = candidates(wanted)
    fitting = [subject for subject in matches if not _contradicts(subject, wanted)]
    fitting.sort(key=lambda s: -len(matches[s]))
    subject = Subject.objects.get(id=fitting[0]) if fitting else make(kind=kind, by=by)
    attach(subject=subject, wanted=wanted, source=source, by=by)
    for other, kinds in matches.items():
        if other != subject.id:
            _propose(subject.id, other, reason="same-" + "-".join(sorted(kinds)), by=by)
    return subject


def _contradicts(subject: UUID, wanted: Sequence[Normal]) -> bool:
    for kind in EXCLUSIVE:
        mine = {keys.blind_index(kind, item.normal) for item in wanted if item.kind == kind}
        theirs = {
            bytes(blind)
            for blind in Identifier.objects.filter(subject_id=subject, kind=kind).values_list(
                "blind", flat=True
            )
        }
        if mine and theirs and not mine & theirs:
            return True
    return False


def attach(*, subject: Subject, wanted: Sequence[Normal], source: str, by: Actor) -> int:
    """Add identifiers that the subject does not have yet; returns how many were new."""
    added = 0
    sealer = keys.subject_sealer(subject.id)
    known = {
        (kind, bytes(blind))
        for kind, blind in Identifier.objects.filter(subject=subject).values_list("kind", "blind")
    }
    for item in wanted:
        blind = keys.blind_index(item.kind, item.normal)
        if (item.kind, blind) in known:
            continue
        row = Identifier(
            organisation_id=subject.organisation_id,
            subject=subject,
            kind=item.kind,
            blind=blind,
            tokens=_tokens(item),
            source=source,
            first_seen_at=clock.now(subject.organisation_id),
        )
        row.value = sealer.seal_text(item.shown, context=context(row, "value"))
        row.save(force_insert=True)
        added += 1
    if added:
        ledger.enter(act="identifiers.added", subject=subject.id, by=by, detail={"count": added})
    return added


def _tokens(item: Normal) -> list[bytes]:
    if item.kind != Identifier.Kind.NAME:
        return []
    return [keys.blind_index("name-token", token) for token in item.normal.split()]


def _propose(subject: UUID, other: UUID, *, reason: str, by: Actor) -> None:
    first, second = sorted((subject, other))
    organisation = required().organisation
    _, fresh = MergeProposal.objects.get_or_create(
        subject_id=first,
        other_id=second,
        defaults={
            "organisation_id": organisation,
            "reason": reason[:60],
            "proposed_at": clock.now(organisation),
        },
    )
    if fresh:
        ledger.enter(act="merge.proposed", subject=first, by=by, detail={"other": str(second)})


def find(*, kind: Identifier.Kind, value: str, region: str) -> list[UUID]:
    """Subjects by one identifier; names by all their tokens. No substring search exists, by design."""
    wanted = normalise([Given(kind, value)], region=region)
    rows = Identifier.objects.filter(
        organisation_id=required().organisation, kind=kind, subject__erased_at=None
    )
    for item in wanted:
        if kind == Identifier.Kind.NAME:
            rows = rows.filter(tokens__contains=_tokens(item))
        else:
            rows = rows.filter(blind=keys.blind_index(kind, item.normal))
    if not wanted:
        return []
    return list(dict.fromkeys(rows.order_by("first_seen_at").values_list("subject_id", flat=True)))
