"""From a wish to have an account to a person.

The request does the same work whether or not the address is taken; what the mail says is decided in the worker
(`message_kinds`). The password belongs to the row whose link is opened, so that nobody plants one on another's address.
"""

import datetime as dt
import uuid
from dataclasses import dataclass, field

from django.db import transaction

from accounts import (
    conf,
    event_types,
    handles,
    hashing,
    landings,
    links,
    mail_limits,
    passwords,
    people,
    robots,
    sign_up,
    tokens,
)
from accounts.message_kinds.registration import CONFIRMATION, REGISTRATION_PURPOSE
from accounts.models import Registration, User
from audit import recording
from audit.vocabulary import ActorKind, EventType, Outcome
from kit import canonical
from kit.errors import Invalid, InvalidToken
from kit.ids import uuid7
from kit.origin import Origin
from notifications import sending
from vault import derived


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What somebody gives who wants an account. Texts as they were typed."""

    email: str
    password: str = field(repr=False)
    username: str = ""
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    link_url: str = ""
    robot_proof: str = field(default="", repr=False)


def request(*, wish: Wish, now: dt.datetime, origin: Origin) -> None:
    """Take down a wish to have an account and mail its address's owner, as often as `mail_limits` lets.

    Raises `Invalid` for a malformed address or user name, a user name that is taken, a weak password, a page that links
    may not lead to, or a missing proof of work; `sign_up.SignUpClosed` where not anybody may have an account.
    """
    sign_up.require_open(path="register", now=now, origin=origin)
    address = canonical.address(wish.email)
    personal = (address.partition("@")[0], wish.username, wish.first_name, wish.last_name)
    passwords.require_acceptable(wish.password, personal=personal)
    if wish.username and handles.is_taken(handles.username(wish.username), now=now):
        raise Invalid("username", "Somebody has this user name already.", "taken")
    landings.require_allowed(wish.link_url)
    with hashing.turn():
        robots.require(proof=wish.robot_proof, purpose="register", now=now, origin=origin)  # last: it is good once
        encoded = hashing.encode(wish.password)
    with transaction.atomic():
        if not mail_limits.may_mail(address=address, now=now):
            _record(event_types.REGISTRATION_LIMITED, address, now, origin, outcome=Outcome.REFUSED)
            return
        row = _pending(wish, address=address, encoded=encoded, now=now)
        sending.send(kind=CONFIRMATION, to=address, reference=row.pk, now=now)
        _record(event_types.REGISTRATION_REQUESTED, address, now, origin, target=row.pk)


def resend(*, email: str, now: dt.datetime, origin: Origin) -> None:
    """Mail the link of the newest pending registration of an address again, within the same limit.

    Says nothing of whether there is one, and does the same work: a message without a registration is one that the
    worker finds nothing to send for. Raises `Invalid` for a malformed address, or `sign_up.SignUpClosed`.
    """
    sign_up.require_open(path="resend", now=now, origin=origin)
    address = canonical.address(email)
    with transaction.atomic():
        if not mail_limits.may_mail(address=address, now=now):
            _record(event_types.REGISTRATION_LIMITED, address, now, origin, outcome=Outcome.REFUSED)
            return
        row = Registration.objects.filter(address=address, confirmed_at=None, expires_at__gt=now).last()
        reference = row.pk if row else None
        sending.send(kind=CONFIRMATION, to=address, reference=reference, now=now)
        _record(event_types.REGISTRATION_REQUESTED, address, now, origin, target=reference or "")


def standing_of(*, token: str, now: dt.datetime) -> links.Standing:
    """Return how the link of a registration stands, for the page that shows it; changes nothing."""
    row = Registration.objects.filter(digest=tokens.verify(token, tokens.Kind.LINK)).first()
    if row is None:
        return links.Standing.UNKNOWN
    return links.standing(used_at=row.confirmed_at, expires_at=row.expires_at, now=now)


def confirm(*, token: str, now: dt.datetime, origin: Origin) -> User:
    """Make the person of the registration whose link this is, once.

    Raises `Invalid` on `token`, always alike, or `sign_up.SignUpClosed`, which leaves the link good.
    """
    sign_up.require_open(path="confirm", now=now, origin=origin)
    try:
        digest = tokens.verify(token, tokens.Kind.LINK)
        with transaction.atomic():
            row = _spend(digest, now)
            user = people.make(
                address=row.address,
                password_hash=row.password,
                now=now,
                username=row.username,
                origin=origin,
                first_name=row.first_name,
                last_name=row.last_name,
                phone=row.phone,
            )
            _record(event_types.REGISTRATION_CONFIRMED, row.address, now, origin, target=row.pk, actor=user.pk)
    except (InvalidToken, handles.NameTaken) as error:
        _record(event_types.REGISTRATION_REFUSED, "", now, origin, outcome=Outcome.REFUSED)
        raise Invalid("token", "This link has been used, has expired, or is not one of ours.", "invalid") from error
    return user


def purge(*, now: dt.datetime) -> int:
    """Delete the registrations whose link has expired, and say how many. Their people live on without them."""
    deleted, _ = Registration.objects.filter(expires_at__lte=now - dt.timedelta(days=1)).delete()
    return deleted


def _pending(wish: Wish, *, address: str, encoded: str, now: dt.datetime) -> Registration:
    row_id = uuid7()
    link = derived.mint(REGISTRATION_PURPOSE, row_id)
    return Registration.objects.create(
        id=row_id,
        address=address,
        username=wish.username,
        first_name=wish.first_name,
        last_name=wish.last_name,
        phone=wish.phone,
        landing=wish.link_url,
        password=encoded,
        digest=link.digest,
        key_id=link.key_id,
        created_at=now,
        expires_at=now + dt.timedelta(seconds=conf.confirmation_lifetime()),
    )


def _spend(digest: str, now: dt.datetime) -> Registration:
    """Spend the link: one conditional update, whose row count is the verdict."""
    fresh = Registration.objects.filter(digest=digest, confirmed_at=None, expires_at__gt=now)
    if not fresh.update(confirmed_at=now):
        raise InvalidToken
    return Registration.objects.get(digest=digest)


def _record(
    event: EventType,
    address: str,
    now: dt.datetime,
    origin: Origin,
    *,
    outcome: Outcome = Outcome.DONE,
    target: uuid.UUID | str = "",
    actor: uuid.UUID | None = None,
) -> None:
    recording.record(
        event,
        now=now,
        actor=actor,
        actor_kind=ActorKind.PERSON if actor else ActorKind.STRANGER,
        target_kind="registration",
        target=target,
        outcome=outcome,
        origin=origin,
        name=address,
    )
