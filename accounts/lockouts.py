"""Accounts that strangers have been guessing at: what the owner is told, the link that lets her in, and staff's help.

The link opens a door of its own instead of the strangers': whoever holds it gets the ten tries of one more device, once
a day at most, and nothing that strangers have spent comes back to them.
"""

import datetime as dt
import uuid

from django.db import transaction

from accounts import conf, devices, event_types, links, people
from accounts.message_kinds.lockouts import LOCKED
from accounts.models import Device, Link, User
from audit import recording
from audit.vocabulary import ActorKind, EventType, Outcome
from kit.errors import Invalid, InvalidToken
from kit.origin import NOWHERE, Origin
from limits import counters, guesses
from notifications import sending

DAY = 24 * 3600
UNUSED_FOR = dt.timedelta(hours=1)
NOBODY = "nobody@invalid"  # a name that can never be reached (RFC 2606)


def announce(*, user: User | None, name: str, now: dt.datetime, origin: Origin) -> None:
    """Tell the owner that strangers have used up their tries at her account: once a day, with a link that lets her in.

    The work is the same for a name that nobody holds (`user` is None): nothing is sent then.
    """
    with transaction.atomic():
        key = f"lockout:{people.guess_subject(user, name)}"
        if counters.hit(key=key, limit=1, window=DAY, now=now).allowed:
            _mail_link(user, now)
            _record(event_types.LOCKOUT_ANNOUNCED, user, now, origin, actor_kind=ActorKind.STRANGER, name=name)


def let_in(*, token: str, now: dt.datetime, origin: Origin) -> Device:
    """Spend a link and return a new device that its person is known by, for ten tries, and forgotten if unused.

    Who has it gets past the strangers' wait with `devices.token_of` the device. Raises `Invalid` on `token`.
    """
    try:
        with transaction.atomic():
            link, user = _spend(token, now)
            device = devices.register(user=user, name="", now=now)
            guesses.welcome(subject=people.guess_subject(user, ""), device_id=device.pk, now=now)
            Link.objects.filter(pk=link.pk).update(data={"device": str(device.pk)})
            _record(event_types.LOCKOUT_LIFTED, user, now, origin, actor=user.pk, by="link")
    except InvalidToken as error:
        kind = ActorKind.STRANGER
        _record(event_types.UNLOCK_REFUSED, None, now, origin, actor_kind=kind, outcome=Outcome.REFUSED)
        raise Invalid("token", "This link has been used, has expired, or is not one of ours.", "invalid") from error
    return device


def unlock(*, user: User, actor: uuid.UUID | None, now: dt.datetime, origin: Origin = NOWHERE) -> None:
    """End every wait at an account, as staff may; the owner's record tells who did.

    A day's hundred guesses that strangers have used up stay used up: the owner is then mailed a link that lets her in.
    """
    subject = people.guess_subject(user, "")
    with transaction.atomic():
        guesses.unlock(subject)
        if guesses.is_day_spent(subject, now):
            _mail_link(user, now)
        _record(event_types.LOCKOUT_LIFTED, user, now, origin, actor=actor, by="staff")


def standings(*, user: User, now: dt.datetime) -> list[guesses.Standing]:
    """Return how an account stands in each lane that has been tried lately, for staff."""
    return guesses.state(people.guess_subject(user, ""), now)


def purge(*, now: dt.datetime) -> int:
    """Forget the devices of links whose holders have not signed in within an hour; return how many."""
    spent = Link.objects.filter(purpose=Link.Purpose.UNLOCK, used_at__lte=now - UNUSED_FOR)
    known = [data["device"] for data in spent.values_list("data", flat=True) if "device" in data]
    deleted, _ = Device.objects.filter(pk__in=known, sessions=None).delete()
    return deleted


def _spend(token: str, now: dt.datetime) -> tuple[Link, User]:
    link = links.use(token=token, purpose=Link.Purpose.UNLOCK, now=now)
    if link.user is None or not people.may_act(link.user):
        raise InvalidToken
    return link, link.user


def _mail_link(user: User | None, now: dt.datetime) -> None:
    to = user.email if user else NOBODY
    lifetime = dt.timedelta(seconds=conf.unlock_lifetime())
    link = links.issue(purpose=Link.Purpose.UNLOCK, address=to, user=user, now=now, lifetime=lifetime)
    sending.send(kind=LOCKED, to=to, reference=link.pk, now=now, locale=user.locale if user else "")


def _record(
    event: EventType,
    user: User | None,
    now: dt.datetime,
    origin: Origin,
    *,
    actor: uuid.UUID | None = None,
    actor_kind: ActorKind = ActorKind.PERSON,
    outcome: Outcome = Outcome.DONE,
    name: str = "",
    **details: str,
) -> None:
    recording.record(
        event,
        now=now,
        actor=actor,
        actor_kind=actor_kind,
        target_kind="user",
        target=user.pk if user else "",
        outcome=outcome,
        details=details,
        origin=origin,
        name=name[:254],
    )
