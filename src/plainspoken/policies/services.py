"""Publishing: the only way a policy comes into force. Recording what was told, and what was proved."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from django.db import transaction
from procrastinate.contrib.django import app

from plainspoken.custody import clock, ledger, sealing, sessions
from plainspoken.custody.actors import Actor
from plainspoken.custody.models import Organisation
from plainspoken.custody.purposes import Terms, declare
from plainspoken.kernels.policy import NoticeLayers, Policy, Versions, compile_policy

from . import coverage, queries
from .comparison import RULE, Material, material_changes
from .models import Notice, ProofResult, ProofRun, Version

MANAGE, PROVE = "organisation.manage", "policy.prove"
ANNOUNCE_JOB = "disclosures.announce"


class PublishRefused(ValueError):
    """The policy cannot be published so. `reasons` says why, one sentence each; the message is all
    of them.
    """

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(" ".join(self.reasons))


class NoticeNeeded(PublishRefused):
    """The policy changes what matters to people, and they have not been told. `changes` are those changes."""

    def __init__(self, changes: Sequence[Material]) -> None:
        self.changes = tuple(changes)
        count = f"{len(changes)} change{'' if len(changes) == 1 else 's'}"
        first = f"People must be told of {count} first. Announce the policy, or say when they were told."
        super().__init__([first, *(change.sentence for change in changes)])


@dataclass(frozen=True)
class _Draft:
    """A text about to be published, with what it follows."""

    organisation: UUID
    policy: Policy
    source: str
    last: Version | None
    changes: tuple[Material, ...]

    @property
    def known(self) -> Version | None:
        """The newest version, if it is this very text."""
        return self.last if self.last is not None and self.last.digest == self.policy.digest else None


def publish(
    *,
    organisation: UUID,
    source: str,
    file: str,
    by: Actor,
    notified: datetime | None = None,
    told: int = 0,
) -> Version:
    """Compile a text and put it into force. Publishing the newest text again changes nothing.

    notified: when the people concerned were told of it (by letter, say), and told: how many they were. A
    material change then starts `material_notice_ahead` after `notified`. Raises PolicyErrors for a text
    that does not compile, NoticeNeeded for a material change without notice, PublishRefused for what the
    store could not keep.
    """
    policy = _checked(source, file)
    with transaction.atomic():
        draft = _draft(organisation, policy, source)
        if draft.known is not None:
            if notified is not None and queries.in_force_from(draft.known) is None:
                _told(draft.known, told, notified, by)
            return draft.known
        if draft.changes and notified is None:
            raise NoticeNeeded(draft.changes)
        version = _write(draft, act="policy.published", effective_at=clock.now(organisation), by=by)
        if draft.changes and notified is not None:
            _told(version, told, notified, by)
        return version


def announce(*, organisation: UUID, source: str, file: str, by: Actor) -> Version:
    """Publish a text whose material changes wait for their notice: it is pending, and the notices are being
    sent.

    The version starts `material_notice_ahead` after the notices went out (`record_notice`, called by the
    job "disclosures.announce"), and never before the day that they name (`effective_at`). A text without
    material changes is published at once. Raises as `publish` does.
    """
    policy = _checked(source, file)
    with transaction.atomic():
        draft = _draft(organisation, policy, source)
        if draft.known is not None:
            return draft.known
        now = clock.now(organisation)
        if not draft.changes:
            return _write(draft, act="policy.published", effective_at=now, by=by)
        version = _write(draft, act="policy.announced", effective_at=_ahead(organisation, now), by=by)
        app.configure_task(name=ANNOUNCE_JOB).defer(organisation=str(organisation), version=str(version.id))
        return version


def record_notice(
    *, version: UUID, audience: str, told: int, by: Actor, sent_at: datetime | None = None
) -> Notice:
    """Record that the people concerned were told of a version; from now on its start is known.

    audience: a code of who they were. sent_at: when the last was told, by default now, never later than
    now. Runs in the purpose in force, or in its own. A second call changes nothing.
    """
    with transaction.atomic():
        row = Version.objects.get(id=version)
        _lock(row.organisation_id)
        found = Notice.objects.filter(version=row).first()
        if found is not None:
            return found
        now = clock.now(row.organisation_id)
        sent = min(sent_at or now, now)
        with _session(MANAGE, row.organisation_id, by):
            notice = Notice.objects.create(
                organisation_id=row.organisation_id,
                version=row,
                audience=audience,
                told=told,
                sent_at=sent,
                in_force_at=max(_ahead(row.organisation_id, sent), row.effective_at),
                recorded_by=str(by),
            )
            ledger.enter(act="policy.told", about=f"policy:{row.number}", by=by, detail={"told": told})
        _schedule(row)
        return notice


def _told(version: Version, told: int, notified: datetime, by: Actor) -> None:
    record_notice(version=version.id, audience="told-otherwise", told=told, by=by, sent_at=notified)


def _checked(source: str, file: str) -> Policy:
    """The compiled text. Raises PolicyErrors, or PublishRefused for what `refusals` says."""
    policy = compile_policy(source, file=file)
    reasons = [message for _, _, message in refusals(policy)]
    if reasons:
        raise PublishRefused(reasons)
    return policy


def refusals(policy: Policy) -> list[tuple[int, str | None, str]]:
    """(line, clause, sentence): why a text that compiles cannot be published.

    A summary is longer than `notice.layered` allows, or the store holds what the policy does not name.
    """
    most = cast(NoticeLayers, policy.rule("notice.layered")).summary_words_at_most
    found: list[tuple[int, str | None, str]] = []
    for clause in policy.clauses:
        words = len(clause.summary.split())
        if words > most:
            message = (
                f"The summary of {clause.id} has {words} words; notice.layered allows {most}. Shorten it."
            )
            found.append((clause.line, clause.id, message))
    found += [(1, None, gap.message) for gap in coverage.gaps(policy)]
    return found


def _lock(organisation: UUID) -> None:
    """One publisher of an organisation at a time. FOR NO KEY UPDATE: rows that refer to it may still be
    added.
    """
    Organisation.objects.select_for_update(no_key=True).get(id=organisation)


def _draft(organisation: UUID, policy: Policy, source: str) -> _Draft:
    _lock(organisation)
    rows = Version.objects.filter(organisation_id=organisation).select_related("notice")
    last = rows.order_by("-number").first()
    changes: tuple[Material, ...] = ()
    if last is not None:
        try:
            old = queries.policy_in_force(organisation=organisation)
        except queries.NoPolicy:
            old = queries.compiled(last)
        changes = material_changes(old, policy)
    return _Draft(organisation=organisation, policy=policy, source=source, last=last, changes=changes)


def _write(draft: _Draft, *, act: str, effective_at: datetime, by: Actor) -> Version:
    if draft.last is None:
        # The first publication opens the very purpose under which publications are recorded.
        declare(organisation=draft.organisation, terms=terms_of(draft.policy))
    with _session(MANAGE, draft.organisation, by):
        version = Version.objects.create(
            organisation_id=draft.organisation,
            number=draft.last.number + 1 if draft.last else 1,
            label=draft.policy.version_label,
            source=draft.source,
            digest=draft.policy.digest,
            published_at=clock.now(draft.organisation),
            effective_at=effective_at,
            published_by=str(by),
            material=[change.as_json() for change in draft.changes],
        )
        detail: dict[str, int | bool | str | list[str]] = {
            "digest": version.digest,
            "material": len(draft.changes),
        }
        ledger.enter(act=act, about=f"policy:{version.number}", by=by, detail=detail)
    if draft.last is not None and not draft.changes:
        _schedule(version)
    return version


def _ahead(organisation: UUID, start: datetime) -> datetime:
    """When a material change of which people are told at `start` may begin, by the version in force."""
    rule = cast(Versions, queries.rule(organisation=organisation, clause=RULE))
    return rule.material_notice_ahead.add_to(start)


@contextmanager
def _session(name: str, organisation: UUID, by: Actor) -> Iterator[None]:
    """The purpose in force, or the named one."""
    if sessions.current() is not None:
        yield
        return
    with sessions.purpose(name, organisation=organisation, by=by):
        yield


def _schedule(row: Version) -> None:
    """Tell the database from when on the purposes of a version are open, and those of later ones after it.

    A version that a newer one overtakes before it starts never starts.
    """
    newer = Version.objects.filter(organisation_id=row.organisation_id, number__gte=row.number)
    starts: list[tuple[datetime, Version]] = []
    for version in newer.select_related("notice").order_by("-number"):
        start = queries.in_force_from(version)
        if start is not None and (not starts or start < starts[-1][0]):
            starts.append((start, version))
    if not starts or starts[-1][1].number != row.number:
        return
    now = clock.now(row.organisation_id)
    for start, version in reversed(starts):
        declare(
            organisation=row.organisation_id,
            terms=terms_of(queries.compiled(version)),
            since=None if start <= now else start,
        )


def terms_of(policy: Policy) -> dict[str, Terms]:
    """What the database must know of each purpose of a policy."""
    return {
        name: Terms(
            needs_consent=item.needs_consent, maintenance=item.maintenance, portal="portal" in item.roles
        )
        for name, item in policy.purposes.items()
    }


# ---- proofs ----


class ProofRefused(ValueError):
    """The record of a proof is not whole, or its signature is not ours."""


def proof_payload(run: Mapping[str, Any]) -> bytes:
    """What the signature of a run covers: everything but itself, keys sorted, no spaces, UTF-8."""
    content = {name: value for name, value in run.items() if name != "signature"}
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def record_proof(*, organisation: UUID, run: Mapping[str, Any], by: Actor) -> ProofRun:
    """Keep a run signed by the organisation's key (Ed25519, RFC 8032).

    run: {"clauses": [{"id", "status", "evidence", "seconds"}], "policy_version": number, "ledger_head",
    "signature"}. Recording the same run again changes nothing. Raises ProofRefused, NoSuchVersion.
    """
    signature = str(run.get("signature", ""))
    try:
        key = sealing.signing_key(organisation).public_key()
        key.verify(bytes.fromhex(signature), proof_payload(run))
    except (InvalidSignature, ValueError):
        raise ProofRefused("The signature of the proof is not ours. Prove again.") from None
    if not {"clauses", "policy_version", "ledger_head"} <= set(run):
        raise ProofRefused("The proof lacks its clauses, its version or the head of the ledger. Prove again.")
    version = queries.version(organisation=organisation, number=int(run["policy_version"]))
    results = [_result(item) for item in run["clauses"]]
    with transaction.atomic(), _session(PROVE, organisation, by):
        _lock(organisation)
        known = ProofRun.objects.filter(organisation_id=organisation, signature=signature).first()
        if known is not None:
            return known
        counts = {status: sum(r.status == status for r in results) for status in ProofResult.Status.values}
        detail = {"version": version.number, **counts}
        row = ProofRun.objects.create(
            organisation_id=organisation,
            version=version,
            at=clock.now(organisation),
            ledger_head=run["ledger_head"],
            signature=signature,
            by=str(by),
            entry=ledger.enter(act="policy.proved", about=f"policy:{version.number}", by=by, detail=detail),
        )
        for result in results:
            result.run, result.organisation_id = row, organisation
        ProofResult.objects.bulk_create(results)
        return row


def _result(item: Mapping[str, Any]) -> ProofResult:
    status, evidence = item.get("status"), item.get("evidence", [])
    if status not in ProofResult.Status.values or not isinstance(evidence, list) or not item.get("id"):
        raise ProofRefused("A clause of the proof has no id, status or list of evidence.")
    return ProofResult(
        clause=str(item["id"]), status=status, evidence=evidence, seconds=float(item.get("seconds", 0))
    )
