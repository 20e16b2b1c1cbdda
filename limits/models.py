"""The counters' rows. They are written by single SQL statements in `counters` and `guesses`, never by `save()`."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Counter(models.Model):
    """Hits on a key in its present window. Moments are milliseconds since 1970."""

    key = models.CharField(primary_key=True, max_length=200)
    count = models.BigIntegerField()
    window_end = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"{self.count} x {self.key}"


class Guess(models.Model):
    """Tries at an account: a row for each run (factor and lane), and one for each day's budget (no factor).

    Moments are milliseconds since 1970; no try passes before `blocked_until`, the row means nothing from
    `forgotten_at` on.
    """

    pk = models.CompositePrimaryKey("subject", "factor", "lane")
    subject = models.CharField(max_length=64)
    factor = models.CharField(max_length=32, blank=True)
    lane = models.CharField(max_length=64)
    tries = models.IntegerField()
    blocked_until = models.BigIntegerField()
    forgotten_at = models.BigIntegerField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["forgotten_at"], name="limits_guess_forgotten"),
            models.Index(fields=["blocked_until"], name="limits_guess_blocked", condition=Q(blocked_until__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.tries} x {self.factor or 'any factor'} ({self.lane})"
