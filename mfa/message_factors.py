"""Codes that are sent to a confirmed contact: how often and how long they are good is for `accounts.codes` to say.

The contact is that of the factor, never of the request, and a code sent to it before it changed opens nothing.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts import codes, people
from accounts.models import Device, SentCode, User
from kit.errors import Invalid
from kit.origin import NOWHERE, Origin
from mfa.message_kinds.codes import KIND_OF
from mfa.models import MessageFactor
from notifications import channels, sending
from notifications.channels import Channel

PURPOSE = SentCode.Purpose.FACTOR


def send(*, user: User, method: str, now: dt.datetime, origin: Origin = NOWHERE) -> SentCode:
    """Send a code to her confirmed contact of this channel; her older codes are good no more.

    Raises `Invalid` on `method` where she has none, `Throttled`, or `Unavailable` where no provider carries it.
    """
    factor = find(user=user, channel=method)
    if factor is None:
        raise Invalid("method", "No contact is set up for codes by this method.", "unknown")
    return send_code(purpose=PURPOSE, user=user, channel=Channel(method), to=factor.to, now=now, origin=origin)


def send_code(
    *,
    purpose: SentCode.Purpose,
    user: User,
    channel: Channel,
    to: str,
    now: dt.datetime,
    origin: Origin = NOWHERE,
) -> SentCode:
    """Send a code of a purpose; a mail tells where it was asked for from.

    Raises `Throttled` or `Unavailable`, both before anything is written. `to` comes from a record, or is
    the contact whose confirmation this code is. Not to be called in a transaction.
    """
    channels.require_carried(channel)
    codes.pace(subject=people.guess_subject(user, ""), to=to, now=now)
    with transaction.atomic():
        row = codes.issue(purpose=purpose, user=user, channel=channel, to=to, now=now, network=origin.address)
        sending.send(
            kind=KIND_OF[channel],
            to=to,
            reference=row.pk,
            now=now,
            locale=user.locale,
            person=user.pk,
            address=origin.address,
        )
    return row


def count_try(*, user: User, device: Device | None = None, now: dt.datetime) -> None:
    """Count a try at a code before it is looked at. Raises `Throttled` after five in ten minutes.

    A `device` is one on which a factor was proved before: it has five of its own, so that no stranger keeps her out.
    """
    codes.count_try(purpose=PURPOSE, subject=_subject(user, device), now=now)


def is_right(*, user: User, channel: str, code: str, device: Device | None = None, now: dt.datetime) -> bool:
    """Say whether this is the newest code, sent by this channel to the contact confirmed now; spend it if so.

    `device` is the one that the try was counted on.
    """
    try:
        with transaction.atomic():
            return _spend(user, channel, code, device, now)
    except Invalid:
        return False


def _subject(user: User, device: Device | None) -> str:
    return people.guess_subject(user, "") + (f":{device.pk}" if device else "")


def _spend(user: User, channel: str, code: str, device: Device | None, now: dt.datetime) -> bool:
    """Use up a code that went to her contact; False without one. Raises `Invalid` for any other, which stays unspent.

    The contact's row is locked before the code's, as by whatever takes the contact away.
    """
    factor = _confirmed(user, channel).select_for_update(of=("self",)).first()
    if factor is None:
        return False
    subject = _subject(user, device)
    sent = codes.use(purpose=PURPOSE, user=factor.user, subject=subject, code=code, now=now)
    if (sent.channel, sent.to) != (factor.channel, factor.to):
        raise Invalid("code", "This code went elsewhere.", "wrong")
    MessageFactor.objects.filter(pk=factor.pk).update(last_used_at=now)
    return True


def find(*, user: User, channel: str) -> MessageFactor | None:
    """Return the confirmed contact of a person for this channel."""
    found: MessageFactor | None = _confirmed(user, channel).first()
    return found


def _confirmed(user: User, channel: str) -> QuerySet[Any]:
    mine: QuerySet[Any] = MessageFactor.objects.select_related("user")
    return mine.filter(user=user, channel=channel, confirmed=True)
