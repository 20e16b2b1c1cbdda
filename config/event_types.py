"""What the floors below cannot declare: they know nothing of the audit log."""

from audit.vocabulary import EventType

ALERT_RAISED = EventType(
    "house.alert.raised",
    "Refusals or failures became much more frequent, and staff were told",
    frozenset({"cause", "count", "hour_before", "minutes"}),
)
PERMISSION_REFUSED = EventType(
    "house.permission.refused", "A signed-in caller lacked a permission", frozenset({"permission", "method"})
)
