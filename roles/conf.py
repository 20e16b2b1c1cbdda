"""The settings of this app, with their defaults and meaning."""

from django.conf import settings


def vocabularies() -> tuple[str, ...]:
    """ROLES_VOCABULARIES: modules that declare permissions in a `PERMISSIONS` mapping of name to description."""
    return tuple(getattr(settings, "ROLES_VOCABULARIES", ("roles.permissions",)))


def cached_sets() -> int:
    """ROLES_CACHED_SETS: how many people's permission sets one process keeps in memory; fewer where they are large."""
    return int(getattr(settings, "ROLES_CACHED_SETS", 10_000))


def cached_lines() -> int:
    """ROLES_CACHED_LINES: of how many resources one process remembers what lies above; fewer where that is much."""
    return int(getattr(settings, "ROLES_CACHED_LINES", 10_000))


def request_days() -> int:
    """ROLES_REQUEST_DAYS: how many days a request for a role waits for its decision before it lapses."""
    return int(getattr(settings, "ROLES_REQUEST_DAYS", 7))


def requests_a_day() -> int:
    """ROLES_REQUESTS_A_DAY: how many requests for a role one person may make in 24 hours; one at least."""
    return max(1, int(getattr(settings, "ROLES_REQUESTS_A_DAY", 20)))


def notices() -> str:
    """ROLES_NOTICES: the function that tells people what became of roles and requests; empty: nobody is told."""
    return str(getattr(settings, "ROLES_NOTICES", ""))


def tells_of_grants() -> bool:
    """ROLES_TELL_OF_GRANTS: whether a person is told when staff give her a role, take it back, or it ends."""
    return bool(getattr(settings, "ROLES_TELL_OF_GRANTS", True))
