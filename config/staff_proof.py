"""That whoever changes something grave in the admin has proved a moment ago who she is."""

from django.http import HttpRequest

from accounts import admin_session, reauthentication
from kit.clock import utcnow
from kit.errors import PermissionRefused
from kit.requests import origin_of


def require(request: HttpRequest, *, password: str) -> None:
    """Raise a Refusal unless her sign-in is fresh, or the password is hers."""
    session = admin_session.find(request)
    if session is None:
        raise PermissionRefused
    reauthentication.require_recent(session=session, password=password, now=utcnow(), origin=origin_of(request))
