"""Event types that only tests use."""

from audit.vocabulary import EventType

DOOR_OPENED = EventType("testing.door.opened", "A door was opened", {"reason", "count", "wide", "agent"})
DOOR_REFUSED = EventType("testing.door.refused", "A door stayed shut", {"reason"})
