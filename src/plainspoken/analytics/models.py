"""Reports that somebody saved, who gets them by mail, and what was sent."""

import uuid

from django.db import models

from plainspoken.custody.models import Governed, Subject
from plainspoken.kernels.reporting import Every


class Report(Governed):
    """A report under a name. Both are sealed under the key of who saved it: the name, and what it asks for.

    shared: other readers of reports may run it too. It asks; the numbers are counted anew each time.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="+")
    name = models.BinaryField()
    definition = models.BinaryField()
    shared = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField()


class Subscription(Governed):
    """Somebody gets a report by mail: daily, each Monday or each first of a month, at an hour of their zone.

    next_at is the next moment at which it is due. ended_because: a code, empty while it runs.
    """

    class Ended(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", "They stopped it"
        ROLE = "role", "They may not read reports any more"
        REMOVED = "removed", "The report is not shared any more"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="subscriptions")
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="+")
    every = models.CharField(max_length=5, choices=[(one.value, one.value.capitalize()) for one in Every])
    hour = models.PositiveSmallIntegerField()
    zone = models.CharField(max_length=60)
    next_at = models.DateTimeField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=12, choices=Ended.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "subject"], condition=models.Q(ended_at=None), name="subscription_once"
            )
        ]
        indexes = [models.Index(fields=["organisation", "next_at"])]


class Delivery(Governed):
    """One mail of a subscription for one due day: there is at most one, however often the job runs.

    message: the mail, whose state says whether it went. carried: whether numbers were in it, or the link alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="deliveries")
    due_on = models.DateField()
    message = models.UUIDField()
    carried = models.BooleanField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscription", "due_on"], name="delivery_once")]
