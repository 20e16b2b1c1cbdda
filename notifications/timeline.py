"""The life of a message as one line of time, in words: its acceptance, each attempt, what providers said, its end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from notifications.guard_words import WORDS
from notifications.models import Attempt, Message, Receipt, Suppression
from notifications.preferences import NOT_CHOSEN

Outcome, Event, Status = Attempt.Outcome, Receipt.Event, Message.Status
Reason = Suppression.Reason

GOOD, WARN, WRONG, PLAIN = "good", "warn", "wrong", "plain"

OUTCOMES = {
    Outcome.OPEN: ("has it in hand", PLAIN),
    Outcome.ACCEPTED: ("took it", GOOD),
    Outcome.SENT: ("sent it on", GOOD),
    Outcome.DELIVERED: ("delivered it", GOOD),
    Outcome.UNDELIVERED: ("took it and did not get it out", WRONG),
    Outcome.REFUSED: ("refused it for good", WRONG),
    Outcome.DEFERRED: ("could not take it for now", WARN),
    Outcome.MISCONFIGURED: ("could not be used as it is set up", WRONG),
    Outcome.UNKNOWN: ("may or may not have taken it", WARN),
    Outcome.WITHDRAWN: ("was not asked: there was nothing to send any more", PLAIN),
}
EVENTS = {
    Event.ACCEPTED: ("says that it has it", PLAIN),
    Event.SENT: ("says that it is on its way", GOOD),
    Event.DELIVERED: ("says that it was delivered", GOOD),
    Event.READ: ("says that it was read", GOOD),
    Event.FAILED: ("says that it could not deliver it", WRONG),
    Event.BOUNCED: ("says that the recipient cannot be reached", WRONG),
    Event.COMPLAINED: ("says that the recipient called it spam", WRONG),
    Event.STOPPED: ("says that the recipient wants no more", WRONG),
}
ENDS = {
    Status.QUEUED: ("Waits to be sent", PLAIN),
    Status.SCHEDULED: ("Waits for its moment", PLAIN),
    Status.SENDING: ("Is being sent", PLAIN),
    Status.SENT: ("Sent", GOOD),
    Status.DELIVERED: ("Delivered", GOOD),
    Status.FAILED: ("Failed for good", WRONG),
    Status.CANCELLED: ("Cancelled before it went out", WARN),
    Status.SUPPRESSED: ("Held back: nothing was sent", WARN),
}
# Of each why, what it means and what can be done.
FAILURES: dict[str, str] = {
    "partial": "Some of its recipients were not reached.",
    "expired": "It was not worth sending any more.",
    "poison": "It ended every worker that took it up.",
    "unknown": "A provider may have taken it, and sending it twice would be worse.",
    "undelivered": "Every provider was tried, and none got it out.",
    Reason.BOUNCED: "This address could not be reached before. If it can be again, let it go under Suppressions.",
    Reason.COMPLAINED: "Mail to this address was called spam. If its owner asks, let it go under Suppressions.",
    Reason.UNSUBSCRIBED: "Mails of this kind were unsubscribed from. The link in any of them subscribes again.",
    Reason.STOPPED: "STOP was answered from this number. START, sent from it, takes that back.",
    Reason.STAFF: "Staff hold this address back. Suppressions tells why, and lets it go.",
    NOT_CHOSEN: "Messages of this category are not wanted on this channel, by the choice of whoever gets them.",
    "quiet_hours": "It was not worth sending any more by the end of her quiet hours.",
    **WORDS,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One moment. `at` is None where it has not come, or where nobody wrote it down."""

    at: datetime | None
    what: str
    detail: str = ""
    tone: str = PLAIN


def of(message: Message) -> list[Line]:
    """Return the moments of a message in their order, its present state last."""
    moments = [*_attempts(message), *_receipts(message)]
    ordered = sorted(moments, key=lambda line: line.at or message.created_at)
    return [_beginning(message), *ordered, _present(message)]


def tone_of(status: str) -> str:
    """Return the colour of a state."""
    return ENDS[Status(status)][1]


def in_words(code: str) -> str:
    """Return why a message ended so, as people read it and as it breaks into lines."""
    return code.replace("_", " ")


def suppression_of(message: Message) -> str:
    """Return the address that a message was held back for, where one is."""
    return message.recipient if message.status == Status.SUPPRESSED and message.failure in Reason.values else ""


def _beginning(message: Message) -> Line:
    by = "an application or a person" if message.caller else "the house itself"
    said = f"By {by}{f' {message.caller}' if message.caller else f', for {message.kind}'}."
    return Line(at=message.created_at, what="Accepted", detail=said)


def _attempts(message: Message) -> Iterator[Line]:
    for number, attempt in enumerate(message.attempts.all(), start=1):
        what, tone = OUTCOMES[Outcome(attempt.outcome)]
        took = [f"{(attempt.finished_at - attempt.started_at).total_seconds():.1f} s"] if attempt.finished_at else []
        parts = [f"Attempt {number}", *took, attempt.error, attempt.detail]
        parts += [f"its name for it: {attempt.provider_id}"] if attempt.provider_id else []
        yield Line(at=attempt.started_at, what=f"{attempt.provider} {what}", detail=_joined(parts), tone=tone)


def _receipts(message: Message) -> Iterator[Line]:
    for receipt in message.receipts.all():
        what, tone = EVENTS[Event(receipt.event)]
        whom = receipt.recipient if len(message.to) > 1 else ""
        detail = _joined([whom, receipt.detail])
        yield Line(at=receipt.occurred_at, what=f"{receipt.provider} {what}", detail=detail, tone=tone)


def _present(message: Message) -> Line:
    status = Status(message.status)
    what, tone = ENDS[status]
    at = {Status.SENT: message.sent_at, Status.DELIVERED: message.delivered_at}.get(status)
    return Line(at=at, what=what, detail=_why(message), tone=tone)


def _why(message: Message) -> str:
    parts = []
    if message.failure:
        known = FAILURES.get(message.failure, "")
        parts.append(f"{in_words(message.failure)}: {known}" if known else in_words(message.failure))
    if message.due_at is not None:
        parts.append(f"Due at {message.due_at:%Y-%m-%d %H:%M:%S} UTC")
    if message.in_doubt:
        parts.append(f"{message.in_doubt} is asked first whether it has it")
    if message.awaiting:
        parts.append(f"{message.awaiting} has yet to say what became of it")
    return _joined(parts)


def _joined(parts: list[str]) -> str:
    return " · ".join(part for part in parts if part)
