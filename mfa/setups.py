"""Setting up what a code confirms: an authenticator application, or a contact that codes are sent to.

The secret of an application is made here and never taken from a request. Nor is a contact: codes go to the address and
the number that the account has confirmed. A Telegram chat is hers once she has sent back the code that went there.
"""

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Final

from accounts import codes, people
from accounts.models import User
from audit import recording
from kit.errors import Conflict, Invalid
from kit.ids import uuid7
from kit.origin import Origin
from mfa import enrolment, event_types, message_factors, policy, totp, trust
from mfa.enrolment import Confirmed, Enrolled, Enrolling
from mfa.factors import Answer
from mfa.models import MessageFactor, Totp
from notifications.channels import Channel

_CODE: Final = re.compile(r"[0-9]{6,8}\Z", re.ASCII)
_CHAT: Final = re.compile(r"[1-9][0-9]{0,15}\Z", re.ASCII)  # of one person; those of groups are negative
_WRONG = "This code is wrong or has expired. Try again, or begin anew."


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """What an authenticator application is given, once: as text, as an address, and as a QR code."""

    secret: str = field(repr=False)
    otpauth_uri: str = field(repr=False)
    qr_svg: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """What somebody who begins shows of herself, where that is asked for (`enrolment.require_proof`)."""

    answer: Answer
    password: str = field(default="", repr=False)


def begin_totp(
    *, who: Enrolling, proof: Proof, name: str, algorithm: str, digits: int, now: dt.datetime, origin: Origin
) -> Offer:
    """Begin to set up an authenticator application. Nothing is on until its first code (`verify`).

    Raises as `enrolment.begin` and `require_proof`. Not to be called in a transaction.
    """
    user = who.user
    enrolment.require_proof(who=who, answer=proof.answer, password=proof.password, now=now, origin=origin)
    device = totp.draft(user=user, name=name, algorithm=algorithm, digits=digits, now=now)
    uri, secret = totp.uri_of(device, account=user.email), device.key
    enrolment.begin(who=who, pending=device, method=policy.TOTP, now=now, origin=origin)
    return Offer(secret=secret, otpauth_uri=uri, qr_svg=totp.qr_of(uri))


def begin_messages(
    *, who: Enrolling, proof: Proof, channel: Channel, name: str, chat: str = "", now: dt.datetime, origin: Origin
) -> None:
    """Send a code to a contact that codes are to go to from now on. Nothing is on until it comes back (`verify`).

    `chat` is a Telegram chat, and of no other channel. Raises `Invalid` on `to`, `Conflict` where no number is
    confirmed, `Throttled`, `Unavailable`, or as `enrolment.require_proof`. Not to be called in a transaction.
    """
    to = _contact(who.user, channel, chat)
    enrolment.require_proof(who=who, answer=proof.answer, password=proof.password, now=now, origin=origin)
    message_factors.send_code(purpose=enrolment.PURPOSE, user=who.user, channel=channel, to=to, now=now, origin=origin)
    pending = MessageFactor(id=uuid7(), user=who.user, name=name, channel=channel, to=to, created_at=now)
    enrolment.begin(who=who, pending=pending, method=channel.value, now=now, origin=origin)


def verify(*, who: Enrolling, code: str, now: dt.datetime, origin: Origin) -> Enrolled:
    """Turn on what was begun, by its first code; with a first factor come ten recovery codes, shown this once.

    Raises `Invalid` on `code`: for one that can be none nothing is counted. `Throttled` after five in ten minutes; and
    as `enrolment.complete`. Not to be called in a transaction.
    """
    if not _CODE.match(code):
        raise Invalid("code", "A code is six to eight digits.")
    pending = enrolment.find_pending(user=who.user, now=now)
    if pending is None:
        raise Invalid("code", "Nothing is being set up, or it was begun too long ago. Begin anew.", "nothing_begun")
    enrolment.count_try(user=who.user, now=now)
    if isinstance(pending, Totp):
        return enrolment.complete(
            who=who, method=policy.TOTP, confirm=lambda: _confirm_totp(pending, code, now), now=now, origin=origin
        )
    return enrolment.complete(
        who=who,
        method=pending.channel,
        confirm=lambda: _confirm_contact(pending, code, now, origin),
        now=now,
        origin=origin,
    )


def _contact(user: User, channel: Channel, chat: str) -> str:
    """Return where codes are to go. Raises `Invalid` on `to`, or `Conflict`."""
    if channel == Channel.TELEGRAM:
        if not _CHAT.match(chat):
            raise Invalid("to", "Give the number of your chat with this service's bot.")
        return chat
    if chat:
        raise Invalid("to", "Codes go to the address and the number of the account alone.", "unexpected")
    if channel == Channel.EMAIL:
        return user.email
    if user.phone_confirmed_at is None:
        raise Conflict("Confirm the telephone number of the account first.")
    return user.phone


def _confirm_totp(device: Totp, code: str, now: dt.datetime) -> Confirmed:
    if not totp.confirm(device, code=code, now=now):
        raise Invalid("code", _WRONG, "wrong")
    return Confirmed(factor=device, method=policy.TOTP, amr=("otp", "mfa"))


def _confirm_contact(contact: MessageFactor, code: str, now: dt.datetime, origin: Origin) -> Confirmed:
    """Take a contact for hers by the newest code that went to it; one that she has by this channel gives way."""
    user, channel = contact.user, contact.channel
    subject = people.guess_subject(user, "")
    sent = codes.use(purpose=enrolment.PURPOSE, user=user, subject=subject, code=code, now=now)
    if (sent.channel, sent.to) != (channel, contact.to):
        raise Invalid("code", _WRONG, "wrong")
    _give_way(user, channel, now, origin)
    if not MessageFactor.objects.filter(pk=contact.pk, confirmed=False).update(confirmed=True, last_used_at=now):
        raise Invalid("code", _WRONG, "wrong")
    return Confirmed(factor=contact, method=channel, amr=("sms" if channel == Channel.SMS else "otp", "mfa"))


def _give_way(user: User, channel: str, now: dt.datetime, origin: Origin) -> None:
    """Remove the contact that she has by this channel. As with every factor that goes, no device stays trusted."""
    formers = MessageFactor.objects.filter(user=user, channel=channel, confirmed=True)
    for former in list(formers.values_list("pk", flat=True)):
        formers.filter(pk=former).delete()
        trust.end(user=user)
        recording.record(
            event_types.FACTOR_REMOVED,
            now=now,
            actor=user.pk,
            target_kind="user",
            target=user.pk,
            origin=origin,
            details={"method": channel, "factor": str(former)},
        )
