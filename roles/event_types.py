"""What this app writes into the audit log."""

from audit.vocabulary import EventType

_GRANT = frozenset({"role", "resource", "denies", "expires_at", "reason"})

GRANT_GIVEN = EventType("roles.grant.given", "A person or a group was given a role, or denied it", _GRANT)
GRANT_CHANGED = EventType("roles.grant.changed", "A grant was given again with another end", _GRANT)
GRANT_TAKEN = EventType("roles.grant.taken", "A role or a denial was taken back", _GRANT)
