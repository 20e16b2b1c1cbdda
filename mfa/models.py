"""What somebody proves besides her password, and what is remembered of proving it.

Factors are devices of django-otp, so that what is written for it finds them; what it would keep in clear is sealed or
kept as a keyed digest here. An unconfirmed one is neither asked for nor taken.
"""

from typing import ClassVar

from django.db import models
from django_otp.models import Device

from accounts.models import Device as KnownDevice
from accounts.models import User
from kit.ids import uuid7
from notifications.channels import Channel
from vault.fields import EncryptedField


class Factor(Device):  # type: ignore[misc]
    """What all factors have in common. `confirmed` is set by a first right answer, never by default."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=64, blank=True)
    confirmed = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name or str(self.id)


class Totp(Factor):
    """An authenticator application (RFC 6238). `last_step` is the last step whose code was taken: none before it is."""

    class Algorithm(models.TextChoices):
        SHA1 = "SHA1"
        SHA256 = "SHA256"
        SHA512 = "SHA512"

    key = EncryptedField(label="mfa.totp.key")  # base32, RFC 4648
    algorithm = models.CharField(max_length=6, choices=Algorithm, default=Algorithm.SHA1)
    digits = models.PositiveSmallIntegerField(default=6)
    last_step = models.BigIntegerField(default=-1)

    class Meta:
        verbose_name = "authenticator application"
        ordering = ["created_at"]
        indexes = [models.Index(fields=["user", "confirmed"], name="mfa_totp_of_user")]


class MessageFactor(Factor):
    """A contact that codes are sent to: the one that a code has confirmed, whatever her account says today."""

    channel = models.CharField(
        max_length=16,
        choices=[(value, label) for value, label in Channel.choices if value not in {Channel.PUSH, Channel.INBOX}],
    )
    to = EncryptedField(label="mfa.message_factor.to")

    class Meta:
        verbose_name = "contact for codes"
        verbose_name_plural = "contacts for codes"
        ordering = ["created_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user", "channel"], condition=models.Q(confirmed=True), name="mfa_one_contact_a_channel"
            ),
        ]


class Passkey(Factor):
    """A public key credential (WebAuthn level 3, section 4). Nothing here is secret."""

    credential_id = models.CharField(max_length=1400, unique=True)  # base64url; 1,023 bytes at most
    public_key = models.BinaryField()  # COSE_Key, RFC 9052
    sign_count = models.BigIntegerField(default=0)
    transports = models.JSONField(default=list)
    aaguid = models.UUIDField()
    is_discoverable = models.BooleanField(null=True)
    backup_eligible = models.BooleanField()
    backed_up = models.BooleanField()
    verifies_user = models.BooleanField()

    class Meta:
        verbose_name = "passkey"
        ordering = ["created_at"]
        indexes = [models.Index(fields=["user"], name="mfa_passkey_of_user")]


class RecoveryCode(models.Model):
    """One of ten codes for the day on which all else is lost; kept as a keyed digest, good once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "recovery code"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "digest"], name="mfa_recovery_code_once"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Ceremony(models.Model):
    """A WebAuthn challenge that is out: for one purpose and one person, burnt before the answer is looked at.

    `user` is null where a passkey is to say who signs in; `attempt` is the sign-in under way that it belongs to.
    """

    class Purpose(models.TextChoices):
        ENROL = "enrol", "add a passkey"
        STEP = "step", "second factor of a sign-in"
        SIGN_IN = "sign_in", "sign in with a passkey alone"
        PROOF = "proof", "prove again who she is"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    purpose = models.CharField(max_length=8, choices=Purpose)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    attempt = models.UUIDField(null=True)
    challenge = models.BinaryField(unique=True)  # 32 random bytes
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    burnt_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "passkey challenge"

    def __str__(self) -> str:
        return str(self.id)


class TrustedDevice(models.Model):
    """A known device on which no second factor is asked for until `expires_at`, in a browser of this kind."""

    device = models.OneToOneField(KnownDevice, on_delete=models.CASCADE, primary_key=True, related_name="+")
    agent = models.CharField("kind of user agent", max_length=256, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "trusted device"

    def __str__(self) -> str:
        return str(self.device_id)
