"""Forms, plans, evaluations with their answers and words, disputes, and calibration."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from plainspoken.conversations.models import Conversation
from plainspoken.custody.models import ContentKey, Governed, Organisation, Subject

from .states import State as Standing


class Form(models.Model):
    """A form of the organisation; what it asks stands in its versions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)


class FormVersion(models.Model):
    """One version of a form. A draft may change; what was published never does: `digest` is that of `content`."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    content = models.JSONField()
    digest = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    published_by = models.CharField(max_length=80, blank=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["form", "number"], name="form_version_once"),
            models.UniqueConstraint(
                fields=["form"], condition=models.Q(state="draft"), name="form_draft_once"
            ),
            models.UniqueConstraint(
                fields=["form"], condition=models.Q(state="published"), name="form_published_once"
            ),
        ]


class Plan(models.Model):
    """How many conversations of each agent are evaluated, which ones, by whom, and by when.

    kinds, queues: only these; empty means all. search: only what this saved search finds; its words stay with who saved
    it, and once it is removed the plan chooses nothing. days: how far back it looks. evaluators: accounts, in turn.
    approval: whether somebody else approves each evaluation before the agent sees it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="plans")
    per_agent = models.PositiveSmallIntegerField()
    kinds = ArrayField(models.CharField(max_length=10), default=list)
    queues = ArrayField(models.CharField(max_length=60), default=list)
    search = models.UUIDField(null=True)
    days = models.PositiveSmallIntegerField()
    due_days = models.PositiveSmallIntegerField()
    evaluators = ArrayField(models.UUIDField())
    approval = models.BooleanField(default=False)
    seed = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)
    run_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)


class Assignment(Governed):
    """One conversation of one agent that somebody is asked to evaluate."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    agent = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, null=True, on_delete=models.SET_NULL, related_name="assignments")
    evaluator = models.CharField(max_length=80)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "conversation", "agent"], name="assignment_once")
        ]
        indexes = [models.Index(fields=["organisation", "evaluator", "state"])]


class Evaluation(Governed):
    """What somebody, or a rule, found of one conversation of one agent. A measure about the agent; words are apart.

    evaluator: who acts ("person:account", "program:name"). rules: the version of the rules of an automatic one.
    percent is what `passed` was decided by; both stand beside each other, since a fatal error fails by itself.
    """

    class MadeBy(models.TextChoices):
        PERSON = "person", "A person"
        AUTOMATIC = "automatic", "A program"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="+")
    agent = models.ForeignKey(Subject, null=True, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="evaluations")
    assignment = models.ForeignKey(
        Assignment, null=True, on_delete=models.SET_NULL, related_name="evaluations"
    )
    made_by = models.CharField(max_length=10, choices=MadeBy.choices, default=MadeBy.PERSON)
    evaluator = models.CharField(max_length=80)
    rules = models.CharField(max_length=120, blank=True)
    state = models.CharField(
        max_length=12, choices=[(s.value, s.value.capitalize()) for s in Standing], default=Standing.DRAFT
    )
    percent = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    passed = models.BooleanField(null=True)
    band = models.CharField(max_length=120, blank=True)
    fatal = ArrayField(models.CharField(max_length=40), default=list)
    errors = ArrayField(models.CharField(max_length=40), default=list)
    approval = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=80, blank=True)
    released_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    answer_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "agent", "version", "evaluator"],
                condition=models.Q(state="draft"),
                name="evaluation_draft_once",
            ),
            # Scoring again with the same rules changes nothing, however often the job runs.
            models.UniqueConstraint(
                fields=["conversation", "agent", "rules"],
                condition=models.Q(made_by="automatic"),
                name="evaluation_automatic_once",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "agent", "state"]),
            models.Index(fields=["organisation", "state", "-made_at"]),
        ]


class Answer(Governed):
    """One answer. evidence: [{"what", "turn", "start_s", "end_s"}], what it rests on; of a program the first item is
    its reason. No words: those stay in the transcript, and end with it. confidence: 0 to 1, of a program.

    The words of a text answer are a Comment, sealed with the conversation's key.
    """

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="answers")
    question = models.CharField(max_length=40)
    value = models.CharField(max_length=40, blank=True)
    not_applicable = models.BooleanField(default=False)
    evidence = models.JSONField(default=list)
    confidence = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["evaluation", "question"], name="answer_once")]


class Dispute(Governed):
    """An agent disagrees: first a dispute, then an appeal. What they and who decides write is a Comment.

    changes: {question: [value before, value after]} where it was overturned; "-" is "does not apply".
    """

    class Stage(models.TextChoices):
        DISPUTE = "dispute", "Dispute"
        APPEAL = "appeal", "Appeal"

    class Outcome(models.TextChoices):
        UPHELD = "upheld", "It stays"
        OVERTURNED = "overturned", "It was changed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="disputes")
    stage = models.CharField(max_length=10, choices=Stage.choices)
    made_at = models.DateTimeField()
    decide_until = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=80, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    changes = models.JSONField(default=dict)
    percent_before = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    percent_after = models.DecimalField(max_digits=6, decimal_places=3, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["evaluation", "stage"], name="dispute_once")]


class Comment(Governed):
    """Words about a conversation: a remark at a second, a text answer, or why somebody disputes or decides.

    Sealed with the conversation's content key, so that they end with its customer. Where the conversation has ended
    already, `content_key` is empty and the agent's own key seals.
    """

    class Kind(models.TextChoices):
        REMARK = "remark", "Remark"
        ANSWER = "answer", "Answer"
        REASON = "reason", "Why the agent disagrees"
        DECISION = "decision", "Why it was decided so"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="comments")
    dispute = models.ForeignKey(Dispute, null=True, on_delete=models.CASCADE, related_name="comments")
    content_key = models.ForeignKey(ContentKey, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    question = models.CharField(max_length=40, blank=True)
    at_s = models.FloatField(null=True)
    text = models.BinaryField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["evaluation", "at_s"])]


class CalibrationSession(Governed):
    """Several people evaluate the same conversation blind; the leader's sheet is the reference."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    leader = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)


class CalibrationSheet(Governed):
    """One evaluator's answers in a session: {question: value}, "-" for "does not apply". About the evaluator."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(CalibrationSession, on_delete=models.CASCADE, related_name="sheets")
    evaluator = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    by = models.CharField(max_length=80)
    answers = models.JSONField(default=dict)
    percent = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    passed = models.BooleanField(null=True)
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "evaluator"], name="sheet_once")]


class RuleSet(models.Model):
    """One version of the rules that evaluate conversations automatically. It never changes; `digest` is its content's.

    form: the version of the form whose questions the rules answer, so that people can answer the same ones.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    form = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=80)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="rules_number_once"),
            models.UniqueConstraint(
                fields=["organisation"], condition=models.Q(retired_at=None), name="rules_in_force_once"
            ),
        ]
