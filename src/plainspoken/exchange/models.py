"""What came with a conversation, where conversations come from, and what the telephone system counted."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from plainspoken.conversations.models import Conversation
from plainspoken.custody.models import ContentKey, Governed, Organisation


class Origin(Governed):
    """What came with a conversation beside its facts, sealed: {"lawful_basis": [bodies], "legs": [[start_s, end_s]],
    "messages": [digests]}.

    `expires_at`: when the first lawful basis ends, where one does.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, related_name="+")
    content_key = models.ForeignKey(ContentKey, on_delete=models.PROTECT, related_name="+")
    body = models.BinaryField()
    expires_at = models.DateTimeField(null=True)


class Source(models.Model):
    """A place that conversations come from by themselves: a folder, or a bucket of objects.

    `place` is the folder's path, or bucket/prefix; `settings` what its kind needs; `secret` its credentials, sealed.
    `seen` holds, by keyed digest of its name, the size and age of each file that had not settled at the last look.
    """

    class Kind(models.TextChoices):
        FOLDER = "folder", "Folder"
        BUCKET = "bucket", "Bucket"

    class State(models.TextChoices):
        ON = "on", "Running"
        PAUSED = "paused", "Paused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    title = models.CharField(max_length=80)
    place = models.CharField(max_length=400)
    settings = models.JSONField(default=dict)
    secret = models.BinaryField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ON)
    seen = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)
    run_at = models.DateTimeField(null=True)
    run_state = models.CharField(max_length=20, blank=True)
    run_problem = models.CharField(max_length=300, blank=True)
    taken = models.PositiveBigIntegerField(default=0)
    known = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "kind", "place"], name="source_place_once")
        ]


class SourceItem(models.Model):
    """One file or object that a source has dealt with, by a keyed digest of what names it: it is never taken again,
    not even after the conversation was erased."""

    class State(models.TextChoices):
        TAKEN = "taken", "Taken in"
        KNOWN = "known", "Here already"
        REFUSED = "refused", "Refused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="items")
    blind = models.BinaryField()
    state = models.CharField(max_length=10, choices=State.choices)
    code = models.CharField(max_length=40, blank=True)
    conversation = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "blind"], name="source_item_once")]
        indexes = [models.Index(fields=["source", "state", "-at"])]


class Upload(models.Model):
    """A sound that comes in parts (tus 1.0). Parts and facts are sealed under a key of this upload alone, which is
    destroyed when it ends."""

    class State(models.TextChoices):
        OPEN = "open", "Coming"
        TAKEN = "taken", "Taken in"
        REFUSED = "refused", "Refused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    length = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)
    metadata = models.BinaryField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    conversation = models.UUIDField(null=True)
    created = models.BooleanField(default=False)
    code = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organisation", "expires_at"])]


class UploadPart(models.Model):
    """Bytes of an upload from `start` on, sealed in the object store."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="parts")
    start = models.PositiveBigIntegerField()
    size = models.PositiveIntegerField()
    stored = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "start"], name="upload_part_once")]


class CallRecord(models.Model):
    """What the telephone system says of one call, and what we found of it. No number and no name is kept.

    `blind` is the keyed digest of the call's id, `blinds` are those by which a conversation of this id is found,
    whichever way it comes. `verdict`: see `reconciling.VERDICTS`. `conversation` is the one that was found.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    blind = models.BinaryField()
    blinds = ArrayField(models.BinaryField())
    started_at = models.DateTimeField()
    duration_s = models.FloatField()
    direction = models.CharField(max_length=10, blank=True)
    queue = models.CharField(max_length=60, blank=True)
    times = models.PositiveSmallIntegerField(default=1)
    verdict = models.CharField(max_length=20, default="waiting")
    detail = models.CharField(max_length=60, blank=True)
    conversation = models.UUIDField(null=True)
    came_at = models.DateTimeField()
    judged_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    looked_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "blind"], name="call_record_once")]
        indexes = [
            models.Index(fields=["organisation", "verdict", "-started_at"]),
            models.Index(fields=["conversation"]),
        ]


class KeepingRule(models.Model):
    """Which conversations are taken, left out, or kept as a sample. The first rule that fits decides, by `position`.

    act keep: kept for the policy's own time. leave-out: refused on arrival. sample: of those that fit, `percent` is
    kept for the policy's own time, the rest ends after `rest_for` (an ISO 8601 duration).
    """

    class Act(models.TextChoices):
        KEEP = "keep", "Keep"
        LEAVE_OUT = "leave-out", "Leave out"
        SAMPLE = "sample", "Keep a sample"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=80)
    act = models.CharField(max_length=10, choices=Act.choices)
    queues = ArrayField(models.CharField(max_length=60), default=list)
    directions = ArrayField(models.CharField(max_length=10), default=list)
    kinds = ArrayField(models.CharField(max_length=10), default=list)
    words = ArrayField(models.CharField(max_length=60), default=list)
    percent = models.FloatField(null=True)
    rest_for = models.CharField(max_length=20, blank=True)
    seed = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "position"])]
