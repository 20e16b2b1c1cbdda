"""The addresses of a person: one that is the first, and others by which she is found too.

An address is hers when its owner has used the link that was mailed to it, and not before: until then it is a link and
no handle, so that nobody keeps a name from others by asking for it. Whether an address is somebody else's is told by
the mail that goes to it, never by an answer. One that is given up is held while that can be undone.
"""

import datetime as dt
import uuid

from django.db import transaction
from django.db.models import QuerySet

from accounts import conf, event_types, handles, landings, links, mail_limits, pending, people, reversals
from accounts.handles import NameTaken
from accounts.message_kinds.addresses import ADDRESS_ADDED, ADDRESS_REMOVED, CHANGE_REQUESTED, CONFIRM_ADDRESS
from accounts.models import Handle, Link, User
from accounts.password_changes import ChangedMeanwhile
from audit import recording
from audit.vocabulary import EventType, Outcome
from kit import canonical
from kit.errors import Conflict, Invalid, InvalidToken, NotFound, Throttled
from kit.origin import Origin
from limits import counters
from notifications import sending
from notifications.kinds import Kind

MOST = 10  # addresses of one person
OFFERS_AN_HOUR = 10  # by one person, whatever the addresses: nobody mails the world by asking for theirs
HOUR = 3600
CHANGE, ADD = Link.Purpose.CHANGE_ADDRESS, Link.Purpose.ADD_ADDRESS


class LastAddress(Conflict):
    """The first of her addresses cannot be taken away, only changed."""

    default_detail = "This is the first of the addresses. Make another one the first, then remove it."


class TooMany(Conflict):
    """She has as many addresses as one person may have."""

    default_detail = f"A person has at most {MOST} addresses. Remove one first."


def list_of(user: User) -> QuerySet[Handle]:
    """Return a person's addresses, the first one first, then as they came."""
    return _own(user).order_by("-is_primary", "confirmed_at", "pk")


def add(*, user: User, email: str, link_url: str = "", now: dt.datetime, origin: Origin) -> None:
    """Mail a link to a further address, by whose use it becomes hers. Says nothing of whether it is somebody's.

    Raises `Invalid` for a malformed address or page, `Conflict` for one that she has or one too many, `Throttled`.
    """
    if _own(user).count() >= MOST:
        raise TooMany
    _offer(user=user, purpose=ADD, email=email, link_url=link_url, now=now, origin=origin)


def change(*, user: User, email: str, link_url: str = "", now: dt.datetime, origin: Origin) -> None:
    """Mail a link to another address, by whose use it takes the place of the first one, which is told now and then.

    Only the last one asked for is good. Raises as `add`.
    """
    _offer(user=user, purpose=CHANGE, email=email, link_url=link_url, now=now, origin=origin)


def confirm(*, token: str, now: dt.datetime, origin: Origin) -> User:
    """Give a person the address whose link this is, once. Raises `Invalid` on `token`, always alike.

    Refused too where the address has become somebody else's meanwhile, or her account may not act.
    """
    try:
        found = _find(token, now)
        with transaction.atomic():
            user = User.objects.lock(found.user_id)
            purpose = Link.Purpose(found.purpose)
            link = links.use(token=token, purpose=purpose, now=now)
            if not people.may_act(user) or (purpose == ADD and _own(user).count() >= MOST):
                raise InvalidToken  # noqa: TRY301 - what is refused here must undo the use of the link too
            (_take_place if purpose == CHANGE else _join)(user, link.address, now, origin)
            _record(event_types.ADDRESS_CONFIRMED, user, link.address, now, origin, change=purpose == CHANGE)
    except (InvalidToken, NameTaken) as error:
        _record(event_types.ADDRESS_REFUSED, None, "", now, origin, outcome=Outcome.REFUSED)
        raise Invalid("token", "This link has been used, has expired, or is not one of ours.", "invalid") from error
    return user


def make_primary(*, user: User, address_id: uuid.UUID, now: dt.datetime, origin: Origin) -> Handle:
    """Make one of a person's addresses the first. The one that was it stays hers, and is told. Raises `NotFound`."""
    with transaction.atomic():
        row = _lock(user)
        handle = _find_own(row, address_id)
        if handle.is_primary:
            return handle
        before, old = reversals.state_of(row), row.email
        _own(row).update(is_primary=False)
        _put_first(row, handle.canonical, now)
        pending.void(user=row, now=now)
        _tell(user=row, before=before, to=old, now=now, origin=origin)
        _record(event_types.ADDRESS_MADE_PRIMARY, row, handle.canonical, now, origin)
    return Handle.objects.get(pk=handle.pk)


def remove(*, user: User, address_id: uuid.UUID, now: dt.datetime, origin: Origin) -> None:
    """Give one of a person's addresses up; the first one is told, and what was mailed to her is good no more.

    The one given up gets no link that undoes it: it may be given up because somebody else reads it. Raises `NotFound`,
    or `LastAddress` for the first one.
    """
    with transaction.atomic():
        row = _lock(user)
        handle = _find_own(row, address_id)
        if handle.is_primary:
            raise LastAddress
        before = reversals.state_of(row)
        handles.give_up(handle=handle, now=now)
        pending.void(user=row, now=now)
        _tell(user=row, before=before, to=row.email, now=now, origin=origin, kind=ADDRESS_REMOVED)
        _record(event_types.ADDRESS_REMOVED, row, handle.canonical, now, origin)


def _offer(*, user: User, purpose: Link.Purpose, email: str, link_url: str, now: dt.datetime, origin: Origin) -> None:
    address = canonical.address(email)
    landing = landings.require_allowed(link_url)
    if _own(user).filter(canonical=address, **({"is_primary": True} if purpose == CHANGE else {})).exists():
        raise Conflict("This address is yours already.")
    verdict = counters.hit(key=f"address-offers:{user.pk}", limit=OFFERS_AN_HOUR, window=HOUR, now=now)
    if not verdict.allowed:
        raise Throttled(verdict.retry_after)
    with transaction.atomic():
        _lock(user)
        if not mail_limits.may_mail(address=address, now=now):
            _record(event_types.ADDRESS_LIMITED, user, address, now, origin, outcome=Outcome.REFUSED)
            return
        lifetime = dt.timedelta(seconds=conf.confirmation_lifetime())
        link = links.issue(purpose=purpose, address=address, user=user, now=now, lifetime=lifetime, landing=landing)
        sending.send(kind=CONFIRM_ADDRESS, to=address, reference=link.pk, now=now, locale=user.locale, person=user.pk)
        if purpose == CHANGE:
            before = reversals.state_of(user)
            _tell(user=user, before=before, to=user.email, now=now, origin=origin, kind=CHANGE_REQUESTED)
        _record(event_types.ADDRESS_OFFERED, user, address, now, origin, change=purpose == CHANGE)


def _lock(user: User) -> User:
    """Return the locked row of a person as the request has read her. Raises `ChangedMeanwhile`.

    Otherwise an intruder's request that is under way while the owner sets a new password, which makes the links of her
    addresses good no more, would write one after that.
    """
    row = User.objects.lock(user.pk)
    if not people.may_act(row) or row.password_changed_at != user.password_changed_at:
        raise ChangedMeanwhile
    return row


def _find(token: str, now: dt.datetime) -> Link:
    """Return the good link of an address whose token this is, whichever its purpose. Raises `InvalidToken`."""
    try:
        return links.find(token=token, purpose=CHANGE, now=now)
    except InvalidToken:
        return links.find(token=token, purpose=ADD, now=now)


def _take_place(user: User, address: str, now: dt.datetime, origin: Origin) -> None:
    """Put an address in the place of the first one, hold the old one, and tell its owner."""
    before, old = reversals.state_of(user), user.email
    handles.give_up(handle=_own(user).get(is_primary=True), now=now)
    _put_first(user, address, now)
    pending.void(user=user, now=now)
    _tell(user=user, before=before, to=old, now=now, origin=origin)


def _join(user: User, address: str, now: dt.datetime, origin: Origin) -> None:
    """Add an address to hers, and tell the first one."""
    before = reversals.state_of(user)
    handles.claim(user=user, kind=Handle.Kind.EMAIL, name=address, now=now)
    _tell(user=user, before=before, to=user.email, now=now, origin=origin, kind=ADDRESS_ADDED)


def _tell(
    *, user: User, before: reversals.State, to: str, now: dt.datetime, origin: Origin, kind: Kind | None = None
) -> None:
    """Tell an address that was hers before of the change, with the link that undoes it."""
    reversals.notify(user=user, change="address", before=before, to=to, now=now, origin=origin, kind=kind)


def _put_first(user: User, address: str, now: dt.datetime) -> None:
    handles.claim(user=user, kind=Handle.Kind.EMAIL, name=address, now=now, is_primary=True)
    user.email = address
    user.save(update_fields=["email"])


def _own(user: User) -> QuerySet[Handle]:
    return Handle.objects.filter(user=user, kind=Handle.Kind.EMAIL, held_until=None)


def _find_own(user: User, address_id: uuid.UUID) -> Handle:
    handle = _own(user).filter(pk=address_id).first()
    if handle is None:
        raise NotFound
    return handle


def _record(
    event: EventType,
    user: User | None,
    address: str,
    now: dt.datetime,
    origin: Origin,
    *,
    outcome: Outcome = Outcome.DONE,
    change: bool | None = None,
) -> None:
    recording.record(
        event,
        now=now,
        actor=user.pk if user else None,
        target_kind="user",
        target=user.pk if user else "",
        outcome=outcome,
        details={} if change is None else {"change": change},
        origin=origin,
        name=address,
    )
