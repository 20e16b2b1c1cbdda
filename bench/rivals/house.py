"""One call of the service's own way, in a process that is set up as a house."""

from uuid import UUID

from kit.clock import utcnow
from notifications import accepting
from notifications.drafting import Sender
from notifications.placing import Call
from notifications.requests.base import MessageRequest

CALLER = Sender(caller=UUID(int=1))


def accept(number: int) -> object:
    """Accept one mail: message and audit entry in one transaction."""
    request = MessageRequest(to=(f"r{number}@example.org",), subject=f"Message {number}", text="Under measure.")
    return accepting.accept(Call(sender=CALLER, now=utcnow()), request)
