"""Holds, and the proof of each purge."""

import uuid

from django.db import models

from plainspoken.custody.models import Governed, Organisation, Subject


class Hold(Governed):
    """What keeps one subject's rows from ending: a reason, the law behind it, and the day on which it
    ends. The law is free text and may name somebody, so it is sealed with the subject's key.
    """

    class Reason(models.TextChoices):
        CLAIMS = "claims", "A claim is brought or defended"
        LEGAL_OBLIGATION = "legal-obligation", "A law tells us to keep it"
        HOLD = "hold", "A court or an authority told us to hold it"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=20, choices=Reason.choices)
    law = models.BinaryField(null=True)
    until = models.DateField(null=True, blank=True)
    placed_at = models.DateTimeField()
    placed_by = models.CharField(max_length=80)
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "subject"])]


class Purge(models.Model):
    """One run of the purge: what ended where, by which policy. Counts only; never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    policy = models.CharField(max_length=64)
    counts = models.JSONField(default=dict)
    objects_removed = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    restricted = models.PositiveIntegerField(default=0)
    left = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["organisation", "at"])]


class Orphan(models.Model):
    """A stored object that no row names, and since when. What is nobody's for a day is removed."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="orphan_once")]


class Rewritten(models.Model):
    """When a table was last written anew, so that no freed room holds what stood in it before. `size` in bytes."""

    table = models.CharField(primary_key=True, max_length=63)
    at = models.DateTimeField()
    took_ms = models.PositiveIntegerField()
    size = models.PositiveBigIntegerField()
