"""The settings of this app, with their defaults and meaning."""

from django.conf import settings


def vocabularies() -> tuple[str, ...]:
    """ROLES_VOCABULARIES: modules that declare permissions in a `PERMISSIONS` mapping of name to description."""
    return tuple(getattr(settings, "ROLES_VOCABULARIES", ("roles.permissions",)))


def cached_sets() -> int:
    """ROLES_CACHED_SETS: how many people's permission sets one process keeps in memory."""
    return int(getattr(settings, "ROLES_CACHED_SETS", 10_000))


def cached_lines() -> int:
    """ROLES_CACHED_LINES: of how many resources one process remembers what lies above them."""
    return int(getattr(settings, "ROLES_CACHED_LINES", 10_000))
