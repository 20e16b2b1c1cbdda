"""What this app writes into the audit log."""

from audit.vocabulary import EventType

_GRANT = frozenset({"role", "resource", "expires_at", "reason"})

GRANT_GIVEN = EventType("roles.grant.given", "A person was given a role", _GRANT)
GRANT_CHANGED = EventType("roles.grant.changed", "A grant was given again with another end", _GRANT)
GRANT_TAKEN = EventType("roles.grant.taken", "A role was taken back from a person", _GRANT)
