"""Signing in by mail, where the operator allows it: by a code that is typed, or by a link to a client's own page.

Reading somebody's mail proves less than her password does: a second factor stays due, and what weakens an account asks
for more (`reauthentication`). Both ways are good once, for ten minutes, and end together.
"""

import datetime as dt
from dataclasses import dataclass, field

from django.db import transaction

from accounts import codes, conf, devices, event_types, guessing, handles, landings, links, login, people, sessions
from accounts.mail_limits import may_mail
from accounts.message_kinds.sign_in_links import SIGN_IN
from accounts.models import Link, SentCode, Session, User
from accounts.reauthentication import BY_MAIL
from audit import recording
from audit.vocabulary import ActorKind, EventType, Outcome
from kit import canonical
from kit.errors import Invalid, InvalidToken, NotFound
from kit.origin import Origin
from notifications import sending
from notifications.channels import Channel

FACTOR = "mail_code"
PURPOSE = SentCode.Purpose.SIGN_IN


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """What somebody signs in from: how she calls it, and the token by which her account knows it."""

    device_name: str = ""
    device_token: str = field(default="", repr=False)


def require_on() -> None:
    """Raise `NotFound` where the operator has not allowed to sign in by mail."""
    if not conf.sign_in_by_mail():
        raise NotFound


def request(*, email: str, link_url: str = "", now: dt.datetime, origin: Origin) -> None:
    """Mail a code, and a link to the client's own page if one is given, to whoever this confirmed address is of.

    The work and the answer are the same whether or not it is somebody's. Raises `Invalid` for a malformed address, or a
    page that links may not lead to.
    """
    address = canonical.address(email)
    landing = landings.require_allowed(link_url)
    user = _find_owner(address)
    with transaction.atomic():
        allowed = may_mail(address=address, now=now)
        if allowed:
            _send(user, address, landing, now, origin)
        event = event_types.SIGN_IN_MAIL_REQUESTED if allowed else event_types.SIGN_IN_MAIL_LIMITED
        _record(event, user, address, now, origin, outcome=Outcome.DONE if allowed else Outcome.REFUSED)


def by_link(*, token: str, client: Client, now: dt.datetime, origin: Origin) -> login.StepDue | login.StartedSession:
    """Sign in by the token of a link, or say which step is due; it is spent by either.

    Raises `Invalid` on `token`, always alike, or `InvalidCredentials` for an account that may not act.
    """
    try:
        with transaction.atomic():
            found = links.find(token=token, purpose=Link.Purpose.SIGN_IN, now=now)
            user = User.objects.lock(found.user_id)
            if not handles.is_hers(user=user, address=found.address):  # given up while the link was being written
                raise InvalidToken  # noqa: TRY301 - the one answer to every link that is refused
            links.use(token=token, purpose=Link.Purpose.SIGN_IN, now=now)
            codes.void(user=user, purpose=PURPOSE, now=now)
    except InvalidToken as error:
        _record(event_types.SIGN_IN_LINK_REFUSED, None, "", now, origin, outcome=Outcome.REFUSED)
        raise Invalid("token", "This link has been used, has expired, or is not one of ours.", "invalid") from error
    return _enter(_knock(user, user.email, client, now, origin), user)


def by_code(
    *, email: str, code: str, client: Client, now: dt.datetime, origin: Origin
) -> login.StepDue | login.StartedSession:
    """Sign in by a code that was mailed, or say which step is due; it is spent by either.

    Each try is counted on the person before it is looked at, and at the same try for an address that is nobody's; from
    a device that she is known by on that device, so that no stranger keeps her out.
    Raises `InvalidCredentials`, `Throttled` or `limits.guesses.Locked`, or `Invalid` for a malformed address.
    """
    address = canonical.address(email)
    user = _find_owner(address)
    knock = _knock(user, address, client, now, origin)
    subject = people.guess_subject(user, address) + (f":{knock.device.pk}" if knock.device else "")
    codes.count_try(purpose=PURPOSE, subject=subject, now=now)
    right = guessing.is_counted_right(knock, user, FACTOR, lambda: _is_right(user, address, subject, code, now))
    if not right or user is None:
        raise login.InvalidCredentials
    links.void(user=user, purposes=(Link.Purpose.SIGN_IN,), now=now)
    return _enter(knock, user)


def _find_owner(address: str) -> User | None:
    """Return whose confirmed address this is, if she may sign in; by one statement."""
    user = handles.owner_of(address)
    return user if user is not None and people.may_act(user) else None


def _send(user: User | None, address: str, landing: str, now: dt.datetime, origin: Origin) -> None:
    code = codes.issue(purpose=PURPOSE, user=user, channel=Channel.EMAIL, to=address, now=now)
    link = links.issue(
        purpose=Link.Purpose.SIGN_IN,
        address=address,
        user=user,
        now=now,
        lifetime=codes.LIFETIME,
        landing=landing,
        data={"code": str(code.pk), "network": origin.address},
    )
    sending.send(kind=SIGN_IN, to=address, reference=link.pk, now=now, locale=user.locale if user else "")


def _is_right(user: User | None, address: str, subject: str, code: str, now: dt.datetime) -> bool:
    """Say whether a code is the right one and went to this address, and spend it."""
    try:
        with transaction.atomic():
            return codes.use(purpose=PURPOSE, user=user, subject=subject, code=code, now=now).to == address
    except Invalid:
        return False


def _knock(user: User | None, name: str, client: Client, now: dt.datetime, origin: Origin) -> login.Knock:
    return login.Knock(
        door=Session.Door.API,
        name=name,
        device=devices.find_known(user=user, token=client.device_token),
        device_name=client.device_name,
        now=now,
        origin=origin,
    )


def _enter(knock: login.Knock, user: User) -> login.StepDue | login.StartedSession:
    return login.proceed(knock, user, sessions.Proofs(methods=(BY_MAIL,), at=knock.now))


def _record(
    event: EventType, user: User | None, address: str, now: dt.datetime, origin: Origin, *, outcome: Outcome
) -> None:
    recording.record(
        event,
        now=now,
        actor_kind=ActorKind.STRANGER,
        target_kind="user",
        target=user.pk if user else "",
        outcome=outcome,
        origin=origin,
        name=address,
    )
