"""Who may call a view. Every view says so in `permission_classes`; one that does not is refused to everybody.

The question itself is Django's `user.has_perm`, so no view knows which app answers it.
"""

from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import Any, ClassVar, TypeVar, cast

from django.conf import settings
from django.http import HttpRequest
from rest_framework.permissions import SAFE_METHODS, BasePermission

from kit import problems, seams
from kit.errors import NotAuthenticated, NotFound, PermissionRefused, Refusal

View = TypeVar("View", bound=Callable[..., Any])


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
        return is_signed_in(request) and _holds(request, self.permission)


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


class OnResource(Requires):
    """A signed-in caller who holds `permission` on the one thing that the path names. Made by `requires_on`."""

    resource: ClassVar[str] = ""

    def has_permission(self, request: Any, view: Any) -> bool:
        return is_signed_in(request) and _holds(request, self.permission, self.resource.format(**view.kwargs))


class OnObject(Requires):
    """A signed-in caller who holds `permission` on the object that the view has found. Made by `requires_on_object`."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return is_signed_in(request)

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        return is_signed_in(request) and _holds(request, self.permission, obj)


@cache
def requires_on(permission: str, resource: str) -> type[OnResource]:
    """Return the permission class for a permission on one thing, such as `project:{project_id}` by a path's parameter.

    Whoever holds the permission everywhere, or on something above, holds it there.
    """
    members = {"permission": permission, "resource": resource, "__module__": __name__}
    return type("OnResource", (OnResource,), members)


@cache
def requires_on_object(permission: str) -> type[OnObject]:
    """Return the permission class for a permission on a model's row, or whatever else `user.has_perm` takes as `obj`.

    It asks when the view calls `check_object_permissions`, as `get_object` of a generic view does; a list is narrowed
    by its queryset instead. A view of which neither is true wants `requires_on`.
    """
    return type("OnObject", (OnObject,), {"permission": permission, "__module__": __name__})


class ByMethod(BasePermission):
    """A permission for each method of a view; a method that the view has and this does not name is refused."""

    permissions: ClassVar[Mapping[str, type[Requires]]] = {}

    def has_permission(self, request: Any, view: Any) -> bool:
        """Ask the permission of the method. One that the view does not have is for the view to refuse (405)."""
        method = "GET" if request.method == "HEAD" else request.method
        if method in self.permissions:
            return self.permissions[method]().has_permission(request, view)
        return is_signed_in(request) and (method == "OPTIONS" or not hasattr(view, method.lower()))

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        """Ask the permission of the method about an object too; of a method without one nobody gets here."""
        method = "GET" if request.method == "HEAD" else request.method
        return method in self.permissions and self.permissions[method]().has_object_permission(request, view, obj)


def by_method(**permissions: type[Requires]) -> type[ByMethod]:
    """Return the permission class of a view whose methods need different ones: `by_method(GET=…, POST=…)`."""
    return type("ByMethod", (ByMethod,), {"permissions": permissions, "__module__": __name__})


def permitted(permission: str, on: str = "") -> Callable[[View], View]:
    """Return a decorator of a function view that lets in only who holds a permission; plain Django's views too.

    With `on`, such as `project:{project_id}` by a parameter of the path, the permission on that one thing will do.
    Below `api_view` it is in its right place; a method of a class takes it by Django's `method_decorator`.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                require(request, permission, on.format(**kwargs) if on else None)
            except Refusal as refusal:
                if isinstance(request, HttpRequest):  # nobody above would turn it into an answer
                    return problems.refused(request, refusal)
                raise
            return view(request, *args, **kwargs)

        return cast("View", guarded)

    return decorate


def require(request: Any, permission: str, obj: Any = None) -> None:
    """Let a request pass whose caller holds a permission: everywhere, or on `obj`, where one is given.

    Raises `NotAuthenticated` or `PermissionRefused`. For a view whose object is in the body; elsewhere a class says it.
    """
    if not is_signed_in(request):
        raise NotAuthenticated
    if not _holds(request, permission, obj):
        raise PermissionRefused


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


def _holds(request: Any, permission: str, obj: Any = None) -> bool:
    """Tell whether a signed-in caller holds a permission, and report it if not."""
    if request.user.has_perm(permission, obj):
        return True
    note_refusal(request, permission)
    return False


def note_refusal(request: Any, permission: str) -> None:
    """Report that a signed-in caller lacked a permission, to the function that PERMISSION_REFUSAL_RECORDER names."""
    path = getattr(settings, "PERMISSION_REFUSAL_RECORDER", "")
    if path:
        seams.load(path)(request, permission)
