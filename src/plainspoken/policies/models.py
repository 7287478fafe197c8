"""Immutable versions of an organisation's policy."""

import uuid

from django.db import models

from plainspoken.custody.models import Organisation


class Version(models.Model):
    """One published text. In force from `effective_at` until the next one's; never changed."""

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
