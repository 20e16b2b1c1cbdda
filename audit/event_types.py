"""What happens in the vault, as entries name it: the vault lies below and cannot declare it itself."""

from audit.vocabulary import EventType

_KEY_FIELDS = frozenset({"algorithm", "state", "retired"})

SIGNING_KEY_CREATED = EventType("vault.signing_key.created", "A signing key was made", _KEY_FIELDS)
SIGNING_KEY_ACTIVATED = EventType(
    "vault.signing_key.activated", "A signing key took over; the one before it only verifies", _KEY_FIELDS
)
SIGNING_KEY_REMOVED = EventType("vault.signing_key.removed", "A retired signing key was removed", _KEY_FIELDS)

BY_NAME = {event.name: event for event in (SIGNING_KEY_CREATED, SIGNING_KEY_ACTIVATED, SIGNING_KEY_REMOVED)}
