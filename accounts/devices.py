"""Devices known to a person: a client that has signed in before keeps a `device_token` and shows it again.

A known device keeps its own budget of wrong passwords, so that nobody can lock the owner out from elsewhere.
"""

import datetime as dt
from typing import Any

from accounts import conf, reversals, tokens
from accounts.message_kinds.sessions import NEW_DEVICE
from accounts.models import Device, Session, User
from kit.errors import InvalidToken
from kit.ids import uuid7
from kit.origin import Origin
from vault import derived, keyring

PURGED_AT_ONCE = 5_000

_PURPOSE = "accounts.device"


def find_known(*, user: User | None, token: Any) -> Device | None:
    """Return the device of this person that the token names; None for anything else, with the same work."""
    if not token:
        return None
    try:
        digest = tokens.verify(token, tokens.Kind.DEVICE)
    except InvalidToken:
        return None
    device = Device.objects.filter(digest=digest).first()
    return device if device is not None and user is not None and device.user_id == user.pk else None


def register(*, user: User, name: str, now: dt.datetime) -> Device:
    """Take down a new device in the caller's transaction."""
    row_id = uuid7()
    key_id = keyring.active_id()
    return Device.objects.create(
        id=row_id,
        user=user,
        digest=derived.digest(_text(row_id, key_id)),
        key_id=key_id,
        name=name[:100],
        created_at=now,
        last_seen_at=now,
    )


def is_new(device: Device | None) -> bool:
    """Say whether nobody has signed in from here yet: a device may be known by a link alone (`lockouts.let_in`)."""
    if device is None:
        return True
    return device.last_seen_at == device.created_at and not Session.objects.filter(device=device).exists()


def touch(*, device: Device, now: dt.datetime) -> None:
    """Note that somebody has signed in from a device again."""
    Device.objects.filter(pk=device.pk).update(last_seen_at=now)


def tell_owner(*, session: Session, now: dt.datetime, origin: Origin) -> None:
    """Tell a person by mail that a session has begun on a device not known before, in the caller's transaction.

    The mail holds the link by which she says that it was not her. The first device of all is the one she came with.
    """
    others = Device.objects.filter(user=session.user_id).exclude(sessions=session)
    if others.exists():
        user = session.user
        reversals.notify(
            user=user,
            change="sign_in",
            before=reversals.state_of(user),
            to=user.email,
            now=now,
            origin=origin,
            data={"session": str(session.pk)},
            kind=NEW_DEVICE,
        )


def purge(*, now: dt.datetime) -> int:
    """Forget devices unseen for `ACCOUNTS_DEVICES_KEPT`, at most 5,000 in one call; return how many.

    One with a session that is still kept is in use: its person is there, though she signs in no more.
    """
    unseen = Device.objects.filter(last_seen_at__lte=now - dt.timedelta(seconds=conf.unseen_devices_kept()))
    ids = list(unseen.filter(sessions=None).values_list("pk", flat=True)[:PURGED_AT_ONCE])
    Device.objects.filter(pk__in=ids).delete()
    return len(ids)


def token_of(device: Device | None) -> str:
    """Return the token that the client of this device keeps; empty for none, and when the key it came from is gone."""
    if device is None:
        return ""
    try:
        return _text(device.pk, device.key_id)
    except keyring.UnknownKey:
        return ""


def _text(row_id: Any, key_id: str) -> str:
    return tokens.Kind.DEVICE.value + derived.again(_PURPOSE, row_id, key_id)
