"""One call of the service's own way, in a process that is set up as a house."""

from uuid import UUID

from kit.clock import utcnow
from kit.origin import NOWHERE
from notifications import sending
from notifications.emails import EmailRequest

CALLER = UUID(int=1)


def accept(number: int) -> object:
    """Accept one mail: message and audit entry in one transaction."""
    request = EmailRequest(to=(f"r{number}@example.org",), subject=f"Message {number}", text="Under measure.")
    return sending.accept_email(caller=CALLER, request=request, idempotency_key=None, now=utcnow(), origin=NOWHERE)
