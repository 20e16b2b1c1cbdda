"""Guesses at an account: whoever shows a password, at whatever door, is counted here before it is looked at.

One counter for all doors, keyed by the person (or by the name nobody holds), so that no door is a way round another.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from accounts import decoys, event_types, hashing, lockouts, metrics, people, records
from accounts.models import Device, Session, User
from audit import recording
from audit.vocabulary import ActorKind, EventType, Outcome
from kit.origin import Origin
from limits import guesses, pressure

PASSWORD = "password"  # noqa: S105 - the factor's name
WRONG = "credentials"  # the reason of a refusal that somebody's guess was looked at and wrong

Announce = Callable[..., None]  # as `lockouts.announce`

_SIGN_IN = frozenset(Session.Door.values)


@dataclass(frozen=True, kw_only=True, slots=True)
class Knock:
    """Somebody at a door: the name she gave, the device we know her by (if any), when and from where.

    `door` is one of `Session.Door`, or a word for a place where a signed-in person is asked again.
    """

    door: str
    name: str
    device: Device | None
    now: dt.datetime
    origin: Origin


def checked_password(
    *, user: User, password: str, device: Device | None, door: str, now: dt.datetime, origin: Origin
) -> bool:
    """Say whether a password is a signed-in person's, counted as any other guess at her account.

    `device` is that of her session, `door` the place that asks, for the log (`reauthentication`, …). A wrong one is
    recorded. Not to be called in a transaction. Raises `limits.guesses.Locked`, `Invalid` for an oversize password,
    or `Unavailable`.
    """
    knock = Knock(door=door, name=user.email, device=device, now=now, origin=origin)
    return is_right(knock, user, password)


def is_right(knock: Knock, user: User | None, password: str) -> bool:
    """Say whether a password opens this door, with the same work whoever it is and whatever is wrong.

    `user` is None for a name that nobody holds. Raises as `checked_password`; a refusal is recorded.
    """
    hashing.refuse_oversize(password)
    decoy = decoys.choose(knock.name)
    with hashing.turn():  # first, so that nobody's try is counted while the house is too busy to check it
        reservation = _reserve(knock, user, PASSWORD)
        right = hashing.matches(password, user.password if user else None, decoy=decoy)
    return _settle(knock, user, reservation, right=right and _may_enter(knock, user))


def is_counted_right(
    knock: Knock, user: User | None, factor: str, check: Callable[[], bool], *, announce: Announce = lockouts.announce
) -> bool:
    """Count a try with a factor, then let `check` look at it. Records a refusal; raises `limits.guesses.Locked`.

    The factor has a run of free tries of its own; the hundred of a day are of all factors together. `announce` tells
    the owner that strangers have used up theirs.
    """
    reservation = _reserve(knock, user, factor)
    return _settle(knock, user, reservation, right=check(), announce=announce)


def record_refusal(knock: Knock, user: User | None, reason: str) -> None:
    """Write down that somebody was refused at a door: in the log and, where that took it, in the record of staff.

    Under the log's rule for floods, and beyond so many a minute in the whole house it is only counted.
    """
    metrics.SIGN_INS.count(outcome=reason, door=knock.door)
    with transaction.atomic():
        noted = pressure.note(address=knock.origin.address, now=knock.now, is_failure=reason == WRONG)
        if noted.has_risen:
            _record_alert(event_types.PRESSURE_RISEN, knock.now)
        if noted.is_first_unwritten:
            _record_alert(event_types.REFUSALS_UNWRITTEN, knock.now)
        if noted.is_written and _write_down(knock, user, reason):
            records.note(door=knock.door, user=user, name=knock.name, now=knock.now, origin=knock.origin)


def _write_down(knock: Knock, user: User | None, reason: str) -> bool:
    """Enter a refusal in the log; False when it was counted as part of a flood."""
    is_sign_in = knock.door in _SIGN_IN
    entry = recording.record(
        event_types.LOGIN_REFUSED if is_sign_in else event_types.PASSWORD_REFUSED,
        now=knock.now,
        actor=None if is_sign_in or user is None else user.pk,
        actor_kind=ActorKind.STRANGER if is_sign_in else ActorKind.PERSON,
        target_kind="user",
        target=user.pk if user else "",
        outcome=Outcome.REFUSED,
        origin=knock.origin,
        name=knock.name[:254],
        details={"reason": reason, "door": knock.door, "known_device": knock.device is not None},
    )
    return entry is not None


def _record_alert(event: EventType, now: dt.datetime) -> None:
    recording.record(event, now=now, actor_kind=ActorKind.SYSTEM)


def _reserve(knock: Knock, user: User | None, factor: str) -> guesses.Reservation:
    """Raise the counter of guesses, or record and raise `Locked`: at the same try for known and unknown names."""
    lane = guesses.device_lane(knock.device.pk) if knock.device else guesses.STRANGERS
    subject = people.guess_subject(user, knock.name)
    try:
        return guesses.reserve(subject=subject, factor=factor, lane=lane, now=knock.now)
    except guesses.Locked:
        record_refusal(knock, user, "locked")
        raise


def _settle(
    knock: Knock,
    user: User | None,
    reservation: guesses.Reservation,
    *,
    right: bool,
    announce: Announce = lockouts.announce,
) -> bool:
    if right:
        guesses.succeeded(reservation, now=knock.now)
        return True
    record_refusal(knock, user, WRONG)
    if reservation.begins_a_pause:
        announce(user=user, name=knock.name, now=knock.now, origin=knock.origin)
    return False


def _may_enter(knock: Knock, user: User | None) -> bool:
    return user is not None and people.may_act(user) and (knock.door != Session.Door.ADMIN or user.is_staff)
