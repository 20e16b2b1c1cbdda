"""The admin's session is ours: Django's cookie carries its id, and each request reads its row, as the API does."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.utils.functional import SimpleLazyObject

from accounts import devices, login, sessions
from accounts.models import Device, Session, User
from kit.clock import utcnow

SESSION_KEY = "sid"
DEVICE_COOKIE_AGE = 365 * 24 * 3600


class AdminSessionMiddleware(AuthenticationMiddleware):
    """Set `request.user` and `request.house_session` where there is a Django session (under /admin), else nobody."""

    def process_request(self, request: HttpRequest) -> None:
        request.user = SimpleLazyObject(lambda: _user_of(request))  # type: ignore[assignment]


def find(request: HttpRequest) -> Session | None:
    """Return the live session at the admin's door that this request belongs to."""
    caller = _caller(request)
    return caller.session if caller else None


def attach(request: HttpRequest, session: Session) -> None:
    """Bind the browser to a session that has just begun; a fresh cookie, so that none can be planted before."""
    request.session.cycle_key()
    rotate_token(request)
    request.session[SESSION_KEY] = str(session.pk)


def device_token(request: HttpRequest) -> str:
    """Return the token of the device that this browser is known as, empty when it is new."""
    return request.COOKIES.get(_device_cookie(), "")


def remember_device(response: HttpResponse, device: Device | None) -> None:
    """Let the browser be known at its next sign-in: wrong passwords from elsewhere then never lock it out."""
    response.set_cookie(
        _device_cookie(),
        devices.token_of(device),
        max_age=DEVICE_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def carry_challenge(response: HttpResponse, due: login.StepDue) -> None:
    """Let the browser show the challenge of a sign-in under way at the page of its next step, and nowhere else."""
    response.set_cookie(
        _challenge_cookie(),
        due.challenge,
        max_age=due.expires_in,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def challenge(request: HttpRequest) -> str:
    """Return the challenge that this browser carries, empty without any."""
    return request.COOKIES.get(_challenge_cookie(), "")


def drop_challenge(response: HttpResponse) -> None:
    """Have the browser forget its challenge."""
    response.delete_cookie(_challenge_cookie(), samesite="Strict")


def _challenge_cookie() -> str:
    return f"{settings.SESSION_COOKIE_NAME}-challenge"


def _device_cookie() -> str:
    return f"{settings.SESSION_COOKIE_NAME}-device"


def _caller(request: HttpRequest) -> sessions.Caller | None:
    cached: Any = getattr(request, "_house_caller", False)
    if cached is False:
        store = getattr(request, "session", None)
        text = store.get(SESSION_KEY) if store is not None else None
        cached = _live(text) if text else None
        request._house_caller = cached  # type: ignore[attr-defined]  # noqa: SLF001 - ours, kept on the request
    return cached  # type: ignore[no-any-return]


def _live(text: str) -> sessions.Caller | None:
    now = utcnow()
    caller = sessions.find_live(session_id=uuid.UUID(text), door=Session.Door.ADMIN, now=now)
    if caller is not None:
        sessions.touch(session=caller.session, now=now)
    return caller


def _user_of(request: HttpRequest) -> User | AnonymousUser:
    caller = _caller(request)
    return caller.user if caller else AnonymousUser()
