"""Who may call a view. Every view says so in `permission_classes`; one that does not is refused to everybody.

The question itself is Django's `user.has_perm`, so no view knows which app answers it.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS, BasePermission

from kit import seams
from kit.errors import NotFound, PermissionRefused


class NotForAnother(PermissionRefused):
    """Somebody who acts for another person would do what only that person may."""

    default_detail = "Not while acting for another person."


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


class Hidden(Requires):
    """As `Requires`, for what may not even be known to be there: without the permission it is not found."""

    def has_permission(self, request: Any, view: Any) -> bool:
        if super().has_permission(request, view):
            return True
        if is_signed_in(request):
            raise NotFound
        return False


@cache
def requires(permission: str) -> type[Requires]:
    """Return the permission class for one permission, such as `notifications.send_message`."""
    return type("Requires", (Requires,), {"permission": permission, "__module__": __name__})


@cache
def hidden(permission: str) -> type[Hidden]:
    """Return the permission class of one thing among others: whoever lacks the permission gets the answer of a 404."""
    return type("Hidden", (Hidden,), {"permission": permission, "__module__": __name__})


class ByMethod(BasePermission):
    """A permission for each method of a view; a method that the view has and this does not name is refused."""

    permissions: ClassVar[Mapping[str, type[Requires]]] = {}

    def has_permission(self, request: Any, view: Any) -> bool:
        """Ask the permission of the method. One that the view does not have is for the view to refuse (405)."""
        method = "GET" if request.method == "HEAD" else request.method
        if method in self.permissions:
            return self.permissions[method]().has_permission(request, view)
        return is_signed_in(request) and (method == "OPTIONS" or not hasattr(view, method.lower()))


def by_method(**permissions: type[Requires]) -> type[ByMethod]:
    """Return the permission class of a view whose methods need different ones: `by_method(GET=…, POST=…)`."""
    return type("ByMethod", (ByMethod,), {"permissions": permissions, "__module__": __name__})


def is_signed_in(request: Any) -> bool:
    """Tell whether the request carries a credential that was accepted."""
    return bool(request.user is not None and request.user.is_authenticated)


def require_harmless(request: Any) -> None:
    """Let a request of somebody who acts for another person pass if its view may be called so; else `NotForAnother`."""
    view = (getattr(request, "parser_context", None) or {}).get("view")
    if not is_harmless(view, request.method):
        raise NotForAnother


def is_harmless(view: Any, method: str) -> bool:
    """Tell whether a method of a view may be called by somebody who acts for another person.

    A view that says nothing is open to methods that change nothing (RFC 9110, section 9.2.1). With `for_impersonators`
    True one is open whose other methods are questions too, and with False one is closed that shows what is hers alone.
    """
    declared = getattr(view, "for_impersonators", None)
    return method in SAFE_METHODS if declared is None else declared is True


def note_refusal(request: Any, permission: str) -> None:
    """Report that a signed-in caller lacked a permission, to the function that PERMISSION_REFUSAL_RECORDER names."""
    path = getattr(settings, "PERMISSION_REFUSAL_RECORDER", "")
    if path:
        seams.load(path)(request, permission)
