"""Looking messages up. Somebody else's message is as unknown as one that never was."""

from uuid import UUID

from kit.errors import NotFound
from kit.tenants import HOUSE
from notifications.models import Message


def find(*, message_id: UUID, caller: UUID, sees_all: bool, tenant: UUID = HOUSE) -> Message:
    """Return a message with its attempts: any of the tenant's if `sees_all`, else the caller's own. Raises NotFound."""
    visible = Message.objects.filter(tenant=tenant)
    if not sees_all:
        visible = visible.filter(caller=caller)
    message = visible.prefetch_related("attempts").filter(pk=message_id).first()
    if message is None:
        raise NotFound
    return message
