"""What a person was known by and is no more: what lies under it is found by this when she is erased."""

from django.db import models

from accounts.models.people import User
from kit.ids import uuid7


class FormerName(models.Model):
    """An address, user name or confirmed number that was a person's `until` then. Since then it may be another's."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    canonical = models.CharField(max_length=254)
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "canonical"], name="accounts_former_name_once")]

    def __str__(self) -> str:
        return self.canonical
