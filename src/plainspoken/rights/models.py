"""Requests of people about their data: what they ask, their proof, their copy, and what was done where."""

import uuid

from django.db import models

from plainspoken.custody.models import Governed, Organisation, Subject

from .states import State


class Request(Governed):
    """One request. What the person told us is sealed: under the request's own key until we know who asks,
    then theirs.

    After an erasure it keeps its reference, kind, dates and counts, and nothing that leads to anybody.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    reference = models.CharField(max_length=20)
    subject = models.ForeignKey(Subject, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    clause = models.CharField(max_length=60)
    law = models.CharField(max_length=20)
    channel = models.CharField(max_length=10)
    ground = models.CharField(max_length=40, blank=True)
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in State], default=State.RECEIVED.value
    )
    key_name = models.CharField(max_length=80)
    claim = models.BinaryField(null=True)
    words = models.BinaryField(null=True)
    token_digest = models.BinaryField(null=True)
    filed_at = models.DateTimeField()
    received_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True, blank=True)
    proofs = models.JSONField(default=list)
    matches = models.JSONField(default=list)
    pauses = models.JSONField(default=list)
    extended_at = models.DateTimeField(null=True, blank=True)
    plan = models.JSONField(default=dict)
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.CharField(max_length=80, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    outcome = models.JSONField(default=dict)
    receipt = models.UUIDField(null=True, blank=True)
    answered = models.UUIDField(null=True, blank=True)
    decision = models.UUIDField(null=True, blank=True)
    lifting = models.UUIDField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "year", "number"], name="request_number_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=[s.value for s in State]), name="request_state_known"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "reference"]),
            models.Index(fields=["organisation", "state"]),
            models.Index(fields=["organisation", "subject"]),
        ]

    def __str__(self) -> str:
        return self.reference


class Challenge(Governed):
    """A code on its way to a contact. Only a keyed digest of it is kept."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        USED = "used", "Used"
        CLOSED = "closed", "Closed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="challenges")
    channel = models.CharField(max_length=10)
    contact = models.BinaryField()
    code = models.BinaryField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organisation", "contact", "sent_at"])]


class Archive(Governed):
    """A copy of everything, encrypted under its subject's key, waiting to be fetched for a while."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="archives")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    stored = models.CharField(max_length=80)
    size = models.PositiveBigIntegerField()
    files = models.PositiveIntegerField()
    masked = models.PositiveIntegerField(default=0)
    parts = models.JSONField(default=list)
    categories = models.JSONField(default=list)
    manifest = models.CharField(max_length=64)
    token_digest = models.BinaryField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    downloads = models.PositiveIntegerField(default=0)


class Step(models.Model):
    """What was done at one place for one request: the progress of an execution, and its proof. Counts
    only.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    place = models.CharField(max_length=80)
    verb = models.CharField(max_length=20, blank=True)
    count = models.PositiveIntegerField(default=0)
    kept = models.JSONField(default=list)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "place"], name="step_once")]
