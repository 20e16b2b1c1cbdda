"""A wish to have an account: no person yet. The person is made of the row whose link is opened."""

from django.db import models

from kit.ids import uuid7


class Registration(models.Model):
    """A pending registration. Its link is derived from the row's id (`vault.derived`); only its digest is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    address = models.CharField(max_length=254)
    username = models.CharField(max_length=64, blank=True)
    first_name = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    phone = models.CharField(max_length=16, blank=True)
    password = models.CharField(max_length=256)
    landing = models.CharField(max_length=500, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    key_id = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["address", "created_at"], name="accounts_registration_address")]

    def __str__(self) -> str:
        return str(self.id)
