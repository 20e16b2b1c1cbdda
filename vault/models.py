"""The keys that sign access tokens. Exactly one is active and at most one is next: the database itself sees to it."""

from typing import ClassVar

from django.db import models

from vault.fields import EncryptedBytesField


class KeyState(models.TextChoices):
    """`next` is published before it signs, so that whoever caches the key set knows it in time."""

    NEXT = "next"
    ACTIVE = "active"
    RETIRED = "retired"


class SigningKey(models.Model):
    """A key pair. The private half is PKCS 8, encrypted for this row; the public half is kept as a JWK."""

    kid = models.CharField(primary_key=True, max_length=43, editable=False)
    algorithm = models.CharField(max_length=8)
    state = models.CharField(max_length=8, choices=KeyState.choices)
    public_jwk = models.JSONField()
    pkcs8 = EncryptedBytesField(label="vault.SigningKey.sealed", db_column="sealed")
    created_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state__in=[KeyState.ACTIVE, KeyState.NEXT]),
                name="vault_one_active_one_next",
            ),
            models.CheckConstraint(condition=models.Q(state__in=KeyState.values), name="vault_known_key_state"),
        ]

    def __str__(self) -> str:
        return f"{self.algorithm} {self.kid} ({self.state})"
