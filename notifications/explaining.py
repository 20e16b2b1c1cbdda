"""Dry runs: what would become of a call. The same checks and gates, and nothing is written.

They have a quota of their own, counted before anything is rendered: `Throttled` beyond it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from notifications import accepting, placing, quotas
from notifications.accepting import Item, Notice
from notifications.channels import Channel
from notifications.drafts import Draft, Note
from notifications.models import Message
from notifications.placing import Call, Candidate, Document
from notifications.providers import registry
from notifications.requests.base import MessageRequest


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """What would become of one message, and what it would say. `provider` is the one whose turn it would be."""

    message: Message
    person: UUID | None
    must_arrive: bool
    provider: str
    notes: tuple[Note, ...]

    @property
    def due_at(self) -> datetime | None:
        """When it would be sent; None: not at all."""
        return self.message.due_at


Explained = Explanation | Document


def explain(call: Call, request: MessageRequest) -> Explanation:
    """Explain one message. Raises the `Refusal` that the call itself would raise."""
    _count(call, 1)
    [draft] = _judged(call, [accepting.draft(call, request)])
    if draft.refusal is not None:
        raise draft.refusal
    return _explanation_of(draft)


def explain_many(call: Call, items: Sequence[Item]) -> list[Explained]:
    """Explain many messages, each by itself: what would be refused is told as the call would tell it."""
    _count(call, len(items))
    candidates = accepting.draft_many(call, items)
    _judged(call, [one for one in candidates if isinstance(one, Draft)])
    return [_explained(call, candidate) for candidate in candidates]


def explain_notice(call: Call, notice: Notice) -> tuple[list[Explained], list[dict[str, str]]]:
    """Explain what a template would do for a person, and which channels it would leave out."""
    _count(call, len(notice.channels) or len(Channel))
    drafts, left_out = accepting.draft_notice(call, notice)
    return [_explained(call, draft) for draft in _judged(call, drafts)], left_out


def _count(call: Call, messages: int) -> None:
    quotas.count_trial(caller=call.sender.caller, tenant=call.sender.tenant, messages=messages, now=call.now)


def _judged(call: Call, drafts: list[Draft]) -> list[Draft]:
    placing.judge(drafts, now=call.now)
    return drafts


def _explained(call: Call, candidate: Candidate) -> Explained:
    if isinstance(candidate, Draft) and candidate.refusal is None:
        return _explanation_of(candidate)
    return call.tell(placing.refusal_of(candidate))


def _explanation_of(draft: Draft) -> Explanation:
    turn = registry.providers_of(draft.message.channel)
    return Explanation(
        message=draft.message,
        person=draft.person,
        must_arrive=draft.must_arrive,
        provider=turn[0].name if turn and not draft.closing else "",
        notes=tuple(draft.notes),
    )
