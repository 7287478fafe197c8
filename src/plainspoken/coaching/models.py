"""Goals, coaching sessions with their notes, stretches of conversations that belong to them, good clips, and thanks."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from plainspoken.conversations.models import Conversation
from plainspoken.custody.models import ContentKey, Governed, Subject
from plainspoken.quality.models import Evaluation, Form

from .states import (
    CLIP_WORDS,
    GOAL_WORDS,
    OPEN,
    SESSION_WORDS,
    ClipState,
    GoalState,
    SessionState,
)


class Goal(Governed):
    """What an agent and a coach agree on: a question of a form, the share to reach, and by which day.

    made_by: whose answers count, people's or the rules'; the two are never one number. target: percent of the
    question's points. base_*: the 90 days before it started; since_*: from the start to its end, kept when it ends.
    earned: sum of shares (0 to 1) over n evaluations. reason: why it ended. text: why and how, under the agent's key.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="+")
    question = models.CharField(max_length=40)
    made_by = models.CharField(max_length=10, choices=Evaluation.MadeBy.choices)
    target = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    due_on = models.DateField()
    state = models.CharField(
        max_length=12, choices=[(s.value, GOAL_WORDS[s]) for s in GoalState], default=GoalState.PROPOSED
    )
    text = models.BinaryField(null=True)
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()
    agreed_by = models.CharField(max_length=80, blank=True)
    agreed_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=20, blank=True)
    base_n = models.PositiveIntegerField(null=True)
    base_earned = models.FloatField(null=True)
    since_n = models.PositiveIntegerField(null=True)
    since_earned = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "form", "question", "made_by"],
                condition=models.Q(state__in=[s.value for s in OPEN]),
                name="goal_open_once",
            )
        ]
        indexes = [models.Index(fields=["organisation", "agent", "state"])]


class CoachingSession(Governed):
    """Coach and agent meet. goals: those on the agenda."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    coach = models.CharField(max_length=80)
    at = models.DateTimeField()
    state = models.CharField(
        max_length=10,
        choices=[(s.value, SESSION_WORDS[s]) for s in SessionState],
        default=SessionState.PLANNED,
    )
    goals = ArrayField(models.UUIDField(), default=list)
    made_at = models.DateTimeField()
    held_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "agent", "-at"])]


class SessionNote(Governed):
    """A note of a session, sealed with the agent's key. What a coach writes both read; an agent may write for themselves."""

    class Audience(models.TextChoices):
        BOTH = "both", "Both of us"
        AGENT = "agent", "Only me"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(CoachingSession, on_delete=models.CASCADE, related_name="notes")
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.BOTH)
    text = models.BinaryField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()


class Recognition(Governed):
    """A colleague's thanks: about a goal or a conversation. About a conversation, the words are an Excerpt."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    goal = models.ForeignKey(Goal, null=True, on_delete=models.SET_NULL, related_name="+")
    conversation = models.ForeignKey(Conversation, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.BinaryField(null=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organisation", "agent", "-at"])]


class Excerpt(Governed):
    """A stretch of a conversation, or all of it, with words about it: on a session's agenda, or of somebody's thanks.

    Sealed with the conversation's content key, so that the words end with its customer.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    content_key = models.ForeignKey(ContentKey, on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey(CoachingSession, null=True, on_delete=models.CASCADE, related_name="excerpts")
    recognition = models.ForeignKey(Recognition, null=True, on_delete=models.CASCADE, related_name="excerpts")
    start_s = models.FloatField(null=True)
    end_s = models.FloatField(null=True)
    text = models.BinaryField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()


class LibraryClip(Governed):
    """A stretch of a call that colleagues may learn from, once its agent agreed. It plays from the silenced copy."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    content_key = models.ForeignKey(ContentKey, on_delete=models.PROTECT, related_name="+")
    agent = models.ForeignKey(Subject, null=True, on_delete=models.PROTECT, related_name="+")
    start_s = models.FloatField()
    end_s = models.FloatField()
    title = models.BinaryField()
    text = models.BinaryField()
    state = models.CharField(
        max_length=10, choices=[(s.value, CLIP_WORDS[s]) for s in ClipState], default=ClipState.ASKED
    )
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "start_s", "end_s"], name="library_clip_once")
        ]
        indexes = [models.Index(fields=["organisation", "state", "-at"])]
