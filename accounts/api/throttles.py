"""Limits by network address on routes that anybody may call, told in the `RateLimit` headers of their answers."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any, ClassVar

from rest_framework.exceptions import APIException
from rest_framework.throttling import BaseThrottle

from accounts import fences, hashing
from accounts.api.serializers.login import Login
from kit.clock import utcnow
from kit.parsing import text_of
from kit.requests import origin_of
from limits import addresses
from limits.addresses import Tally, TooMany


class ByAddress(BaseThrottle):
    """So many calls of `route` from one network address. Made by `by_address`."""

    route: ClassVar[str] = ""

    def allow_request(self, request: Any, view: Any) -> bool:
        """Count the call. Raises `TooMany`, a refusal with the seconds to wait."""
        told(request, lambda: self.count(request))
        return True

    def count(self, request: Any) -> Tally:
        """Count the call where it belongs."""
        return fences.hit(route=self.route, origin=origin_of(request), now=utcnow())


class OfSignIns(ByAddress):
    """So many sign-ins from one network address, and some more from a device that the account knows."""

    route = "login"

    def count(self, request: Any) -> Tally:
        """Count the sign-in by its address, or by its device."""
        return fences.hit_sign_in(shown=lambda: _name_and_device(request), origin=origin_of(request), now=utcnow())


class OfSteps(ByAddress):
    """So many calls of `route` from one network address, and some for each sign-in under way. Made by `of_steps`."""

    def count(self, request: Any) -> Tally:
        """Count the call by its address, or by the sign-in that it goes on with."""
        shown = partial(text_of, request, "challenge")
        return fences.hit_step(route=self.route, challenge=shown, origin=origin_of(request), now=utcnow())


class RoomToHash(BaseThrottle):
    """Not while too many passwords wait to be hashed: in front of all else, so that a flood costs next to nothing."""

    def allow_request(self, _request: Any, _view: Any) -> bool:
        """Raise `Unavailable`, or let the call go on; it may yet be refused when it is there."""
        hashing.require_room()
        return True


@cache
def by_address(route: str) -> type[ByAddress]:
    """Return the throttle of one route of LIMITS_BY_ADDRESS."""
    return type("ByAddress", (ByAddress,), {"route": route, "__module__": __name__})


@cache
def of_steps(route: str) -> type[OfSteps]:
    """Return the throttle of a route that goes on with a sign-in."""
    return type("OfSteps", (OfSteps,), {"route": route, "__module__": __name__})


def count_failure(request: Any, route: str) -> None:
    """Count a call whose token did not hold. Raises `TooMany`; calls that are in order are not counted at all."""
    told(request, lambda: fences.hit(route=route, origin=origin_of(request), now=utcnow(), with_others=False))


def count_caller(request: Any, route: str) -> None:
    """Count a call by who is signed in, for an app below (`VAULT_LIMITER`). Raises `TooMany`."""
    told(request, lambda: addresses.hit_by_caller(route=route, caller=request.user.pk, now=utcnow()))


def told(request: Any, count: Callable[[], Tally]) -> None:
    """Count a call, and let the answer say in its headers how it stands, whatever becomes of it."""
    try:
        tally = count()
    except TooMany as refusal:
        _tell(request, refusal.tally)
        raise
    _tell(request, tally)


def _tell(request: Any, tally: Tally) -> None:
    view = request.parser_context["view"]
    view.headers = {**view.headers, **tally.headers()}


def _name_and_device(request: Any) -> tuple[str, str]:
    """Return what a sign-in gives as name and device, empty where the body is not what it should be."""
    try:
        given = Login(data=request.data)
        given.is_valid(raise_exception=True)
    except APIException:
        return "", ""
    name = given.validated_data.get("email") or given.validated_data["username"]
    return name, given.validated_data.get("device_token", "")
