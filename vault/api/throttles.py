"""The limit of each caller, counted by whoever VAULT_LIMITER names: what counts lies on no floor below this one."""

from functools import cache
from typing import Any, ClassVar

from rest_framework.throttling import BaseThrottle

from kit import seams
from vault import conf


class ByCaller(BaseThrottle):
    """So many calls of `route` by one caller. Made by `by_caller`."""

    route: ClassVar[str] = ""

    def allow_request(self, request: Any, view: Any) -> bool:
        """Have the call counted; whoever counts raises a refusal with the seconds to wait."""
        path = conf.limiter()
        if path:
            seams.load(path)(request, self.route)
        return True


@cache
def by_caller(route: str) -> type[ByCaller]:
    """Return the throttle of one route."""
    return type("ByCaller", (ByCaller,), {"route": route, "__module__": __name__})
