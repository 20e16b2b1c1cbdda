"""Messages, the ledger of attempts to send them, and the keys under which callers may repeat a request.

A message made from a kind holds no text: it is rendered for each attempt and forgotten. The text is stored
only where the caller gave it.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kit.ids import uuid7
from kit.outbox import OutboxQuerySet, OutboxRow
from kit.tenants import HOUSE
from notifications.channels import Channel
from notifications.lanes import Lane


class Message(OutboxRow):
    """One message to one or several recipients on one channel, and the queue entry of it at the same time."""

    Channel = Channel

    class Status(models.TextChoices):
        QUEUED = "queued"
        SCHEDULED = "scheduled"
        SENDING = "sending"
        SENT = "sent"
        DELIVERED = "delivered"
        FAILED = "failed"
        CANCELLED = "cancelled"
        SUPPRESSED = "suppressed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.UUIDField(default=HOUSE, editable=False)
    channel = models.CharField(max_length=16, choices=Channel, default=Channel.EMAIL)
    lane = models.PositiveSmallIntegerField(choices=Lane, default=Lane.NORMAL)
    kind = models.CharField(max_length=100, blank=True, help_text="Empty when the caller gave the text itself.")
    reference = models.UUIDField(null=True, editable=False, help_text="The row that a kind builds its content from.")
    locale = models.CharField(max_length=35, blank=True)
    to = models.JSONField(help_text="The recipients, in order.")
    recipient = models.CharField(max_length=254, help_text="The first recipient in canonical form, for look-up.")
    remaining = models.JSONField(null=True, editable=False, help_text="Who has not been reached yet, once some have.")
    subject = models.CharField(max_length=998, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    reply_to = models.CharField(max_length=254, blank=True)
    category = models.CharField(max_length=64, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    person = models.UUIDField(
        null=True, editable=False, help_text="Whom it is sent for, where the recipient may be another."
    )
    caller = models.UUIDField(null=True, help_text="Who asked for it; empty when the product itself did.")
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    failure = models.CharField(max_length=64, blank=True, help_text="Why it failed, in one word.")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True, help_text="After this it is not worth sending.")

    objects: ClassVar[OutboxQuerySet["Message"]] = OutboxQuerySet["Message"].as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("-id",)
        indexes = (
            # `status` is in it, so that the queue is counted without its rows being read.
            models.Index(fields=("lane", "due_at", "status"), condition=Q(due_at__isnull=False), name="message_due"),
            models.Index(fields=("recipient", "id"), name="message_recipient"),
            models.Index(fields=("caller", "id"), name="message_caller"),
            models.Index(fields=("status", "id"), name="message_status"),
            models.Index(fields=("person",), condition=Q(person__isnull=False), name="message_person"),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"


class Attempt(models.Model):
    """One try to hand a message to one provider, written before the call, so that a call cut short leaves a trace."""

    class Outcome(models.TextChoices):
        OPEN = "open", "under way"
        ACCEPTED = "accepted", "taken by the provider"
        REFUSED = "refused", "refused for good"
        DEFERRED = "deferred", "failed for now"
        MISCONFIGURED = "misconfigured", "the provider is set up wrongly"
        UNKNOWN = "unknown", "may or may not have been taken"
        WITHDRAWN = "withdrawn", "there was nothing to send any more"

    FAILURES = (Outcome.REFUSED, Outcome.DEFERRED, Outcome.MISCONFIGURED, Outcome.UNKNOWN)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The unique constraint serves look-ups by message, so the key needs no index of its own.
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attempts", db_index=False)
    claim = models.PositiveIntegerField(help_text="The message's fencing number in this attempt.")
    provider = models.CharField(max_length=64)
    outcome = models.CharField(max_length=16, choices=Outcome, default=Outcome.OPEN)
    error = models.CharField(max_length=64, blank=True, help_text="The machine word of what went wrong.")
    detail = models.CharField(max_length=255, blank=True, help_text="What the provider said.")
    provider_id = models.CharField(max_length=255, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("message", "claim", "provider"), name="attempt_once_per_claim_and_provider"
            ),
        )
        indexes = (
            models.Index(
                fields=("id", "outcome"),
                name="attempt_failed",
                # The failures; a class within the class cannot see them by their name.
                # nosemgrep: loose-enum-string - as above
                condition=Q(outcome__in=("refused", "deferred", "misconfigured", "unknown")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.provider}: {self.outcome}"


class IdempotencyKey(models.Model):
    """A caller's own name for a request, good for 24 hours. Written with its message: both are there, or neither."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.UUIDField(default=HOUSE)
    caller = models.UUIDField()
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the request, in hex.")
    status = models.CharField(max_length=16, help_text="The status that the first answer named.")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("tenant", "caller", "key"), name="idempotency_key_once"),)

    def __str__(self) -> str:
        return self.key
