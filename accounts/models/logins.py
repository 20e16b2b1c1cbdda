"""A sign-in under way: the password was right and a further step is due."""

from django.db import models

from accounts.models.people import User
from kit.ids import uuid7


class LoginAttempt(models.Model):
    """What has been proved so far. Its secret, the `challenge`, is kept as a digest; the row is spent once.

    `step` is the one that is due. An attempt that `enrols` never becomes a session: it lets somebody who must have a
    factor set up a first one. `tries` are answers to the step, right or wrong.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    door = models.CharField(max_length=8)
    step = models.CharField(max_length=32, default="")
    enrols = models.BooleanField(default=False)
    tries = models.PositiveSmallIntegerField(default=0)
    proofs = models.JSONField()
    device_id = models.UUIDField(null=True)
    device_name = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    spent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "sign-in under way"
        verbose_name_plural = "sign-ins under way"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return str(self.id)
