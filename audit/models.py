"""The log and what proves it: entries, the personal fields beside them, seals, checkpoints, and floods being counted.

Entries hold no foreign key and no personal text: history outlives its subjects. The personal fields lie in a row of
their own that erasure may empty; the entry keeps a salted commitment to them. Entries, seals and checkpoints are
append-only by triggers (`audit.triggers`), not by convention.
"""

from django.db import models
from django.db.models import Q

from audit.vocabulary import MAX_NAME, ActorKind, Outcome
from kit.ids import uuid7
from kit.tenants import HOUSE

SHA256_HEX = 64


class Entry(models.Model):
    """One thing that happened, or was refused. Never changed, never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.UUIDField(default=HOUSE)
    at = models.DateTimeField()
    action = models.CharField(max_length=MAX_NAME)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    actor = models.UUIDField(null=True, blank=True)
    impersonator = models.UUIDField("acting for the actor", null=True, blank=True)
    target_kind = models.CharField(max_length=50, blank=True)
    target = models.CharField(max_length=100, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    details = models.JSONField(default=dict, blank=True)
    commitment = models.CharField(max_length=SHA256_HEX, blank=True)
    mac = models.CharField(max_length=160)

    class Meta:
        verbose_name_plural = "entries"
        default_permissions = ("view",)
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["at", "id"], name="audit_entry_at"),
            models.Index(fields=["action", "at"], name="audit_entry_action"),
            models.Index(fields=["actor", "at"], name="audit_entry_actor", condition=Q(actor__isnull=False)),
            models.Index(fields=["target", "at"], name="audit_entry_target"),
            # The few that somebody made for another person: of one of them, and all.
            models.Index(
                fields=["impersonator", "at"], name="audit_entry_impersonator", condition=Q(impersonator__isnull=False)
            ),
            models.Index(fields=["at", "id"], name="audit_entry_impersonated", condition=Q(impersonator__isnull=False)),
            # `outcome` is in it, so that SQLite counts refusals without reading their rows.
            models.Index(
                fields=["outcome", "at", "id"], name="audit_entry_refused", condition=Q(outcome=Outcome.REFUSED)
            ),
            # Floods: refusals that no single request made.
            models.Index(
                fields=["outcome", "request_id", "at"],
                name="audit_entry_flood",
                condition=Q(outcome=Outcome.REFUSED, request_id=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.outcome}"


class Personal(models.Model):
    """The personal fields of one entry, and whether the entry still waits for its seal.

    `salt` is the key of the entry's commitment: once erased, nobody can tell by trying which address was meant.
    """

    entry = models.OneToOneField(Entry, models.DO_NOTHING, primary_key=True, db_constraint=False)
    salt = models.CharField(max_length=32, blank=True)
    address = models.CharField(max_length=64, blank=True)
    agent = models.CharField(max_length=512, blank=True)
    name = models.CharField(max_length=254, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    sealed = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["entry"], name="audit_personal_unsealed", condition=Q(sealed=False)),
        ]

    def __str__(self) -> str:
        return f"personal fields of {self.entry_id}"


class Seal(models.Model):
    """One link of the chain: `chain` is SHA-256 over the link before it, the position, the entry and its digest."""

    position = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, models.DO_NOTHING, db_constraint=False)
    digest = models.CharField(max_length=SHA256_HEX)
    chain = models.CharField(max_length=SHA256_HEX)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.position}: {self.entry_id}"


class Checkpoint(models.Model):
    """A signature over the chain as it stood at one position; whoever rewrites the chain cannot make one."""

    position = models.BigIntegerField(primary_key=True)
    chain = models.CharField(max_length=SHA256_HEX)
    at = models.DateTimeField()
    signature = models.CharField(max_length=160)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.position}:{self.chain}"


class Flood(models.Model):
    """Refusals of one cause from one source within one minute, being counted until `audit.floods.flush` ends it."""

    key = models.CharField(max_length=SHA256_HEX, primary_key=True)
    tenant = models.UUIDField(default=HOUSE)
    action = models.CharField(max_length=MAX_NAME)
    reason = models.CharField(max_length=100, blank=True)
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    actor = models.UUIDField(null=True, blank=True)
    impersonator = models.UUIDField(null=True, blank=True)
    network = models.CharField(max_length=64, blank=True)
    first_at = models.DateTimeField(db_index=True)
    last_at = models.DateTimeField()
    count = models.BigIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.action} ×{self.count}"
