"""The owner says “this wasn't me”: a notice of a change carries a link by which she takes it back, at the old address.

Whatever is undone, the account goes back to where it was before that change: names, number, and all that was changed
after it, so that of a chain of changes any link of the owner's undoes the whole rest. A link reaches forward alone:
one that was sent to an address of an intruder's never reaches back to what the owner was told of before.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.dateparse import parse_datetime

from accounts import conf, erasure, event_types, handles, links, pending, sessions
from accounts.message_kinds.reversals import FROZEN, NOTICES
from accounts.models import Handle, Link, Session, User
from audit import recording
from audit.vocabulary import ActorKind, Outcome
from kit import seams
from kit.errors import Conflict, Invalid, InvalidToken
from kit.origin import Origin
from notifications import sending
from notifications.kinds import Kind

State = dict[str, Any]


class AddressTaken(Conflict):
    """The address that would come back is somebody else's by now."""

    default_detail = "The address of then belongs to another account now. Ask those who run this service."


def state_of(user: User) -> State:
    """Return what a later undo brings back: her addresses and her telephone number as they are now.

    To be called before the change, in its transaction; by one statement.
    """
    own = Handle.objects.filter(user=user, kind=Handle.Kind.EMAIL, held_until=None).order_by("pk")
    return {
        "addresses": [
            {"address": handle.canonical, "primary": handle.is_primary, "confirmed_at": _text(handle.confirmed_at)}
            for handle in own
        ],
        "phone": user.phone,
        "phone_confirmed_at": _text(user.phone_confirmed_at),
    }


def notify(
    *,
    user: User,
    change: str,
    before: State,
    to: str,
    now: dt.datetime,
    origin: Origin,
    data: Mapping[str, Any] | None = None,
    kind: Kind | None = None,
) -> Link:
    """Tell the owner of a change, with the link that undoes it, in the transaction of the change.

    `change` is a key of `message_kinds.reversals.NOTICES`, or any word with a `kind` of the caller's own (its builder
    is given the link's id; `links.url_of(link, page="undo")` is what the mail shows). `before` is `state_of` from
    before the change, and `to` the address that was the owner's then: never one that came with the change. `data` is
    what the function named for `change` in ACCOUNTS_REVERSALS needs to take it back; nothing secret.
    """
    link = links.issue(
        purpose=Link.Purpose.UNDO,
        address=to,
        user=user,
        now=now,
        lifetime=dt.timedelta(seconds=conf.undo_lifetime()),
        data={"change": change, "before": before, "network": origin.address, "data": dict(data or {})},
    )
    sending.send(kind=kind or NOTICES[change], to=to, reference=link.pk, now=now, locale=user.locale)
    return link


def undo(*, token: str, now: dt.datetime, origin: Origin) -> User:
    """Take the account back to before the change, freeze it, and mail a link that sets a new password.

    It goes to the address that the notice went to. Sessions, devices, pending links and codes end with it. Raises
    `Invalid` on `token`, always alike, or `AddressTaken`.
    """
    try:
        found = links.find(token=token, purpose=Link.Purpose.UNDO, now=now)
        with transaction.atomic():
            user = User.objects.lock(found.user_id)
            link = links.use(token=token, purpose=Link.Purpose.UNDO, now=now)
            _undo(user, link, now, origin)
    except InvalidToken as error:
        recording.record(
            event_types.UNDO_REFUSED,
            now=now,
            actor_kind=ActorKind.STRANGER,
            target_kind="user",
            outcome=Outcome.REFUSED,
            origin=origin,
        )
        raise Invalid("token", "This link has been used, has expired, or is not one of ours.", "invalid") from error
    return user


def _undo(user: User, link: Link, now: dt.datetime, origin: Origin) -> None:
    later = Link.objects.filter(user=user, purpose=link.purpose, pk__gt=link.pk, used_at=None, void_at=None)
    changes = [*later.order_by("-pk"), link]
    for change in changes:
        _take_back_elsewhere(user, change.data, now, origin)
    later.update(void_at=now)
    _restore(user, link.data["before"], now)
    sessions.end_all(user=user, reason=Session.EndReason.UNDONE, actor=user.pk, now=now, origin=origin)
    sessions.forget_devices(user=user)
    pending.void(user=user, now=now)
    reset = links.issue(
        purpose=Link.Purpose.RESET,
        address=link.address,
        user=user,
        now=now,
        lifetime=dt.timedelta(seconds=conf.reset_lifetime()),
    )
    sending.send(kind=FROZEN, to=link.address, reference=reset.pk, now=now, locale=user.locale)
    recording.record(
        event_types.CHANGE_UNDONE,
        now=now,
        actor=user.pk,
        target_kind="user",
        target=user.pk,
        origin=origin,
        details={"change": link.data["change"], "changes": len(changes)},
    )


def _take_back_elsewhere(user: User, data: State, now: dt.datetime, origin: Origin) -> None:
    """Let the app that made a change take it back, where ACCOUNTS_REVERSALS names a function for that."""
    path = conf.reversals().get(data["change"])
    if path:
        seams.load(path)(user=user, data=data["data"], now=now, origin=origin)


def _restore(user: User, before: State, now: dt.datetime) -> None:
    """Give her the addresses and the number of then, take from her those that came since, and freeze the account."""
    own = Handle.objects.filter(user=user, kind=Handle.Kind.EMAIL)
    since = own.filter(held_until=None).exclude(canonical__in=[known["address"] for known in before["addresses"]])
    for handle in since:
        handles.remember(user_id=user.pk, name=handle.canonical, until=now)
        handle.delete()
    own.update(is_primary=False)
    try:
        with transaction.atomic():
            for known in before["addresses"]:
                _give_back(user, known)
                user.email = known["address"] if known["primary"] else user.email
            user.phone = before["phone"]
            user.phone_confirmed_at = parse_datetime(before["phone_confirmed_at"] or "")
            user.frozen_at = now
            erasure.call_off(user=user, now=now)
            user.save(update_fields=["email", "phone", "phone_confirmed_at", "is_active", "frozen_at", "erase_at"])
    except IntegrityError as error:
        raise AddressTaken from error


def _give_back(user: User, known: Mapping[str, Any]) -> None:
    Handle.objects.update_or_create(
        user=user,
        canonical=known["address"],
        kind=Handle.Kind.EMAIL,
        defaults={
            "is_primary": known["primary"],
            "confirmed_at": parse_datetime(known["confirmed_at"] or ""),
            "held_until": None,
        },
    )


def _text(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment else None
