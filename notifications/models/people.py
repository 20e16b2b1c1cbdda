"""What a person chose, what waits for her in the product itself, where push reaches her, and who is not written to."""

from django.db import models
from django.db.models import Q

from kit.ids import uuid7
from kit.tenants import HOUSE
from vault.fields import EncryptedField


class Preference(models.Model):
    """A person's choice for one category on one channel. Where there is no row, the category's default holds."""

    class Digest(models.TextChoices):
        AT_ONCE = "", "at once"
        HOURLY = "hourly"
        DAILY = "daily"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.UUIDField(default=HOUSE, editable=False)
    person = models.UUIDField()
    category = models.CharField(max_length=64)
    channel = models.CharField(max_length=16)
    allowed = models.BooleanField(default=True)
    digest = models.CharField(max_length=16, choices=Digest, default=Digest.AT_ONCE, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ("category", "channel")
        constraints = (
            models.UniqueConstraint(
                fields=("person", "tenant", "category", "channel"), name="preference_once_per_category_and_channel"
            ),
        )

    def __str__(self) -> str:
        return f"{self.category} {self.channel}"


class QuietHours(models.Model):
    """When a person wants no message that can wait: minutes of her day, in her zone; the end may lie past midnight."""

    person = models.UUIDField(primary_key=True)
    begins = models.PositiveSmallIntegerField(help_text="Minutes after midnight.")
    ends = models.PositiveSmallIntegerField(help_text="Minutes after midnight.")
    time_zone = models.CharField(max_length=64, help_text="A name of the IANA database, such as `Europe/Berlin`.")
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.begins}-{self.ends} {self.time_zone}"


class InboxItem(models.Model):
    """One message in the product itself. `seq` is its place in the stream: it only grows, also when an item changes."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.UUIDField(default=HOUSE, editable=False)
    person = models.UUIDField()
    message = models.OneToOneField("notifications.Message", null=True, on_delete=models.SET_NULL, related_name="item")
    category = models.CharField(max_length=64, blank=True)
    title = models.CharField(max_length=255)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=500, blank=True)
    data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    seq = models.BigIntegerField(help_text="Greater than that of every earlier change to this person's inbox.")
    read_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=("person", "seq"), name="inbox_seq_once"),)
        indexes = (
            models.Index(fields=("person", "id"), name="inbox_person"),
            models.Index(
                fields=("person",), condition=Q(read_at__isnull=True, archived_at__isnull=True), name="inbox_unread"
            ),
        )

    def __str__(self) -> str:
        return self.title


class Inbox(models.Model):
    """The state of one person's inbox, so that polling it costs one row: `seq` is the ETag, `unread` the count."""

    person = models.UUIDField(primary_key=True)
    seq = models.BigIntegerField(default=0)
    unread = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.person)


class PushTarget(models.Model):
    """A device or browser that push reaches. Where it leads is a secret: who has it may write there."""

    class Driver(models.TextChoices):
        WEB = "web", "web push"
        FCM = "fcm", "Firebase"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.UUIDField()
    driver = models.CharField(max_length=16, choices=Driver)
    target = EncryptedField(label="notifications.push_target.target")
    digest = models.CharField(max_length=64, unique=True, help_text="A keyed digest of the target, for look-up.")
    label = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("person",), name="push_target_person"),)

    def __str__(self) -> str:
        return self.label or str(self.id)


class Suppression(models.Model):
    """An address that nothing more goes to on a channel, or nothing of a category: whoever asks."""

    class Reason(models.TextChoices):
        BOUNCED = "bounced", "cannot be reached"
        COMPLAINED = "complained", "called a message spam"
        STOPPED = "stopped", "answered STOP"
        UNSUBSCRIBED = "unsubscribed", "unsubscribed"
        STAFF = "staff", "by staff"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.UUIDField(default=HOUSE, editable=False)
    channel = models.CharField(max_length=16)
    address = models.CharField(max_length=254, help_text="In canonical form.")
    category = models.CharField(
        max_length=64, blank=True, help_text="Empty: every category but those that must arrive."
    )
    reason = models.CharField(max_length=16, choices=Reason)
    detail = models.CharField(max_length=255, blank=True)
    message = models.UUIDField(null=True, help_text="The message that led to it.")
    created_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("address", "channel", "tenant", "category"), name="suppression_once_per_address"
            ),
        )

    def __str__(self) -> str:
        return f"{self.channel}: {self.reason}"
