"""What the floors below cannot declare: they know nothing of the audit log."""

from audit.vocabulary import EventType

PERMISSION_REFUSED = EventType(
    "house.permission.refused", "A signed-in caller lacked a permission", frozenset({"permission", "method"})
)
