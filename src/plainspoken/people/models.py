"""Accounts are global; memberships and identifiers belong to an organisation."""

import uuid

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from plainspoken.custody.models import Governed, Organisation, Subject


class Accounts(BaseUserManager["Account"]):
    """Makes accounts; sign-in names are e-mail addresses."""

    def create_user(self, email: str, password: str | None = None, *, name: str = "") -> "Account":
        account = self.model(email=self.normalize_email(email).lower(), name=name)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """Somebody who can sign in, in any number of organisations."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=12, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = Accounts()

    def __str__(self) -> str:
        return f"account {self.id}"


class Membership(models.Model):
    """What an account may do in an organisation, and the data subject it is there."""

    class Role(models.TextChoices):
        AGENT = "agent", "Agent"
        SUPERVISOR = "supervisor", "Supervisor"
        ANALYST = "analyst", "Quality analyst"
        PRIVACY_OFFICER = "privacy_officer", "Privacy officer"
        ADMINISTRATOR = "administrator", "Administrator"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role.choices)
    subject = models.ForeignKey(Subject, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    team = models.CharField(max_length=60, blank=True)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "organisation"], name="membership_once"),
        ]


class ApiToken(models.Model):
    """A key for the API, shown once. Only its digest is kept (256 random bits need no salt)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)
    digest = models.BinaryField(unique=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)


class Identifier(Governed):
    """One identifier of one subject: sealed under the subject's key, found by blind index."""

    class Kind(models.TextChoices):
        NAME = "name", "Name"
        PHONE = "phone", "Phone"
        EMAIL = "email", "E-mail"
        ACCOUNT = "account", "Account"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    value = models.BinaryField()
    blind = models.BinaryField()
    tokens = ArrayField(models.BinaryField(), default=list)
    source = models.CharField(max_length=60)
    first_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "kind", "blind"], name="identifier_once"),
        ]
        indexes = [
            models.Index(fields=["organisation", "kind", "blind"]),
            GinIndex(fields=["tokens"]),
        ]


class MergeProposal(Governed):
    """Two pseudonyms that may be one person. A person decides; nothing merges by itself."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        MERGED = "merged", "Merged"
        REFUSED = "refused", "Refused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "other"], name="merge_proposed_once")]


class Throttle(models.Model):
    """The cache table in which failed sign-ins are counted (Django's DatabaseCache reads and writes it)."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "people_throttle"
