"""Calls that anybody may make, held against the limits of the network address they come from.

The owner of a known device is let by although others behind her address have used it up: the device has a fence of its
own, for sign-ins to the account that knows it. So has a sign-in whose password was right, for its next step.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from accounts import devices, event_types, tokens
from accounts.models import Device, LoginAttempt, User
from audit import recording
from audit.vocabulary import ActorKind, Outcome
from kit.errors import InvalidToken
from kit.origin import Origin
from limits import addresses


def hit(*, route: str, origin: Origin, now: dt.datetime, with_others: bool = True) -> addresses.Tally:
    """Count a call of a route. Raises `limits.addresses.TooMany`, of which the log gets the first and each tenfold.

    `with_others` is False for failures of clients that were signed in a moment ago: those count on their route alone.
    """
    try:
        return addresses.hit(route=route, address=origin.address, now=now, with_others=with_others)
    except addresses.TooMany as refusal:
        _record(refusal, route, origin, now)
        raise


def hit_sign_in(*, shown: Callable[[], tuple[str, str]], origin: Origin, now: dt.datetime) -> addresses.Tally:
    """Count a sign-in by its address or, where that is used up, by the device that the account knows.

    `shown` returns the name and the device token that were shown; it is asked only where it matters.
    """
    try:
        return hit(route="login", origin=origin, now=now)
    except addresses.TooMany:
        device = _find_device(*shown())
        if device is None:
            raise
        return addresses.hit_by_device(route="login", device=device.pk, now=now)


def hit_step(*, route: str, challenge: Callable[[], Any], origin: Origin, now: dt.datetime) -> addresses.Tally:
    """Count a call of a sign-in under way by its address or, where that is used up, by the sign-in.

    `challenge` returns the secret that was shown; it is asked only where it matters.
    """
    try:
        return hit(route=route, origin=origin, now=now)
    except addresses.TooMany:
        attempt = _find_attempt(challenge(), now)
        if attempt is None:
            raise
        return addresses.hit_by_sign_in(route=route, attempt=attempt.pk, now=now)


def _find_attempt(challenge: Any, now: dt.datetime) -> LoginAttempt | None:
    try:
        digest = tokens.verify(challenge, tokens.Kind.CHALLENGE)
    except InvalidToken:
        return None
    return LoginAttempt.objects.filter(digest=digest, spent_at=None, expires_at__gt=now).first()


def _find_device(name: str, token: str) -> Device | None:
    return devices.find_known(user=User.objects.find_by_name(name), token=token) if token else None


def _record(refusal: addresses.TooMany, route: str, origin: Origin, now: dt.datetime) -> None:
    refused = refusal.tally.refused
    if str(refused).rstrip("0") != "1":
        return
    recording.record(
        event_types.ADDRESS_THROTTLED,
        now=now,
        actor_kind=ActorKind.STRANGER,
        outcome=Outcome.REFUSED,
        origin=origin,
        details={"route": route, "limit": refusal.tally.strictest.limit, "refused": refused},
    )
