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
    data = models.JSONField(default=dict, blank=True, help_text="What goes along with a push message.")
    reply_to = models.CharField(max_length=254, blank=True)
    files = models.PositiveSmallIntegerField(default=0, editable=False, help_text="How many attachments go along.")
    template = models.CharField(max_length=100, blank=True, help_text="The template that a caller named.")
    template_version = models.UUIDField(
        null=True,
        editable=False,
        help_text="The version of its template that it is rendered from, whatever comes after.",
    )
    category = models.CharField(max_length=64, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    person = models.UUIDField(
        null=True, editable=False, help_text="Whom it is sent for, where the recipient may be another."
    )
    caller = models.UUIDField(null=True, help_text="Who asked for it; empty when the product itself did.")
    batch = models.UUIDField(null=True, editable=False, help_text="The call of many that it came with.")
    resent_from = models.UUIDField(null=True, editable=False, help_text="The message that it is sent instead of.")
    digest = models.CharField(
        max_length=64, blank=True, editable=False, help_text="It waits to be told together with others of this key."
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    failure = models.CharField(max_length=64, blank=True, help_text="Why it failed, in one word.")
    awaiting = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text="The provider that took it and has yet to say what became of it.",
    )
    in_doubt = models.CharField(
        max_length=64, blank=True, editable=False, help_text="The provider that may have taken it."
    )
    passed_over = models.JSONField(
        default=list, blank=True, editable=False, help_text="The providers that took it and did not get it out."
    )
    tries = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="Attempts that ended without success."
    )
    segments = models.PositiveSmallIntegerField(default=0, editable=False, help_text="Parts of a short message.")
    cost = models.PositiveIntegerField(
        default=0, editable=False, help_text="What it costs by the price list, in millionths of its currency."
    )
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True, help_text="After this it is not worth sending.")
    blanked_at = models.DateTimeField(null=True, editable=False, help_text="When what it said was forgotten.")

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
            models.Index(fields=("template", "id"), condition=~Q(template=""), name="message_template"),
            models.Index(fields=("category", "id"), condition=~Q(category=""), name="message_category"),
            models.Index(fields=("channel", "id"), name="message_channel"),
            models.Index(fields=("digest", "id"), condition=~Q(digest=""), name="message_digest"),
            models.Index(fields=("batch",), condition=Q(batch__isnull=False), name="message_batch"),
            # Only what callers wrote, and only until it is forgotten: what a kind says is not kept.
            models.Index(
                fields=("id",), condition=Q(blanked_at__isnull=True, due_at__isnull=True, kind=""), name="message_said"
            ),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"


class Attempt(models.Model):
    """One try to hand a message to one provider, written before the call, so that a call cut short leaves a trace.

    A provider that reports moves it on from `accepted`, and never back.
    """

    class Outcome(models.TextChoices):
        OPEN = "open", "under way"
        ACCEPTED = "accepted", "taken by the provider"
        SENT = "sent", "on its way from the provider"
        DELIVERED = "delivered", "delivered"
        UNDELIVERED = "undelivered", "not delivered by the provider"
        REFUSED = "refused", "refused for good"
        DEFERRED = "deferred", "failed for now"
        MISCONFIGURED = "misconfigured", "the provider is set up wrongly"
        UNKNOWN = "unknown", "may or may not have been taken"
        WITHDRAWN = "withdrawn", "there was nothing to send any more"

    FAILURES = (Outcome.UNDELIVERED, Outcome.REFUSED, Outcome.DEFERRED, Outcome.MISCONFIGURED, Outcome.UNKNOWN)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The unique constraint serves look-ups by message, so the key needs no index of its own.
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attempts", db_index=False)
    claim = models.PositiveIntegerField(help_text="The message's fencing number in this attempt.")
    provider = models.CharField(max_length=64)
    recipients = models.JSONField(null=True, editable=False, help_text="Who of several it was for; empty: everybody.")
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
                condition=Q(outcome__in=("undelivered", "refused", "deferred", "misconfigured", "unknown")),
            ),
            models.Index(fields=("provider", "provider_id"), condition=~Q(provider_id=""), name="attempt_provider_id"),
        )

    def __str__(self) -> str:
        return f"{self.provider}: {self.outcome}"


class Receipt(models.Model):
    """What a provider said later of a message it had taken: once an event, also before its attempt is known."""

    class Event(models.TextChoices):
        """In the order of a message's life; what comes late moves nothing back."""

        ACCEPTED = "accepted"
        SENT = "sent"
        DELIVERED = "delivered"
        READ = "read"
        FAILED = "failed", "failed: another provider may try"
        BOUNCED = "bounced", "the recipient cannot be reached"
        COMPLAINED = "complained", "the recipient called it spam"
        STOPPED = "stopped", "the recipient wants no more"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.CharField(max_length=64)
    event_id = models.CharField(max_length=255, help_text="The provider's own name for the event.")
    event = models.CharField(max_length=16, choices=Event)
    message = models.ForeignKey(Message, null=True, on_delete=models.CASCADE, related_name="receipts")
    provider_id = models.CharField(max_length=255, blank=True, help_text="The provider's name for the message.")
    recipient = models.CharField(max_length=254, blank=True)
    detail = models.CharField(max_length=255, blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True, help_text="Empty while no attempt is known that it belongs to.")

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("provider", "event_id"), name="receipt_once_per_event"),)
        indexes = (
            models.Index(
                fields=("provider", "provider_id"), condition=Q(handled_at__isnull=True), name="receipt_unhandled"
            ),
        )

    def __str__(self) -> str:
        return f"{self.provider}: {self.event}"


class AttachmentManager(models.Manager["Attachment"]):
    """Reads what is known of files, and their bytes only where those are asked for."""

    def get_queryset(self) -> models.QuerySet["Attachment"]:
        """Return the files without their bytes."""
        return super().get_queryset().defer("content")


class Attachment(models.Model):
    """A file that goes along. Its bytes lie in its row: what is accepted is whole. They go once they are sent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    caller = models.UUIDField(null=True, editable=False, help_text="Who asked for its message.")
    position = models.PositiveSmallIntegerField()
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=127)
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(null=True, editable=False, help_text="Its bytes; empty once they are gone.")
    removed_at = models.DateTimeField(null=True)

    objects = AttachmentManager()

    class Meta:
        ordering = ("message", "position")
        constraints = (models.UniqueConstraint(fields=("message", "position"), name="attachment_once_per_place"),)
        indexes = (
            models.Index(fields=("message",), condition=Q(removed_at__isnull=True), name="attachment_kept"),
            models.Index(fields=("caller", "size"), condition=Q(removed_at__isnull=True), name="attachment_of_caller"),
        )

    def __str__(self) -> str:
        return self.filename


class IdempotencyKey(models.Model):
    """A caller's own name for a request, good for 24 hours. Written with its messages: all are there, or none.

    `answer` is what the first request was answered, where that named more than the one message.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.UUIDField(default=HOUSE)
    caller = models.UUIDField()
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the request, in hex.")
    status = models.CharField(max_length=16, help_text="The status that the first answer named.")
    message = models.ForeignKey(Message, null=True, on_delete=models.CASCADE, related_name="+")
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("tenant", "caller", "key"), name="idempotency_key_once"),)

    def __str__(self) -> str:
        return self.key
