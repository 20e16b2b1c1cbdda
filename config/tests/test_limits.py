"""What anybody may call is limited by network address, and each limit is one that the settings name."""

from typing import Any

import pytest
from django.conf import settings
from django.urls import get_resolver

from accounts.api.throttles import ByAddress
from accounts.impersonation import ROUTE
from config.tests.test_architecture import PACKAGES, routes
from kit.permissions import Public
from limits.addresses import ANYTHING, CALLERS, DEVICES

# Open to anybody and not limited before they are answered, each for its reason.
UNLIMITED = {
    "accounts.api.views.tokens.RefreshView": "tokens that do not hold are counted",
    "accounts.api.views.tokens.LogoutView": "tokens that do not hold are counted",
    "notifications.api.callbacks.CallbackView": "reports that nobody has signed are counted",
    "config.docs.Docs": "reads nothing",
    "config.docs.Schema": "closed in production",
    "config.health.Health": "whoever watches must get an answer",
    "config.health.Live": "whoever watches must get an answer",
    "config.health.Ready": "whoever watches must get an answer",
    "config.system.Index": "reads nothing",
    "config.system.Jwks": "reads memory, and every service needs it",
}
VIEWS = {
    f"{view.__module__}.{view.__qualname__}": view
    for _, callback in routes(get_resolver().url_patterns)
    for view in [getattr(callback, "view_class", None) or getattr(callback, "cls", None)]
    if view is not None and view.__module__.split(".")[0] in PACKAGES
}


def is_open(view: Any) -> bool:
    return Public in view.permission_classes


def routes_of(view: Any) -> list[str]:
    """Return the limits that calls of a view are held against; a page names its own."""
    if route := getattr(view, "route", ""):
        return [route]
    return [kind.route for kind in getattr(view, "throttle_classes", ()) if issubclass(kind, ByAddress)]


def test_every_call_that_anybody_may_make_is_limited_by_address() -> None:
    unlimited = {name for name, view in VIEWS.items() if is_open(view) and not routes_of(view)}
    assert unlimited == UNLIMITED.keys()


@pytest.mark.parametrize("name", VIEWS)
def test_every_limit_of_a_view_is_named_in_the_settings(name: str) -> None:
    assert [route for route in routes_of(VIEWS[name]) if route not in settings.LIMITS_BY_ADDRESS] == []


@pytest.mark.parametrize(
    "route", ["login", f"login{DEVICES}", "refresh", "bearer", "callback", f"{ROUTE}{CALLERS}", ANYTHING]
)
def test_every_limit_that_no_view_names_is_in_the_settings(route: str) -> None:
    assert route in settings.LIMITS_BY_ADDRESS


def test_all_calls_together_may_be_more_than_those_of_any_route() -> None:
    requests, seconds = settings.LIMITS_BY_ADDRESS[ANYTHING]
    assert all(most / window <= requests / seconds for most, window in settings.LIMITS_BY_ADDRESS.values())
