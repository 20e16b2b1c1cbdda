"""What the owner is told when somebody has used up the tries at her second factor: her password is known to others.

No link lets anybody past this wait, as one does past that of wrong passwords (`accounts.lockouts`): it would give
whoever reads her mail more tries. It ends by itself within the hour, and a device she has proved a factor on has none.
"""

import datetime as dt

from django.db import transaction

from accounts import people
from accounts.models import User
from audit import recording
from audit.vocabulary import ActorKind
from kit.origin import Origin
from limits import counters
from mfa import event_types
from mfa.message_kinds.pauses import FACTOR_GUESSED
from notifications import sending

DAY = 24 * 3600


def announce(*, user: User | None, name: str, now: dt.datetime, origin: Origin) -> None:
    """Tell the owner, once a day, that somebody got past her password and is guessing at her second factor."""
    if user is None:  # a factor is asked for after a password was right, so there is always somebody
        return
    with transaction.atomic():
        key = f"factor-guessed:{people.guess_subject(user, name)}"
        if not counters.hit(key=key, limit=1, window=DAY, now=now).allowed:
            return
        sending.send(kind=FACTOR_GUESSED, to=user.email, reference=user.pk, now=now, locale=user.locale)
        recording.record(
            event_types.FACTOR_GUESSED,
            now=now,
            actor_kind=ActorKind.STRANGER,
            target_kind="user",
            target=user.pk,
            origin=origin,
        )
