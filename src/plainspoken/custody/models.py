"""Organisations, data subjects, purposes, decisions, content keys and the ledger."""

import uuid
from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Organisation(models.Model):
    """A controller (GDPR Art. 4(7)) that this installation serves."""

    class Kind(models.TextChoices):
        LIVE = "live", "Live"
        DEMO = "demo", "Demonstration"
        PROVING = "proving", "Proving"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.LIVE)
    home_region = models.CharField(max_length=80)
    time_zone = models.CharField(max_length=60, default="UTC")
    language = models.CharField(max_length=12, default="en")
    phone_region = models.CharField(max_length=2, default="US")
    smtp_url = models.CharField(max_length=300, blank=True)
    clock_shift = models.DurationField(default=timedelta(0))
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="proving") | models.Q(clock_shift=timedelta(0)),
                name="organisation_only_proving_shifts_its_clock",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Governed(models.Model):
    """A row about data subjects. `closed_to` and `open_to` are bit masks, one bit a purpose.

    Both are copied from the row's subjects by triggers made from the declarations; code never writes them.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    closed_to = models.BigIntegerField(default=0, editable=False)
    open_to = models.BigIntegerField(default=0, editable=False)

    class Meta:
        abstract = True


class Subject(Governed):
    """A data subject: a pseudonym and what it may be used for. Names and numbers live in `people`."""

    class Kind(models.TextChoices):
        CUSTOMER = "customer", "Customer"
        STAFF = "staff", "Staff"
        OTHER = "other", "Other"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.CUSTOMER)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "kind"])]


class Decision(Governed):
    """A restriction, objection, withdrawal or consent of one subject; the source of the subject's masks."""

    class Kind(models.TextChoices):
        RESTRICTION = "restriction", "Restriction"
        OBJECTION = "objection", "Objection"
        WITHDRAWAL = "withdrawal", "Withdrawal"
        CONSENT = "consent", "Consent"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="decisions")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    purposes = ArrayField(models.CharField(max_length=60))
    ground = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)


class Purpose(models.Model):
    """A purpose's bit, given once and never reused (at most 62)."""

    name = models.CharField(primary_key=True, max_length=60)
    bit = models.SmallIntegerField(unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(bit__gte=0, bit__lte=61), name="purpose_bit_fits_bigint"
            )
        ]


class PurposeGrant(models.Model):
    """Which database role may enter which purpose."""

    role = models.CharField(max_length=60)
    purpose = models.ForeignKey(Purpose, on_delete=models.CASCADE, related_name="grants")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "purpose"], name="purpose_grant_once")]


class PurposeState(models.Model):
    """What an organisation's policy says of a purpose from `since` on, by the organisation's clock.

    The row with the latest `since` that has come is in force, so that a pending version opens and closes purposes
    at its hour without anybody having to act.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    purpose = models.ForeignKey(Purpose, on_delete=models.CASCADE, related_name="states")
    since = models.DateTimeField()
    open = models.BooleanField(default=True)
    needs_consent = models.BooleanField(default=False)
    maintenance = models.BooleanField(default=False)
    portal = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "purpose", "since"], name="purpose_state_once")
        ]


class ContentKey(models.Model):
    """The data key of one conversation's content, wrapped in turn by the key of every holder.

    Every holder's key is needed to open it, so that destroying one makes each earlier copy unreadable.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    holders = ArrayField(models.UUIDField())
    wrapped = models.BinaryField()


class LedgerEntry(models.Model):
    """What happened, without values. Written in the transaction of the act; never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    act = models.CharField(max_length=60)
    purpose = models.CharField(max_length=60)
    by = models.CharField(max_length=80)
    subject = models.UUIDField(null=True)
    about = models.CharField(max_length=120, blank=True)
    proof = models.BinaryField(null=True)
    detail = models.JSONField(default=dict)
    request = models.UUIDField(null=True)
    xid = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "xid", "id"]),
            models.Index(fields=["organisation", "subject"]),
            models.Index(fields=["organisation", "about"]),
            models.Index(fields=["organisation", "at"]),
        ]


class LedgerBatch(models.Model):
    """A sealed run of entries: a Merkle root (RFC 9162), chained to the batch before and signed (Ed25519)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    sequence = models.BigIntegerField()
    first = models.BigIntegerField()
    size = models.IntegerField()
    horizon = models.BigIntegerField()
    root = models.BinaryField()
    previous = models.BinaryField()
    head = models.BinaryField()
    signature = models.BinaryField()
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "sequence"], name="ledger_batch_once")]


class LedgerLeaf(models.Model):
    """The place of one entry in the chain: its number in the organisation's ledger, and its hash."""

    entry = models.OneToOneField(LedgerEntry, primary_key=True, on_delete=models.PROTECT, related_name="leaf")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "number"], name="ledger_leaf_once")]
