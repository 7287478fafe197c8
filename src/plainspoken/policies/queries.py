"""What the published policy says. Services ask here; no number of a rule stands anywhere else in code."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from procrastinate.contrib.django.models import ProcrastinateJob

from plainspoken.custody import clock
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import current
from plainspoken.kernels.policy import Policy, compile_policy
from plainspoken.ui.shell import Kept
from plainspoken.ui.shell import Purpose as PurposeChoice
from plainspoken.ui.wording import when

from .enforcers import enforcer
from .models import ProofResult, ProofRun, Version

MOST_COMPILED = 64
IN_FORCE = "policies.version_in_force"
PROVE_JOB = "config.prove"


class NoPolicy(LookupError):
    """The organisation has published no policy, so nothing may be collected or read."""


class NoSuchVersion(LookupError):
    """There is no version of this number."""


class NoSuchClause(LookupError):
    """The policy has no clause of this id."""


class NobodyHere(LookupError):
    """No organisation is shown to the public at this address."""


# ---- versions ----


def _started(organisation: UUID, at: datetime) -> "QuerySet[Version]":
    """Versions whose time has come: the effective one, and after a material change also the notice's."""
    told = Q(material=[]) | Q(notice__in_force_at__lte=at)
    return Version.objects.filter(told, organisation_id=organisation, effective_at__lte=at).order_by(
        "-number"
    )


def version_in_force(*, organisation: UUID) -> Version:
    """The newest version whose time has come by the organisation's clock; `source` is loaded when asked for.

    One purpose session is served by one version from its first question on. Raises NoPolicy.
    """
    session = current()
    if session is None or session.organisation != organisation:
        return _newest(organisation)
    if IN_FORCE not in session.answers:
        session.answers[IN_FORCE] = _newest(organisation)
    found: Version = session.answers[IN_FORCE]
    return found


def _newest(organisation: UUID) -> Version:
    version = _started(organisation, clock.now(organisation)).defer("source").first()
    if version is None:
        raise NoPolicy("No policy is published. Run `plainspoken policy publish FILE` first.")
    return version


def pending_versions(*, organisation: UUID) -> list[Version]:
    """Versions that have been announced and wait for their day, oldest first."""
    in_force = version_in_force(organisation=organisation)
    later = Version.objects.filter(organisation_id=organisation, number__gt=in_force.number)
    return list(later.defer("source").order_by("number"))


def versions(*, organisation: UUID) -> list[Version]:
    """Every version, newest first, without its text."""
    rows = Version.objects.filter(organisation_id=organisation).select_related("notice")
    return list(rows.defer("source").order_by("-number"))


def version(*, organisation: UUID, number: int) -> Version:
    """One version by its number. Raises NoSuchVersion."""
    row = Version.objects.filter(organisation_id=organisation, number=number).select_related("notice").first()
    if row is None:
        raise NoSuchVersion(f"There is no version {number} of this policy. Look in the list of versions.")
    return row


def in_force_from(row: Version) -> datetime | None:
    """When a version starts, or started; None while the people concerned have not been told of it."""
    if not row.material:
        return row.effective_at
    notice = getattr(row, "notice", None)
    return max(row.effective_at, notice.in_force_at) if notice else None


_compiled: dict[str, Policy] = {}


def compiled(row: Version) -> Policy:
    """The compiled form of a published text. Texts never change, so their digest is the key of the cache."""
    found = _compiled.get(row.digest)
    if found is None:
        found = compile_policy(row.source, file=f"published:{row.digest[:12]}")
        while len(_compiled) >= MOST_COMPILED:
            _compiled.pop(next(iter(_compiled)), None)
        _compiled[row.digest] = found
    return found


def policy_in_force(*, organisation: UUID) -> Policy:
    """The compiled policy in force. Raises NoPolicy."""
    return compiled(version_in_force(organisation=organisation))


def rule(*, organisation: UUID, clause: str) -> Any:
    """The typed rule of a clause, as published and in force now. Raises NoPolicy, KeyError."""
    return policy_in_force(organisation=organisation).rule(clause)


# ---- what a reader needs ----


def purposes_for(role: str, *, organisation: UUID) -> tuple[PurposeChoice, ...]:
    """The purposes that a role may read for, with the words that complete "Reading to …"; empty without a
    policy.
    """
    try:
        policy = policy_in_force(organisation=organisation)
    except NoPolicy:
        return ()
    return tuple(
        PurposeChoice(name, item.title) for name, item in policy.purposes.items() if role in item.roles
    )


def may_read_for(role: str, purpose: str, *, organisation: UUID) -> bool:
    """Whether the published policy lets a role read for a purpose."""
    return any(choice.name == purpose for choice in purposes_for(role, organisation=organisation))


def public_organisation(slug: str | None = None) -> Organisation:
    """Whose public page this is: the one named; else the only live one; else the first demonstration.

    Raises NobodyHere when there is none, or when it has published no policy.
    """
    published = Organisation.objects.filter(policy_versions__isnull=False).distinct()
    if slug:
        found = published.filter(slug=slug).first()
    else:
        live = list(published.filter(kind=Organisation.Kind.LIVE)[:2])
        demo = published.filter(kind=Organisation.Kind.DEMO).order_by("created_at").first()
        found = live[0] if len(live) == 1 else demo
    if found is None:
        raise NobodyHere("No organisation shows a notice at this address. Use the address that it gave you.")
    return found


# ---- enforcers and provers ----

_ask_provers: list[Callable[[], Mapping[str, str]]] = []


def ask_provers(answer: Callable[[], Mapping[str, str]]) -> None:
    """Where the names of provers come from, clause by clause. `config` sets it at start-up: proofs import no
    app.
    """
    _ask_provers[:] = [answer]


def known_provers() -> Mapping[str, str] | None:
    """Clause -> name of its prover; None where nobody has said which there are."""
    return _ask_provers[0]() if _ask_provers else None


@dataclass(frozen=True)
class CheckedClause:
    """A clause as `policy check` lists it; `enforcer` is a dotted path, `prover` a name, each None for
    nobody.
    """

    id: str
    letter: str
    section: str
    title: str
    rule: str
    enforcer: str | None
    prover: str | None


def checked(policy: Policy) -> list[CheckedClause]:
    """Every clause of a compiled policy with who enforces and who proves it."""
    provers = known_provers() or {}
    return [
        CheckedClause(
            id=clause.id,
            letter=clause.letter,
            section=clause.section_title,
            title=clause.title,
            rule=clause.kind,
            enforcer=enforcer(clause.id),
            prover=provers.get(clause.id),
        )
        for clause in policy.clauses
    ]


# ---- does it hold? ----

NO_PROVER = "No prover. This counts as unproved."
NOT_YET = "Not proved yet."


@dataclass(frozen=True)
class Standing:
    """How a clause of the version in force stands, by the last proof of this very text.

    `why` is a sentence unless it held; `evidence` as the prover gave it; `run` is the run's id.
    """

    clause: CheckedClause
    text: str
    status: str
    why: str = ""
    at: datetime | None = None
    seconds: float | None = None
    evidence: Sequence[Any] = ()
    run: UUID | None = None


def clause_table(*, organisation: UUID, explain: bool = True) -> list[Standing]:
    """Every clause of the policy in force with who enforces it, who proves it and how it stands. Raises
    NoPolicy.

    explain: look at proofs of older versions too, for the sentence beside a clause that is not proved now.
    """
    version = version_in_force(organisation=organisation)
    policy = compiled(version)
    now = _last_results(organisation, Q(run__version__digest=version.digest))
    before = _last_results(organisation, ~Q(run__version__digest=version.digest)) if explain else {}
    provers = known_provers()
    summaries = {clause.id: clause.summary for clause in policy.clauses}
    return [
        _standing(item, summaries[item.id], now.get(item.id), before.get(item.id), provers)
        for item in checked(policy)
    ]


def _last_results(organisation: UUID, which: Q) -> dict[str, ProofResult]:
    rows = ProofResult.objects.filter(which, organisation_id=organisation).select_related("run__version")
    rows = rows.defer("run__version__source")
    return {row.clause: row for row in rows.order_by("clause", "-run__at", "-id").distinct("clause")}


def _standing(
    item: CheckedClause,
    text: str,
    result: ProofResult | None,
    older: ProofResult | None,
    provers: Mapping[str, str] | None,
) -> Standing:
    if provers is not None and item.id not in provers:
        return Standing(item, text, "unproved", NO_PROVER)
    if result is None:
        return Standing(item, text, "unproved", _not_yet(older))
    why = "" if result.status == "held" else _reason(result)
    return Standing(
        item, text, result.status, why, result.run.at, result.seconds, tuple(result.evidence), result.run_id
    )


def _not_yet(older: ProofResult | None) -> str:
    if older is None:
        return NOT_YET
    run = older.run
    return f"Last proved under version {run.version.number}, on {when(run.at)}. The text has changed since."


def _reason(result: ProofResult) -> str:
    """The first thing that a proof saw go wrong."""
    found = [text for status, text, _ in steps(result.evidence, result.status) if status == result.status]
    return next(iter(found), "The proof gave no evidence.")


def steps(evidence: Sequence[Any], status: str) -> list[tuple[str, str, float | None]]:
    """(status, text, seconds) of each piece of evidence: {"status", "text", "seconds"}, or a sentence.

    Of mere sentences, the last one is what the status rests on; those before it held.
    """
    last = len(evidence) - 1
    return [
        (str(item.get("status", status)), str(item.get("text", "")), item.get("seconds"))
        if isinstance(item, Mapping)
        else (status if place == last else "held", str(item), None)
        for place, item in enumerate(evidence)
    ]


def kept(*, organisation: UUID) -> Kept | None:
    """How many promises of the version in force held at the last proof, and when; None without a policy."""
    try:
        rows = clause_table(organisation=organisation, explain=False)
    except NoPolicy:
        return None
    counts = {status: sum(row.status == status for row in rows) for status in ("held", "broken", "unproved")}
    return Kept(**counts, at=max((row.at for row in rows if row.at), default=None))


def last_proof(*, organisation: UUID) -> ProofRun | None:
    """The last run of any version."""
    return ProofRun.objects.filter(organisation_id=organisation).order_by("-at").first()


def runs(*, organisation: UUID, clause: str, most: int = 30) -> list[ProofResult]:
    """The last results of one clause, oldest first, whatever the version."""
    rows = ProofResult.objects.filter(organisation_id=organisation, clause=clause).select_related("run")
    return list(rows.order_by("-run__at", "-id")[:most])[::-1]


def proving(*, organisation: UUID) -> str:
    """ "running" while a proof runs, "waiting" while one is queued, else empty."""
    jobs = ProcrastinateJob.objects.filter(
        task_name=PROVE_JOB, status__in=("todo", "doing"), args__organisation=str(organisation)
    )
    states = set(jobs.values_list("status", flat=True))
    if "doing" in states:
        return "running"
    return "waiting" if states else ""
