"""Writing what is accepted: messages, key and audit entry in one transaction, so that all are there, or none.

Each message passes the gates: the rules before it is written, the fences after all are, since they hold rows that other
calls wait for. Nothing is lost after the commit; the bell that follows it is only a courtesy.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from kit.errors import Refusal
from notifications import attachments, bell, gates, idempotency
from notifications.drafting import Sender
from notifications.drafts import Draft
from notifications.idempotency import Key
from notifications.models import Attachment, IdempotencyKey, Message

ROWS_AT_ONCE = 100
FILES_AT_ONCE = 5  # each of up to ten mebibytes

Document = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call: who asks, when, under which key. `tell` says a refusal in the words of the edge, to be kept."""

    sender: Sender
    now: datetime
    key: Key | None = None
    tell: Callable[[Refusal], Document] = field(default=lambda refusal: {"code": refusal.code}, repr=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message that will not be lost any more. `status` is the one that the first answer named."""

    message: Message
    status: str


@dataclass(frozen=True, slots=True)
class Refused:
    """One of many that was not accepted, and why."""

    problem: Document


Result = Accepted | Refused
Candidate = Draft | Refusal


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call came to, message by message, in order; `more` is what else it is to be told."""

    results: Sequence[Result]
    replayed: bool = False
    more: Document = field(default_factory=dict)

    @property
    def only(self) -> Accepted:
        """Return the one message of a call that asks for one."""
        [result] = self.results
        if isinstance(result, Refused):
            raise TypeError("a call for one message raises its refusal")
        return result


def earlier(call: Call) -> Answer | None:
    """Return the answer to the same call under the same key, None for a new one. Raises IdempotencyMismatch."""
    if call.key is None:
        return None
    use = idempotency.find(call.key, caller=call.sender.caller, tenant=call.sender.tenant, now=call.now)
    return _replayed(use) if use is not None else None


def place_one(call: Call, draft: Draft, *, record: Callable[[Draft], None]) -> Answer:
    """Write one message, unless the same call has done so meanwhile. Raises what a gate refuses it with."""
    with transaction.atomic():
        use, known = _take_key(call, draft.message)
        if known is not None:
            return known
        status = draft.message.status
        _admit([draft], now=call.now, together=True)
        record(draft)
        if use is not None and draft.message.status != status:
            use.status = draft.message.status
            use.save(update_fields=["status"])
        bell.ring_after_commit()
    return Answer([Accepted(draft.message, draft.message.status)])


def place_many(
    call: Call,
    candidates: Sequence[Candidate],
    *,
    record: Callable[[Sequence[Draft]], None],
    together: bool = False,
    more: Document | None = None,
) -> Answer:
    """Write many messages, each judged by itself, unless the same call has done so meanwhile.

    `together`: all or none of them, so that the first refusal is raised.
    """
    with transaction.atomic():
        use, known = _take_key(call)
        if known is not None:
            return known
        placed = _admit([one for one in candidates if isinstance(one, Draft)], now=call.now, together=together)
        record(placed)
        answer = Answer([_result_of(candidate, call) for candidate in candidates], more=more or {})
        if use is not None:
            use.answer = _kept(answer)
            use.save(update_fields=["answer"])
        if placed:
            bell.ring_after_commit()
    return answer


def _admit(drafts: Sequence[Draft], *, now: datetime, together: bool) -> list[Draft]:
    """Let drafts pass the gates and write those that none refused; return them.

    `together`: raise the first refusal instead, for the transaction to forget all.
    """
    gates.judge(drafts, now)
    if any(draft.files for draft in drafts):
        gates.turn_away(drafts, now)
    written, _ = _parted(drafts)
    _write(written)
    still_open = [draft for draft in written if draft.is_open]
    gates.count(written, now)
    if together:
        _raise_first(drafts)
    admitted, refused = _parted(written)
    _take_back(refused)
    _close_written([draft for draft in still_open if draft.closing])
    return admitted


def _parted(drafts: Sequence[Draft]) -> tuple[list[Draft], list[Draft]]:
    """Return those that no gate refused, and those that one did."""
    return [draft for draft in drafts if draft.refusal is None], [
        draft for draft in drafts if draft.refusal is not None
    ]


def _raise_first(drafts: Sequence[Draft]) -> None:
    for draft in drafts:
        if draft.refusal is not None:
            raise draft.refusal


def judge(drafts: Sequence[Draft], *, now: datetime) -> None:
    """Let drafts pass the gates and forget it: nothing is written or told, and what they count is taken back."""
    with transaction.atomic():
        gates.judge(drafts, now)
        gates.count(drafts, now)
        for draft in drafts:
            _close(draft)
        transaction.set_rollback(True)


def _take_key(call: Call, message: Message | None = None) -> tuple[IdempotencyKey | None, Answer | None]:
    """Take the call's key, if it has one; or return the answer that is there already."""
    if call.key is None:
        return None, None
    sender = call.sender
    use, is_new = idempotency.reserve(
        call.key, caller=sender.caller, tenant=sender.tenant, now=call.now, message=message
    )
    return (use, None) if is_new else (None, _replayed(use))


def _write(drafts: Sequence[Draft]) -> None:
    """Write messages and their files, a hundred in a statement."""
    for draft in drafts:
        _close(draft)
    if drafts:
        Message.objects.bulk_create([draft.message for draft in drafts], batch_size=ROWS_AT_ONCE)
    files = [row for draft in drafts for row in attachments.rows_of(draft.message, draft.files)]
    if files:
        Attachment.objects.bulk_create(files, batch_size=FILES_AT_ONCE)


def _take_back(drafts: Sequence[Draft]) -> None:
    """Delete what was written and then refused."""
    if drafts:
        Message.objects.filter(pk__in=[draft.message.pk for draft in drafts]).delete()


def _close_written(drafts: Sequence[Draft]) -> None:
    """Say on the rows of messages that a fence has closed them: a statement for each reason."""
    for draft in drafts:
        _close(draft)
    for why in sorted({draft.closing for draft in drafts}):
        rows = Message.objects.filter(pk__in=[draft.message.pk for draft in drafts if draft.closing == why])
        rows.update(status=Message.Status.SUPPRESSED, failure=why, due_at=None)


def _close(draft: Draft) -> None:
    """Say on the message what the gates decided: it is left out, or waits, or goes at once."""
    message = draft.message
    if draft.closing:
        message.status, message.failure, message.due_at = Message.Status.SUPPRESSED, draft.closing, None
    elif message.due_at is not None and message.due_at > message.created_at:
        message.status = Message.Status.SCHEDULED


def _result_of(candidate: Candidate, call: Call) -> Result:
    if isinstance(candidate, Draft) and candidate.refusal is None:
        return Accepted(candidate.message, candidate.message.status)
    return Refused(call.tell(refusal_of(candidate)))


def refusal_of(candidate: Candidate) -> Refusal:
    """Return what a candidate is refused with. Raises TypeError for one that is not."""
    refusal = candidate.refusal if isinstance(candidate, Draft) else candidate
    if refusal is None:
        raise TypeError("this message was not refused")
    return refusal


def _kept(answer: Answer) -> dict[str, Any]:
    """Return an answer as it is kept: ids and statuses, so that nothing personal is kept twice."""
    results = [
        {"problem": result.problem}
        if isinstance(result, Refused)
        else {"id": str(result.message.pk), "status": result.status}
        for result in answer.results
    ]
    return {"results": results, "more": dict(answer.more)}


def _replayed(use: IdempotencyKey) -> Answer:
    """Return the answer that is kept under a key. Messages that are gone meanwhile are left out."""
    if use.message is not None:
        return Answer([Accepted(use.message, use.status)], replayed=True)
    kept: dict[str, Any] = use.answer or {"results": [], "more": {}}
    ids = [UUID(one["id"]) for one in kept["results"] if "id" in one]
    found: dict[UUID, Message] = {}
    for start in range(0, len(ids), ROWS_AT_ONCE):
        found |= Message.objects.defer("subject", "text", "html", "data").in_bulk(ids[start : start + ROWS_AT_ONCE])
    results: list[Result] = [
        Refused(one["problem"]) if "problem" in one else Accepted(found[UUID(one["id"])], one["status"])
        for one in kept["results"]
        if "problem" in one or UUID(one["id"]) in found
    ]
    return Answer(results, replayed=True, more=kept["more"])
