"""Who may call a view. Every view says so in `permission_classes`; one that does not is refused to everybody.

The question itself is Django's `user.has_perm`, so no view knows which app answers it.
"""

from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from rest_framework.permissions import BasePermission

from kit import seams


class DenyAll(BasePermission):
    """The default: a view that forgot to declare its permission answers nobody."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return False


class Public(BasePermission):
    """Anybody, signed in or not."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return True


class SignedIn(BasePermission):
    """Anybody whose credential was accepted."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return is_signed_in(request)


class Requires(BasePermission):
    """A signed-in caller who holds `permission`. Made by `requires`, not by hand."""

    permission: ClassVar[str] = ""

    def has_permission(self, request: Any, view: Any) -> bool:
        if not is_signed_in(request):
            return False
        if request.user.has_perm(self.permission):
            return True
        note_refusal(request, self.permission)
        return False


@cache
def requires(permission: str) -> type[Requires]:
    """Return the permission class for one permission, such as `notifications.send_message`."""
    return type("Requires", (Requires,), {"permission": permission, "__module__": __name__})


def is_signed_in(request: Any) -> bool:
    """Tell whether the request carries a credential that was accepted."""
    return bool(request.user is not None and request.user.is_authenticated)


def note_refusal(request: Any, permission: str) -> None:
    """Report that a signed-in caller lacked a permission, to the function that PERMISSION_REFUSAL_RECORDER names."""
    path = getattr(settings, "PERMISSION_REFUSAL_RECORDER", "")
    if path:
        seams.load(path)(request, permission)
