"""Immutable versions of an organisation's policy, the notices of them, and what was proved of them."""

import uuid

from django.db import models

from plainspoken.custody.models import Organisation


class Version(models.Model):
    """One published text; never changed.

    In force from `effective_at` until the next one's. One with material changes needs a `Notice` too, and
    comes into force when that says (GDPR Art. 13(3): before the further processing).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="policy_versions")
    number = models.PositiveIntegerField()
    label = models.CharField(max_length=60)
    source = models.TextField()
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    published_by = models.CharField(max_length=80)
    material = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "number"], name="policy_version_once")]
        indexes = [models.Index(fields=["organisation", "effective_at"])]


class Notice(models.Model):
    """That the people concerned were told of a version: how many, when the last was, and what follows for its
    start.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    version = models.OneToOneField(Version, on_delete=models.PROTECT, related_name="notice")
    audience = models.CharField(max_length=60)
    told = models.PositiveIntegerField()
    sent_at = models.DateTimeField()
    in_force_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80)


class ProofRun(models.Model):
    """One run of `policy prove`, signed by the organisation's key over the ledger head that it saw."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="proofs")
    at = models.DateTimeField()
    ledger_head = models.CharField(max_length=64, blank=True)
    signature = models.CharField(max_length=128)
    by = models.CharField(max_length=80)
    entry = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "signature"], name="proof_run_once")]
        indexes = [models.Index(fields=["organisation", "version", "at"])]


class ProofResult(models.Model):
    """What one prover saw of one clause. `evidence` is a list of sentences or {status, text, seconds}."""

    class Status(models.TextChoices):
        HELD = "held", "Held"
        BROKEN = "broken", "Broken"
        UNPROVED = "unproved", "Unproved"

    id = models.BigAutoField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(ProofRun, on_delete=models.PROTECT, related_name="results")
    clause = models.CharField(max_length=60)
    status = models.CharField(max_length=10, choices=Status.choices)
    evidence = models.JSONField(default=list)
    seconds = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "clause"], name="proof_result_once")]
        indexes = [models.Index(fields=["organisation", "clause", "run"])]
