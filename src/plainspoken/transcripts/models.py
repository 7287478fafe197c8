"""The transcript of a conversation: raw words sealed, redacted turns to read and to search."""

import uuid

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Case, F, Func, Q, Value, When

from plainspoken.conversations.models import Conversation, Participation
from plainspoken.custody.models import ContentKey, Governed

# "[card number]" stands where something was removed. Nobody said it, so nobody finds it (segments.LABEL).
LABELS = r"\[[a-z ]+\]"


def spoken(field: str) -> Func:
    """The text of a column without the labels of what was removed."""
    return Func(
        F(field),
        Value(LABELS),
        Value(" "),
        Value("g"),
        function="regexp_replace",
        output_field=models.TextField(),
    )


class Transcript(Governed):
    """What the house knows of the words of one conversation; `search` finds it by what was said, redacted.

    `sure` is the recogniser's mean confidence (0 to 1), `made_by` what wrote it, `title` the redacted subject
    line.
    """

    class State(models.TextChoices):
        WRITING = "writing", "Being written"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, related_name="transcript")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WRITING)
    reason = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=12, blank=True)
    made_by = models.CharField(max_length=60, blank=True)
    made_at = models.DateTimeField(null=True)
    sure = models.FloatField(null=True)
    title = models.CharField(max_length=600, blank=True)
    removed = models.PositiveIntegerField(default=0)
    search = SearchVectorField(null=True)

    class Meta:
        # One index for each way of stemming, since a query is stemmed alike (see sql/search.sql).
        indexes = [
            GinIndex(
                fields=["search"], name="transcript_search_english", condition=Q(language__startswith="en")
            ),
            GinIndex(
                fields=["search"], name="transcript_search_other", condition=~Q(language__startswith="en")
            ),
        ]


class Words(Governed):
    """The raw words with their times, sealed: an object of the store, one JSON line an utterance."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    transcript = models.OneToOneField(Transcript, on_delete=models.CASCADE, related_name="words")
    content_key = models.ForeignKey(ContentKey, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=80)


class Overruling(Governed):
    """Somebody decided against the rules on one part of a turn: it is shown (`shown`) or hidden as `type`.

    `rule`: the reason that was overruled, as a cut has it. The words, the person's sentence and the place in the
    text stand with the raw words, sealed. `case` is the shape of it for a test: other words of the same kind.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    transcript = models.ForeignKey(Transcript, on_delete=models.CASCADE, related_name="overrulings")
    ordinal = models.PositiveIntegerField()
    shown = models.BooleanField()
    type = models.CharField(max_length=20)
    rule = models.CharField(max_length=120, blank=True)
    reason = models.BinaryField()
    content_key = models.ForeignKey(ContentKey, on_delete=models.PROTECT, related_name="+")
    case = models.JSONField(default=dict)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["transcript", "at"])]


class Correction(Governed):
    """Somebody mended what the recogniser wrote. `before`, sealed as the raw words are: {"said": the utterance as it was,
    which undoing alone opens, "shown": [redacted text before, after], which the history of the turn shows}.

    `undone_at`: the words of before stand again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    transcript = models.ForeignKey(Transcript, on_delete=models.CASCADE, related_name="corrections")
    content_key = models.ForeignKey(ContentKey, on_delete=models.PROTECT, related_name="+")
    ordinal = models.PositiveIntegerField()
    before = models.BinaryField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["transcript", "at"])]


class Turn(Governed):
    """What one person said in one go, redacted.

    `pieces`: [{"word", "start_s"?, "end_s"?} or {"removed": type, "n": number}], in order.
    `cuts`: [{"n", "type", "reason", "start_s"?, "end_s"?, "channels"?}], one for each part removed.
    `gone`: the turn was erased at a person's request; only its time is left.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    transcript = models.ForeignKey(Transcript, on_delete=models.CASCADE, related_name="turns")
    participation = models.ForeignKey(Participation, null=True, on_delete=models.SET_NULL, related_name="+")
    ordinal = models.PositiveIntegerField()
    channel = models.PositiveSmallIntegerField(null=True)
    start_s = models.FloatField(null=True)
    end_s = models.FloatField(null=True)
    text = models.TextField()
    pieces = models.JSONField(default=list)
    cuts = models.JSONField(default=list)
    gone = models.BooleanField(default=False)
    language = models.CharField(max_length=12, blank=True)
    search = models.GeneratedField(
        expression=Case(
            When(language__startswith="en", then=SearchVector(spoken("text"), config="english")),
            default=SearchVector(spoken("text"), config="simple"),
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["transcript", "ordinal"], name="turn_once")]
        indexes = [GinIndex(fields=["search"])]
