"""Asking a signed-in person again, before what weakens her account.

A call that does so takes the password or a factor's code in its body, or a sign-in that is not long ago; the call that
freshens the sign-in (`renew`) takes a passkey as well. The moment of a sign-in (`auth_time`) is moved by proof alone,
never by a refresh; and a sign-in by mail, which whoever reads her mail can make, is no proof that is good enough here.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from django.db import transaction

from accounts import conf, event_types, guessing, refresh, sessions
from accounts.models import Device, Session, User
from audit import recording
from kit.errors import Invalid, InvalidToken, Refusal
from kit.origin import Origin

DOOR = "reauthentication"
Credential = Mapping[str, Any]  # a public key credential as `toJSON()` writes it (WebAuthn level 3)
_WORDS = {"code": "code", "credential": "answer of the passkey"}
BY_MAIL = "mca"  # RFC 8176, multiple-channel authentication: how a sign-in by a mailed link or code is marked


class ReauthenticationRequired(Refusal):
    """Neither a password nor a code was given, and the sign-in is too long ago.

    `max_age`, in seconds, and `methods` say what would do; no methods: a second factor must be set up first.
    """

    code = "reauthentication_required"
    default_detail = "Give the password, or prove again who you are at /api/v1/auth/reauthenticate."


@runtime_checkable
class Factor(Protocol):
    """A step of the sign-in (`accounts.login.Step`) by which she also proves later that it is still her."""

    def methods(self, *, user: User) -> Any:
        """Return how she can complete it; nothing where she has no such factor."""

    def prove(
        self,
        *,
        user: User,
        code: str,
        credential: Credential | None,
        device: Device | None,
        now: dt.datetime,
        origin: Origin,
    ) -> Any:
        """Return what a code, or else the answer of a passkey, proves as values of `amr`; nothing for a wrong one.

        Counts the try first (`guessing.is_counted_right`), records a refusal, and raises `limits.guesses.Locked`.
        """


def require_recent(
    *,
    session: Session,
    now: dt.datetime,
    origin: Origin,
    password: str = "",
    code: str = "",
    field: str = "password",
) -> None:
    """Return only if the person of this session has proved lately that it is her.

    A password or code that is given must be right, however fresh the session is. Raises `ReauthenticationRequired`,
    `Invalid` on `field` or on `code` for a wrong one, `limits.guesses.Locked`, or `Unavailable`. Not to be called in a
    transaction: a wrong one must be remembered.
    """
    if password:
        _prove_password(session=session, password=password, field=field, now=now, origin=origin)
    elif code:
        _prove_factor(session=session, code=code, now=now, origin=origin)
    elif not is_recent(session, now=now):
        raise ReauthenticationRequired(max_age=conf.recent(), methods=["password", *_factor_methods(session.user)])


def is_recent(session: Session, *, now: dt.datetime) -> bool:
    """Say whether the sign-in of this session is less than `ACCOUNTS_RECENT` seconds ago, and more than a mail's."""
    age = now - session.auth_time
    return age < dt.timedelta(seconds=conf.recent()) and any(method != BY_MAIL for method in session.amr)


def renew(
    *,
    session: Session,
    password: str = "",
    code: str = "",
    credential: Credential | None = None,
    now: dt.datetime,
    origin: Origin,
) -> refresh.Renewed:
    """Take a password, a code or a passkey for a sign-in of this moment, and return a new refresh token of the session.

    The refresh tokens that it had are good no more: with two lines of tokens a stolen one would never be missed.
    Raises as `require_recent`, and `InvalidToken` when the session has ended meanwhile.
    """
    methods = _prove(session=session, password=password, code=code, credential=credential, now=now, origin=origin)
    with transaction.atomic():
        _note(session, methods, now, origin, by_factor=not password)
        return refresh.replace(session=session, now=now)


def prove(
    *,
    session: Session,
    password: str = "",
    code: str = "",
    credential: Credential | None = None,
    now: dt.datetime,
    origin: Origin,
) -> None:
    """Do what `renew` does for a session without refresh tokens, such as the admin's. Raises as it does."""
    methods = _prove(session=session, password=password, code=code, credential=credential, now=now, origin=origin)
    with transaction.atomic():
        _note(session, methods, now, origin, by_factor=not password)


def _note(session: Session, methods: tuple[str, ...], now: dt.datetime, origin: Origin, *, by_factor: bool) -> None:
    """Let a session be as fresh as this proof, and record it. Raises `InvalidToken` when it has ended meanwhile."""
    amr = list(dict.fromkeys((*session.amr, *methods)))
    factor_at = now if by_factor else session.factor_at
    live = Session.objects.live(now).filter(pk=session.pk)
    if not live.update(auth_time=now, amr=amr, factor_at=factor_at):
        raise InvalidToken
    recording.record(
        event_types.REAUTHENTICATED,
        now=now,
        actor=session.user_id,
        target_kind="session",
        target=session.pk,
        origin=origin,
        details={"methods": ",".join(methods)},
    )
    session.auth_time, session.amr, session.factor_at = now, amr, factor_at


def _prove(
    *, session: Session, password: str, code: str, credential: Credential | None, now: dt.datetime, origin: Origin
) -> tuple[str, ...]:
    """Return what a password, or else a code or a passkey, proves. Raises `Invalid`."""
    if password:
        return _prove_password(session=session, password=password, field="password", now=now, origin=origin)
    return _prove_factor(session=session, code=code, credential=credential, now=now, origin=origin)


def _prove_password(
    *, session: Session, password: str, field: str, now: dt.datetime, origin: Origin
) -> tuple[str, ...]:
    """Return what a password proves, or raise `Invalid` on `field`."""
    user, device = session.user, session.device
    if guessing.checked_password(user=user, password=password, device=device, door=DOOR, now=now, origin=origin):
        return ("pwd",)
    raise Invalid(field, "The password is not right.", "wrong")


def _prove_factor(
    *, session: Session, code: str, credential: Credential | None = None, now: dt.datetime, origin: Origin
) -> tuple[str, ...]:
    """Return what a code or a passkey proves, or raise `Invalid`."""
    user, device = session.user, session.device
    field = "credential" if credential else "code"
    factor = _factor_of(user, field)
    proved = factor.prove(user=user, code=code, credential=credential, device=device, now=now, origin=origin)
    if not proved:
        raise Invalid(field, f"The {_WORDS[field]} is not right.", "wrong")
    return tuple(proved)


def _factor_methods(user: User) -> list[str]:
    steps = [step for step in sessions.login_steps() if isinstance(step, Factor)]
    return [method for step in steps for method in step.methods(user=user)]


def _factor_of(user: User, field: str) -> Factor:
    """Return the first step of the sign-in that this person has a factor for. Raises `Invalid` without any."""
    for step in sessions.login_steps():
        if isinstance(step, Factor) and step.methods(user=user):
            return step
    raise Invalid(field, "This account has no second factor. Give the password.", "no_factor")
