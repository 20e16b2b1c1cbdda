"""An invitation: how staff add a person, and how anybody comes in where sign-up is by invitation."""

from django.db import models

from accounts.models.people import User
from kit.ids import uuid7


class Invitation(models.Model):
    """Bound to one address, good once. Its link is derived from the row's id (`vault.derived`).

    `invited_by` is the id of the person who invited, null for the command line; no foreign key, since an invitation
    outlives nobody's right to give it: what it gives is checked against her again when it is accepted. `grants` is for
    the app that ACCOUNTS_INVITATION_GRANTS names.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    address = models.CharField(max_length=254)
    first_name = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    locale = models.CharField(max_length=16, blank=True)
    is_staff = models.BooleanField("staff", default=False)
    grants = models.JSONField(default=list)
    landing = models.CharField(max_length=500, blank=True)
    invited_by = models.UUIDField(null=True)
    digest = models.CharField(max_length=64, unique=True)
    key_id = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["address", "created_at"], name="accounts_invitation_address")]

    def __str__(self) -> str:
        return self.address
