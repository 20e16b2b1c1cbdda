"""What staff may do to messages: call one back, send one once more, try one again. The reason of each is kept."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from kit.clock import utcnow
from kit.errors import Invalid, Refusal
from kit.requests import origin_of
from notifications import messages, retrying
from notifications.drafting import Sender
from notifications.models import Message
from notifications.placing import Call

PERMISSION = "notifications.change_message"
MAX_REASON = 200

Status = Message.Status
By = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """A button of a message's page: what it says, what it asks, when it is there. It returns the message to show."""

    label: str
    asks: str
    done: str
    do: Callable[[Message, By], Message]
    offered: Callable[[Message], bool]


def by(request: HttpRequest) -> dict[str, Any]:
    """Return who does something, when, from where and why."""
    user: Any = request.user
    reason = request.POST.get("reason", "").strip()[:MAX_REASON]
    return {"actor": user.pk, "now": utcnow(), "origin": origin_of(request), "reason": reason}


def offered(message: Message) -> dict[str, Deed]:
    """Return what may be done to a message as it stands."""
    return {name: deed for name, deed in DEEDS.items() if deed.offered(message)}


def each(rows: Iterable[Message], do: Callable[[Message, By], Message], doing: By) -> tuple[int, Counter[str]]:
    """Do one thing to each of some messages; return for how many it was done, and how many not, by why."""
    done, refused = 0, Counter[str]()
    for message in rows:
        try:
            do(message, doing)
            done += 1
        except Refusal as refusal:
            refused[refusal.detail] += 1
    return done, refused


def cancel(message: Message, doing: By) -> Message:
    """Call a message back. Raises Conflict, or `Invalid` without a reason."""
    return messages.cancel(message=message, **_with_reason(doing))


def retry(message: Message, doing: By) -> Message:
    """Put a failed message back into the queue. Raises Conflict, or `Invalid` without a reason."""
    return retrying.retry(message=message, **_with_reason(doing))


def resend(message: Message, doing: By) -> Message:
    """Accept a message once more, in the name of who does it, and return the new one. Raises what accepting does."""
    given = _with_reason(doing)
    # Whoever sent it first could: nobody is asked again whether it may insist.
    sender = Sender(caller=given["actor"], origin=given["origin"], tenant=message.tenant, may_insist=True)
    return messages.resend(Call(sender=sender, now=given["now"]), message, reason=given["reason"]).only.message


def _with_reason(doing: By) -> dict[str, Any]:
    if not doing["reason"]:
        raise Invalid("reason", "Say why: the log is told. Nothing was changed.", "required")
    return dict(doing)


DEEDS: dict[str, Deed] = {
    "cancel": Deed(
        label="Cancel",
        asks="It is not sent, unless a worker has begun with it.",
        done="The message is cancelled.",
        do=cancel,
        offered=lambda message: message.status in messages.WAITING,
    ),
    "retry": Deed(
        label="Try again",
        asks="It goes back into the queue, with the patience of its lane.",
        done="The message is queued again.",
        do=retry,
        offered=lambda message: message.status == Status.FAILED and message.blanked_at is None,
    ),
    "resend": Deed(
        label="Send once more",
        asks="A new message with the same words goes to the same recipients, in your name.",
        done="This is the new message.",
        do=resend,
        offered=lambda message: (
            not message.kind and message.status not in messages.UNDER_WAY and message.blanked_at is None
        ),
    ),
}
