"""A telephone number that is known to be hers: confirmed by a code that was sent to it."""

import datetime as dt

from django.db import transaction

from accounts import codes, event_types, handles, people, reversals
from accounts.message_kinds.phones import PHONE_CODE
from accounts.models import SentCode, User
from audit import recording
from audit.vocabulary import EventType, Outcome
from kit.errors import Conflict, Invalid
from kit.origin import Origin
from notifications import channels, sending
from notifications.channels import Channel

PURPOSE = SentCode.Purpose.PHONE


def send_code(*, user: User, phone: str = "", now: dt.datetime, origin: Origin) -> None:
    """Send a code by SMS to a number in E.164 form: the one of her profile, or one that is to take its place.

    Raises `Invalid` on `phone` where there is none, `Conflict` for the number that is confirmed already, `Unavailable`
    where no provider carries SMS, and `Throttled`. None of these writes a code or a message.
    """
    number = phone or user.phone
    if not number:
        raise Invalid("phone", "Give the number: there is none in the profile.", "required")
    if number == user.phone and user.phone_confirmed_at is not None:
        raise Conflict("This number is confirmed already.")
    channels.require_carried(Channel.SMS)
    codes.pace(subject=people.guess_subject(user, ""), to=number, now=now)
    with transaction.atomic():
        row = codes.issue(purpose=PURPOSE, user=user, channel=Channel.SMS, to=number, now=now)
        sending.send(
            kind=PHONE_CODE,
            to=number,
            reference=row.pk,
            now=now,
            locale=user.locale,
            person=user.pk,
            address=origin.address,
        )
        _record(event_types.PHONE_CODE_SENT, user, now, origin)


def confirm(*, user: User, code: str, now: dt.datetime, origin: Origin) -> User:
    """Take the number that the newest code was sent to for hers, once. Raises `Invalid` on `code`, or `Throttled`."""
    subject = people.guess_subject(user, "")
    codes.count_try(purpose=PURPOSE, subject=subject, now=now)
    try:
        with transaction.atomic():
            row = User.objects.lock(user.pk)
            number = codes.use(purpose=PURPOSE, user=row, subject=subject, code=code, now=now).to
            replace(user=row, phone=number, confirmed_at=now, now=now, origin=origin)
            _record(event_types.PHONE_CONFIRMED, row, now, origin)
    except Invalid:
        _record(event_types.PHONE_REFUSED, user, now, origin, outcome=Outcome.REFUSED)
        raise
    return row


def replace(*, user: User, phone: str, confirmed_at: dt.datetime | None, now: dt.datetime, origin: Origin) -> None:
    """Make this the number of a person whose row is locked, in the caller's transaction.

    Codes that are under way to another number are good no more. Where a confirmed number gives way to another, the
    owner is told, with the link that undoes it.
    """
    before = reversals.state_of(user)
    gives_way = user.phone_confirmed_at is not None and user.phone != phone
    if gives_way:
        handles.remember(user_id=user.pk, name=user.phone, until=now)
    user.phone, user.phone_confirmed_at = phone, confirmed_at
    user.save(update_fields=["phone", "phone_confirmed_at"])
    codes.void(user=user, purpose=PURPOSE, now=now)
    if gives_way:
        reversals.notify(user=user, change="phone", before=before, to=user.email, now=now, origin=origin)


def _record(event: EventType, user: User, now: dt.datetime, origin: Origin, *, outcome: Outcome = Outcome.DONE) -> None:
    recording.record(event, now=now, actor=user.pk, target_kind="user", target=user.pk, outcome=outcome, origin=origin)
