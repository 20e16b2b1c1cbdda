"""Lanes: how pressing a message is, and what patience that means. What is urgent never waits behind the rest.

A lane is chosen by the product (a kind, or the category of an API call), never asked for by a caller.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import models


class Lane(models.IntegerChoices):
    """Codes and security mail; ordinary mail; newsletters and the like."""

    URGENT = 0, "urgent"
    NORMAL = 1, "normal"
    BULK = 2, "bulk"


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How a lane is retried: the first pause and the longest one, and how long a message without its own end is tried.

    `resend_ambiguous` decides what follows when a provider may or may not have taken the message, and cannot be asked:
    a code that comes twice is better than none, a newsletter that comes twice is not. `doubt` is how long a message
    waits for a provider that could be asked: a little less than the day for which providers keep keys, but for codes.
    `silence` is how long a provider may say nothing of what it took, before the next one is tried.
    """

    first_pause: timedelta
    longest_pause: timedelta
    horizon: timedelta
    resend_ambiguous: bool
    doubt: timedelta = timedelta(hours=23)
    silence: timedelta


PATIENCE = {
    Lane.URGENT: Patience(
        first_pause=timedelta(seconds=2),
        longest_pause=timedelta(minutes=1),
        horizon=timedelta(hours=4),
        resend_ambiguous=True,
        doubt=timedelta(minutes=2),
        silence=timedelta(seconds=30),
    ),
    Lane.NORMAL: Patience(
        first_pause=timedelta(seconds=30),
        longest_pause=timedelta(minutes=15),
        horizon=timedelta(hours=24),
        resend_ambiguous=True,
        silence=timedelta(minutes=10),
    ),
    Lane.BULK: Patience(
        first_pause=timedelta(seconds=30),
        longest_pause=timedelta(minutes=15),
        horizon=timedelta(hours=24),
        resend_ambiguous=False,
        silence=timedelta(hours=1),
    ),
}


def patience_of(lane: int) -> Patience:
    """Return the patience of a lane."""
    return PATIENCE[Lane(lane)]
