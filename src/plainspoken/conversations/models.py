"""Conversations, who took part, their sound, and the looks at what was removed from them."""

import uuid

from django.db import models

from plainspoken.custody.models import ContentKey, Governed, Subject


class Conversation(Governed):
    """One call or chat. After an erasure the row stays as a measure: queue, day and length, and nobody's
    name.

    `policy_version` is the number of the policy under which it was collected. `source_blind` and
    `content_blind` are keyed digests, by which the same conversation is known when it arrives twice.
    `engagement` is the client on whose behalf it is held. `silence_s`: the longest silence of the call;
    `talk_over_s`: how long both sides spoke at once; None where nobody listened for it.
    """

    class Kind(models.TextChoices):
        CALL = "call", "Call"
        CHAT = "chat", "Chat"

    class Direction(models.TextChoices):
        IN = "in", "Incoming"
        OUT = "out", "Outgoing"
        INTERNAL = "internal", "Internal"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        WRITING = "writing", "Being written"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        ERASED = "erased", "Erased"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    point = models.CharField(max_length=60)
    policy_version = models.PositiveIntegerField()
    source_id = models.BinaryField(null=True)
    source_blind = models.BinaryField(null=True)
    content_blind = models.BinaryField(null=True)
    started_at = models.DateTimeField()
    duration_s = models.FloatField(null=True)
    silence_s = models.FloatField(null=True)
    talk_over_s = models.FloatField(null=True)
    direction = models.CharField(max_length=10, choices=Direction.choices, blank=True)
    queue = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=12, blank=True)
    subject_line = models.BinaryField(null=True)
    content_key = models.ForeignKey(ContentKey, null=True, on_delete=models.PROTECT, related_name="+")
    engagement = models.UUIDField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=40, blank=True)
    arrived_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "point", "source_blind"], name="conversation_source_once"
            ),
            models.UniqueConstraint(
                fields=["organisation", "content_blind"], name="conversation_content_once"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-started_at", "id"]),
            models.Index(fields=["organisation", "queue"]),
        ]


class Participation(Governed):
    """One person in one conversation. `channel` is where they speak (0 left, 1 right); several may share
    one.

    `leaving`: an erasure of this person is under way, and the conversation has a new content key without
    them.
    """

    class Role(models.TextChoices):
        AGENT = "agent", "Agent"
        CUSTOMER = "customer", "Customer"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="participations")
    subject = models.ForeignKey(Subject, null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=10, choices=Role.choices)
    position = models.PositiveSmallIntegerField()
    channel = models.PositiveSmallIntegerField(null=True)
    leaving = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "position"], name="participation_position_once")
        ]
        indexes = [models.Index(fields=["subject", "role"])]


class Recording(Governed):
    """The sound as it arrived. Only the purposes that need what was said in full may name it.

    silenced: [[channel, or null for all, start_s, end_s]], what was taken out of it for good.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, related_name="recording")
    content_key = models.ForeignKey(ContentKey, on_delete=models.PROTECT, related_name="+")
    original = models.CharField(max_length=80)
    container = models.CharField(max_length=20)
    codec = models.CharField(max_length=30)
    sample_rate = models.PositiveIntegerField()
    channels = models.PositiveSmallIntegerField()
    duration_s = models.FloatField()
    size = models.BigIntegerField()
    truncated = models.BooleanField(default=False)
    silenced = models.JSONField(default=list)


class PlayCopy(Governed):
    """The sound as people hear it: Opus, silent wherever personal data was said. `peaks` is its
    sealed drawing, `moments` its silences and where both sides spoke at once, sealed too.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, related_name="play_copy")
    content_key = models.ForeignKey(ContentKey, on_delete=models.PROTECT, related_name="+")
    sound = models.CharField(max_length=80)
    peaks = models.BinaryField()
    moments = models.BinaryField(null=True)
    channels = models.PositiveSmallIntegerField()
    duration_s = models.FloatField()
    silenced_s = models.FloatField()
    size = models.BigIntegerField()
    made_at = models.DateTimeField()


class ReceivedWords(Governed):
    """Words that arrived with the conversation, kept until the transcript has taken them over."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, related_name="received_words")
    content_key = models.ForeignKey(ContentKey, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=80)


class Reveal(Governed):
    """Somebody saw what was removed, for a purpose and a reason. The customer can read the reason."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="reveals")
    content_key = models.ForeignKey(ContentKey, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=60)
    reason = models.BinaryField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    entry = models.UUIDField()


class Note(Governed):
    """A remark at a second of a conversation, sealed. `audience`: who of those that may read it reads the note."""

    class Audience(models.TextChoices):
        ME = "me", "Only me"
        LEADS = "leads", "Me, supervisors and privacy officers"
        ALL = "all", "Everybody who may read this conversation"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="notes")
    content_key = models.ForeignKey(ContentKey, on_delete=models.PROTECT, related_name="+")
    at_s = models.FloatField(null=True)
    text = models.BinaryField()
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.LEADS)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["conversation", "at_s"])]


class Clip(Governed):
    """A stretch of a conversation that somebody named. It holds no sound: it plays from the silenced copy."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="clips")
    content_key = models.ForeignKey(ContentKey, on_delete=models.PROTECT, related_name="+")
    start_s = models.FloatField()
    end_s = models.FloatField()
    title = models.BinaryField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organisation", "by", "-at"])]


class Share(Governed):
    """A link by which colleagues open a conversation, or a stretch of it, for one purpose until it ends."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="shares")
    start_s = models.FloatField(null=True)
    end_s = models.FloatField(null=True)
    purpose = models.CharField(max_length=60)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    opened = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["conversation", "at"])]


class HandedOut(Governed):
    """The redacted sound or words left as a file: to whom, for what, why. The customer can read the reason."""

    class What(models.TextChoices):
        SOUND = "sound", "Sound"
        WORDS = "words", "Words"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="handed_out")
    content_key = models.ForeignKey(ContentKey, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=10, choices=What.choices)
    recipient = models.CharField(max_length=80)
    purpose = models.CharField(max_length=60)
    reason = models.BinaryField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()


class SavedSearch(Governed):
    """A search that a member of staff runs again; name and query sealed under their own key, since a query can
    hold what customers are called.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    name = models.BinaryField()
    query = models.BinaryField()
    shared = models.BooleanField(default=False)
    used_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organisation", "shared"])]


class Mark(Governed):
    """Something that happened at a second of a call: its recording paused and went on, somebody was put on hold.

    `ended_by_itself`: nobody said that the recording should go on, so it did by the policy.
    """

    class Kind(models.TextChoices):
        PAUSE = "pause", "Recording paused"
        HOLD = "hold", "On hold"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="marks")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    start_s = models.FloatField()
    end_s = models.FloatField()
    ended_by_itself = models.BooleanField(default=False)
    applied = models.BooleanField(default=False)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["conversation", "start_s"])]


class TelephonyEvent(Governed):
    """What a telephone system or an agent's button said about a call, until the call arrives. `source_blind` is a
    keyed digest of the call's id; with the button there is none, and `agent` tells whose call it is.
    """

    class Kind(models.TextChoices):
        PAUSE = "pause", "Pause the recording"
        RESUME = "resume", "Go on recording"
        HOLD = "hold", "Put on hold"
        RETRIEVE = "retrieve", "Back from hold"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    source_blind = models.BinaryField(null=True)
    agent = models.ForeignKey(Subject, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "source_blind"]),
            models.Index(fields=["agent", "at"]),
        ]
