"""The guard against SMS pumping: codes sent to numbers whose owner earns on each, which nobody ever enters.

Before a short message is written it is counted: on its number, on the numbers beside it (all but the last four digits),
on the person and the network address that asked, on the day and what the day may cost. Whatever goes beyond is closed:
written down as `suppressed` with the reason, and not sent. Of the codes to one prefix or country, those that were
entered are counted too; where hardly any are, no more go there for a while, and staff are told.

Codes never wait behind what callers send: velocities count them by themselves, and of what the house may send and spend
in a day callers have four fifths, bulk three.

All of a batch are counted by one statement before any is judged. What is refused is given back to those who share a
limit, so that knocking at one number blocks no other.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from kit.origin import network_of
from limits import conf as limits_conf
from limits import counters
from limits.counters import Limit
from notifications import areas, costs, guard_conf, metrics, numbers, suppressions
from notifications.areas import Area
from notifications.drafts import Draft
from notifications.guard_words import (
    AREA_BLOCKED,
    DAY_SPENT,
    MONEY_SPENT,
    TOO_MANY_FOR_PERSON,
    TOO_MANY_FROM_ADDRESS,
    TOO_MANY_TO_NUMBER,
    TOO_MANY_TO_PREFIX,
    WORDS,
)
from notifications.lanes import Lane
from notifications.models import Message
from vault import digests

HOUR, DAY = 3_600, 86_400
CAPS = frozenset({DAY_SPENT, MONEY_SPENT})  # what stops every code of the house, once one is refused for it
THOUSANDTH = 1_000  # millionths of the currency in one unit of the counter of costs
CALLERS, BULK, WHOLE = 4, 3, 5  # fifths of each limit that callers may use, and bulk; codes may use all of it


@dataclass(frozen=True, slots=True)
class _Fence:
    """One limit that a draft counts on. `shared` is one that others, who have nothing to do with it, count on too."""

    word: str
    limit: Limit
    shared: bool = False


def gate(drafts: Sequence[Draft], now: dt.datetime) -> None:
    """Close the short messages that are not to go out. At most three statements, whatever their number."""
    short = [draft for draft in drafts if draft.is_open and draft.message.channel in costs.SHORT]
    _block_each(short, lambda draft: numbers.refusal_of(_number(draft)))
    codes = [draft for draft in _open(short) if draft.message.kind]
    watched = areas.look([_number(draft) for draft in codes], now=now)
    _block_each(codes, lambda draft: AREA_BLOCKED if watched.is_blocked(_number(draft)) else "")
    _count(_open(short), now)
    _watch(_open(codes), watched, now)


def guard(message: Message, *, address: str, now: dt.datetime) -> None:
    """Price a message of ours that is not written yet, and close it where it is not to go out.

    `address` is the network address that asked for it, where one did.
    """
    if message.channel not in costs.SHORT:
        return
    draft = Draft(message=message, person=message.person, must_arrive=True, address=address)
    suppressions.gate([draft], now)  # STOP holds for codes too
    costs.gate([draft], now)
    if draft.is_open:
        gate([draft], now)
    if draft.closing:
        message.status, message.failure, message.due_at = Message.Status.SUPPRESSED, draft.closing, None


def entered(*, number: str, now: dt.datetime) -> None:
    """Count a code that was entered as it was sent to a number: it reached somebody. One statement."""
    areas.count_entered(number, now=now)


def _number(draft: Draft) -> str:
    return draft.message.recipient


def _open(drafts: Iterable[Draft]) -> list[Draft]:
    return [draft for draft in drafts if draft.is_open]


def _block_each(drafts: Iterable[Draft], why: Callable[[Draft], str]) -> None:
    for draft in drafts:
        if word := why(draft):
            _block(draft, word)


def _block(draft: Draft, word: str) -> None:
    draft.close("pumping", word, WORDS[word])
    transaction.on_commit(partial(metrics.GUARDED.count, reason=word), robust=True)  # not for a dry run


def _count(drafts: Sequence[Draft], now: dt.datetime) -> None:
    """Raise every counter by all that counts on it, then judge each draft in its turn."""
    fences = [(draft, list(_fences(draft))) for draft in drafts]
    counted = _hit([fence.limit for _, its in fences for fence in its], now)
    refused = [its for draft, its in fences if _judge(draft, its, counted)]
    _give_back([fence for its in refused for fence in its], now)
    _tell_spent([draft for draft, _ in fences if draft.message.kind], now)


def _tell_spent(codes: Iterable[Draft], now: dt.datetime) -> None:
    for word in sorted(CAPS.intersection(draft.closing for draft in codes)):
        areas.tell_spent(word, now)


def _judge(draft: Draft, its: Iterable[_Fence], counted: dict[str, int]) -> bool:
    """Count a draft on what was counted before it; close it, and say so, where that is too much."""
    for fence in its:
        counted[fence.limit.key] += fence.limit.cost
    word = next((fence.word for fence in its if counted[fence.limit.key] > fence.limit.most), "")
    if word:
        _block(draft, word)
    return bool(word)


def _give_back(fences: Iterable[_Fence], now: dt.datetime) -> None:
    """Take back what was refused from the limits that others share."""
    shared = [fence.limit for fence in fences if fence.shared]
    _hit([Limit(limit.key, limit.most, limit.window, -limit.cost) for limit in shared], now)


def _hit(limits: Sequence[Limit], now: dt.datetime) -> dict[str, int]:
    """Raise each counter once by all that counts on it; return what each had counted before. One statement."""
    if not limits:
        return {}
    together: dict[str, Limit] = {}
    for limit in limits:
        so_far = together[limit.key].cost if limit.key in together else 0
        together[limit.key] = Limit(limit.key, limit.most, limit.window, so_far + limit.cost)
    verdicts = counters.hit_all(list(together.values()), now=now)
    return {limit.key: verdict.count - limit.cost for limit, verdict in zip(together.values(), verdicts, strict=True)}


def _fences(draft: Draft) -> Iterator[_Fence]:
    """Yield the limits of a draft, its own before those that it shares."""
    number = _number(draft)
    digest = digests.keyed("notifications.pumping", number)
    yield from _velocity(draft, TOO_MANY_TO_NUMBER, Limit(f"number:{digest}", guard_conf.per_number(), HOUR))
    person = draft.person or draft.message.person
    if person is not None:
        yield from _velocity(draft, TOO_MANY_FOR_PERSON, Limit(f"person:{person}", guard_conf.per_person(), DAY))
    if draft.address and draft.message.kind:  # what an application asks for comes from its servers: quotas count that
        most = max(1, int(guard_conf.per_address() * limits_conf.scale()))
        yield _Fence(TOO_MANY_FROM_ADDRESS, Limit(f"sms:address:{network_of(draft.address)}", most, HOUR))
    prefix = Limit(f"prefix:{numbers.prefix_of(number)}", guard_conf.per_prefix(), HOUR)
    yield from _velocity(draft, TOO_MANY_TO_PREFIX, prefix, shared=True)
    if per_day := guard_conf.per_day():
        yield _Fence(DAY_SPENT, Limit("sms:day", _share(draft, per_day), DAY), shared=True)
    if money := guard_conf.cost_per_day():
        cost, most = -(-draft.message.cost // THOUSANDTH), _share(draft, money * costs.MILLION // THOUSANDTH)
        yield _Fence(MONEY_SPENT, Limit("sms:money", most, DAY, cost), shared=True)


def _velocity(draft: Draft, word: str, limit: Limit, *, shared: bool = False) -> Iterator[_Fence]:
    """Yield a limit of all short messages together; for a code one that codes alone count on, and that it counts."""
    together = f"sms:{limit.key}"
    if not draft.message.kind:
        yield _Fence(word, Limit(together, max(1, _share(draft, limit.most)), limit.window), shared)
        return
    yield _Fence(word, Limit(f"sms:code:{limit.key}", limit.most, limit.window), shared)
    yield _Fence(word, Limit(together, areas.ANY, limit.window), shared)


def _share(draft: Draft, most: int) -> int:
    """Return how much of a limit a draft may use."""
    fifths = BULK if draft.message.lane == Lane.BULK else CALLERS
    return most if draft.message.kind else most * fifths // WHOLE


def _watch(codes: Sequence[Draft], watched: areas.Watched, now: dt.datetime) -> None:
    """Count the codes that go out by area, and close an area, with them, where hardly any is entered."""
    alarmed: frozenset[Area] = watched.count_sent([_number(draft) for draft in codes], now=now)
    for draft in codes:
        if alarmed.intersection(areas.of(_number(draft))):
            _block(draft, AREA_BLOCKED)
