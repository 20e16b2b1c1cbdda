"""Limits by network address on routes that anybody may call (settings LIMITS_BY_ADDRESS)."""

from functools import cache
from typing import Any, ClassVar

from rest_framework.throttling import BaseThrottle

from kit.clock import utcnow
from kit.requests import address_of
from limits import addresses


class ByAddress(BaseThrottle):
    """So many calls of `route` from one network address. Made by `by_address`."""

    route: ClassVar[str] = ""

    def allow_request(self, request: Any, view: Any) -> bool:
        """Count the call. Raises `Throttled`, a refusal with the seconds to wait."""
        addresses.hit(route=self.route, address=address_of(request), now=utcnow())
        return True


@cache
def by_address(route: str) -> type[ByAddress]:
    """Return the throttle of one route of LIMITS_BY_ADDRESS."""
    return type("ByAddress", (ByAddress,), {"route": route, "__module__": __name__})
