"""What the limits read from the settings. Each function reads them anew, so that a test may override one.

- `LIMITS_BY_ADDRESS`: `{route: (requests, seconds)}`, how often one network address may call a route. A route that is
  not named gets 60 a minute: forgetting one never opens it.
- `RATE_LIMIT_SCALE`: multiplies those limits, and those alone (default 1).
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


def scale() -> float:
    """Return the factor that limits by network address are multiplied with."""
    return float(getattr(settings, "RATE_LIMIT_SCALE", 1))


def redis_url() -> str:
    """Return where Redis is, the empty string when there is none."""
    return str(getattr(settings, "REDIS_URL", "") or "")
