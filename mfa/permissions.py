"""A permission for what is worth a second factor that was proved a moment ago."""

import datetime as dt
from typing import Any, ClassVar

from rest_framework.permissions import BasePermission

from accounts import conf
from accounts.models import Session
from accounts.reauthentication import ReauthenticationRequired
from kit.clock import utcnow
from kit.permissions import is_signed_in
from mfa import factors


class RecentFactor(BasePermission):
    """A signed-in caller who proved a second factor in this session less than `max_age` seconds ago.

    `permission_classes = [RecentFactor(max_age=300)]`; plain `RecentFactor` takes `ACCOUNTS_RECENT`. Whoever has not is
    told what would do, by `reauthentication_required` with `max_age` and her `methods` (none: she must set one up).
    """

    max_age: ClassVar[int | None] = None

    def __new__(cls, *, max_age: int | None = None) -> Any:
        """Return a permission, or the permission class of an age."""
        if max_age is None:
            return super().__new__(cls)
        return type(cls.__name__, (cls,), {"max_age": max_age, "__module__": __name__, "__doc__": cls.__doc__})

    def has_permission(self, request: Any, view: Any) -> bool:
        """Let pass who has proved a factor lately. Raises `ReauthenticationRequired` for anybody else signed in."""
        if not is_signed_in(request):
            return False
        seconds = conf.recent() if self.max_age is None else self.max_age
        if is_recent(request.auth, seconds=seconds, now=utcnow()):
            return True
        raise ReauthenticationRequired(
            "Prove a second factor again, at /api/v1/auth/reauthenticate or by a sign-in.",
            max_age=seconds,
            methods=factors.methods_of(request.user),
        )


def is_recent(session: Any, *, seconds: int, now: dt.datetime) -> bool:
    """Say whether a second factor was proved in a session less than so many seconds ago."""
    if not isinstance(session, Session) or session.factor_at is None:
        return False
    return now - session.factor_at < dt.timedelta(seconds=seconds)
