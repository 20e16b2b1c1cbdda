"""What all processes must know of a provider together: whether it is up, and what it may still be given."""

from django.db import models

from kit.ids import uuid7
from vault.fields import EncryptedField


class ProviderState(models.Model):
    """The circuit breaker of a provider, its pause and its switch: written by conditional updates, held by nobody."""

    class Breaker(models.TextChoices):
        CLOSED = "closed"
        OPEN = "open"
        HALF_OPEN = "half_open"

    name = models.CharField(max_length=64, primary_key=True)
    breaker = models.CharField(max_length=16, choices=Breaker, default=Breaker.CLOSED)
    failures = models.PositiveIntegerField(default=0, help_text="System errors in a row.")
    window_start = models.DateTimeField(null=True, help_text="When the minute began in which calls are counted.")
    window_calls = models.PositiveIntegerField(default=0)
    window_failures = models.PositiveIntegerField(default=0)
    openings = models.PositiveSmallIntegerField(
        default=0, help_text="How often it opened in a row: each time for longer."
    )
    open_until = models.DateTimeField(null=True)
    probe_until = models.DateTimeField(null=True, help_text="Until then one process tries it; the others wait.")
    probe_successes = models.PositiveSmallIntegerField(default=0)
    paused_until = models.DateTimeField(null=True, help_text="It asked for a rest (Retry-After).")
    switched_off = models.BooleanField(default=False, help_text="Staff have taken it out of use.")
    switched_by = models.UUIDField(null=True)
    switched_at = models.DateTimeField(null=True)
    tokens = models.FloatField(null=True, help_text="What its rate still allows at `tokens_at`.")
    tokens_at = models.DateTimeField(null=True)
    day = models.DateField(null=True, help_text="The day, in UTC, whose messages `day_count` counts.")
    day_count = models.PositiveIntegerField(default=0)
    latency = models.FloatField(default=0.0, help_text="Seconds that a call takes, as a moving average.")
    last_error = models.CharField(max_length=64, blank=True)
    last_error_at = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ProviderAccount(models.Model):
    """A provider that staff set up with credentials of its own. Changing where it leads asks for them anew."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.SlugField(max_length=48, unique=True, help_text="Chains name it `account:<name>`.")
    driver = models.CharField(max_length=32, help_text="Which kind of provider it is.")
    settings = models.JSONField(default=dict, blank=True, help_text="What is no secret: hosts, senders, identifiers.")
    credentials = EncryptedField(label="notifications.provider_account.credentials", null=True)
    updated_at = models.DateTimeField()
    updated_by = models.UUIDField(null=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Usage(models.Model):
    """What went out on one day by one channel, provider and tenant: counts and cost, raised as messages are settled."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.UUIDField()
    day = models.DateField(help_text="In UTC.")
    channel = models.CharField(max_length=16)
    provider = models.CharField(max_length=64)
    sent = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    segments = models.PositiveIntegerField(default=0)
    cost = models.PositiveBigIntegerField(default=0, help_text="Millionths of the currency of the price list.")

    class Meta:
        ordering = ("-day", "channel", "provider")
        constraints = (
            models.UniqueConstraint(fields=("tenant", "day", "channel", "provider"), name="usage_once_per_day_and_way"),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.channel} {self.provider}"
