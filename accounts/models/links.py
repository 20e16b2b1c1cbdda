"""What is mailed to somebody and good once: links, and six-digit codes. The row is kept, the secret is derived."""

from django.db import models

from accounts.models.people import User
from kit.ids import uuid7


class Mailed(models.Model):
    """A secret that goes out in a message, good once and for a while; made again from the row's id (`vault.derived`).

    `user` is null for somebody who does not exist: the same rows are written for her, and nothing is sent.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    key_id = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
    void_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.id)


class Link(Mailed):
    """A link. `address` is where it leads or was sent to, `data` what it will do, `landing` a client's own page."""

    class Purpose(models.TextChoices):
        RESET = "reset", "set a new password"
        CHANGE_ADDRESS = "change_address", "change the primary address"
        ADD_ADDRESS = "add_address", "add an address"
        SIGN_IN = "sign_in", "sign in without a password"
        UNLOCK = "unlock", "let the owner in"
        UNDO = "undo", "undo a change that the owner did not make"
        KEEP = "keep", "bring a deleted account back"

    purpose = models.CharField(max_length=16, choices=Purpose)
    address = models.CharField(max_length=254, blank=True)
    landing = models.CharField(max_length=500, blank=True)
    data = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        indexes = [models.Index(fields=["user", "purpose", "-id"], name="accounts_link_of_user")]


class SentCode(Mailed):
    """A code of six digits. `digest` is keyed: six digits alone could be found by trying.

    `network` is the address that asked for it, which the message may tell; empty where it does not.
    """

    class Purpose(models.TextChoices):
        PHONE = "phone", "confirm a telephone number"
        SIGN_IN = "sign_in", "sign in without a password"
        FACTOR = "factor", "a further step of a sign-in"
        ENROL = "enrol", "set up a further step of a sign-in"

    purpose = models.CharField(max_length=16, choices=Purpose)
    channel = models.CharField(max_length=16)
    to = models.CharField(max_length=254)
    network = models.CharField("network address", max_length=45, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["user", "purpose", "-id"], name="accounts_code_of_user")]
