"""What the limits read from the settings. Each function reads them anew, so that a test may override one.

- `LIMITS_BY_ADDRESS`: `{route: (requests, seconds)}`, how often one network address may call a route. A route that is
  not named gets 60 a minute: forgetting one never opens it. `anything` is all calls of strangers together,
  `…-by-device` is what a known device may call where its address may not, `…-by-sign-in` what goes on with a sign-in
  under way there, `…-by-caller` what one may who is signed in.
- `RATE_LIMIT_SCALE`: multiplies those of them that count by address, device or sign-in, and those alone (default 1).
- `LIMITS_PRESSURE`: how many refused sign-ins of the whole house in five minutes are pressure (default 500; 0: none).
- `LIMITS_REFUSALS_WRITTEN`: how many refused sign-ins a minute are written down one by one (default 300).
- `REDIS_URL`: where addresses are counted; empty: in the database.

The policy of guesses at an account is not a setting: what it promises holds in every installation.
"""

from collections.abc import Mapping

from django.conf import settings

ADDRESS_DEFAULT = (60, 60)


def by_address() -> Mapping[str, tuple[int, int]]:
    """Return the limits by route, as (requests, seconds), before scaling."""
    named: Mapping[str, tuple[int, int]] = getattr(settings, "LIMITS_BY_ADDRESS", {})
    return named


def of_route(route: str) -> tuple[int, int]:
    """Return the limit of one route, as (requests, seconds), before scaling."""
    return by_address().get(route, ADDRESS_DEFAULT)


def scale() -> float:
    """Return the factor that limits by network address are multiplied with."""
    return float(getattr(settings, "RATE_LIMIT_SCALE", 1))


def pressure_limit() -> int:
    """Return how many refused sign-ins in five minutes are not yet pressure, 0 when none ever are."""
    return int(getattr(settings, "LIMITS_PRESSURE", 500))


def refusals_written() -> int:
    """Return how many refused sign-ins a minute are written down one by one; the others are counted."""
    return int(getattr(settings, "LIMITS_REFUSALS_WRITTEN", 300))


def redis_url() -> str:
    """Return where Redis is, the empty string when there is none."""
    return str(getattr(settings, "REDIS_URL", "") or "")
