"""Releases (what left, or was refused) and mails that wait to leave."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from plainspoken.custody.models import Governed, Organisation, Subject


class Release(models.Model):
    """One decision of the gate. Never changed. Names its subject by pseudonym, as the ledger does."""

    class Outcome(models.TextChoices):
        RELEASED = "released", "Released"
        REFUSED = "refused", "Refused"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    subject = models.UUIDField(null=True)
    recipient = models.CharField(max_length=80)
    purpose = models.CharField(max_length=60)
    categories = ArrayField(models.CharField(max_length=60), default=list)
    parts = models.PositiveIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    code = models.CharField(max_length=20, blank=True)
    by = models.CharField(max_length=80)
    about = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "recipient", "outcome"]),
            models.Index(fields=["organisation", "subject"]),
            models.Index(fields=["organisation", "at"]),
        ]


class Message(Governed):
    """A mail to one person. Address and words are sealed under `key_name` and are gone once it was sent."""

    class State(models.TextChoices):
        HELD = "held", "Held"
        QUEUED = "queued", "Queued"
        SENT = "sent", "Sent"
        OUTBOX = "outbox", "In the outbox"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(Subject, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    key_name = models.CharField(max_length=80)
    purpose = models.CharField(max_length=60)
    categories = ArrayField(models.CharField(max_length=60), default=list)
    about = models.CharField(max_length=120, blank=True)
    to = models.BinaryField(null=True)
    title = models.BinaryField(null=True)
    text = models.BinaryField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "state"]),
            models.Index(fields=["organisation", "about"]),
        ]
