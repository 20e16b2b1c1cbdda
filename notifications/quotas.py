"""How much one caller of the API, and all callers of one application together, may have sent in a minute and a day.

Counted in the database, all of a call by one statement, before any of it is judged; a mail to several recipients counts
as many times. What goes beyond is refused with the time to wait. From 80 % of a day on the log and the audit log say so
once, so that nobody is surprised.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import structlog
from django.db import transaction

from audit import recording
from audit.vocabulary import ActorKind
from kit.errors import Throttled
from limits import counters
from limits.counters import Limit, Verdict
from notifications import guard_conf
from notifications.drafts import Draft
from notifications.event_types import QUOTA_NEARLY_SPENT

log = structlog.get_logger(__name__)

MINUTE, DAY = 60, 86_400
WARN_AT = 80  # per cent of a day

NEARLY_SPENT = "nearly_spent"


@dataclass(frozen=True, slots=True)
class _Quota:
    """What somebody may have sent in a stretch of time. `whose` is the caller, or the tenant of all its callers."""

    whose: UUID
    most: int
    window: int
    key: str

    @property
    def warns_at(self) -> int:
        """Return from which message on it is nearly spent; a minute never is, it passes."""
        return self.most * WARN_AT // 100 if self.window == DAY else self.most + 1


Counted = Sequence[tuple[Draft, Sequence[_Quota]]]


def gate(drafts: Sequence[Draft], now: dt.datetime) -> None:
    """Refuse what goes beyond a quota of its caller. One statement, and two more when a day is nearly spent."""
    counted, added = _counted(drafts)
    if not added:
        return
    standing = dict(zip(added, counters.hit_all(_limits(added), now=now), strict=True))
    so_far = {quota: verdict.count - added[quota] for quota, verdict in standing.items()}
    _warn_of(so_far, standing, now)
    _refuse(counted, so_far, standing)


def turn_away(drafts: Sequence[Draft], now: dt.datetime) -> None:
    """Refuse what goes beyond a quota as it stands, and count nothing. One statement."""
    counted, added = _counted(drafts)
    if added:
        standing = dict(zip(added, counters.look(_limits(added), now=now), strict=True))
        _refuse(counted, {quota: verdict.count for quota, verdict in standing.items()}, standing)


def count_trial(*, caller: UUID, tenant: UUID, messages: int, now: dt.datetime) -> None:
    """Count messages of a dry run, which cost as much to make as any and are given back nowhere else. One statement.

    Raises `Throttled` beyond as many as the caller may have sent in a minute; they count apart from those.
    """
    key = f"notify:trial:{tenant}:{caller}"
    tried = counters.hit(key=key, limit=guard_conf.caller_per_minute(), window=MINUTE, now=now, cost=messages)
    if not tried.allowed:
        raise Throttled(tried.retry_after, "As many dry runs were made as may be in a minute.")


def _counted(drafts: Sequence[Draft]) -> tuple[Counted, Counter[_Quota]]:
    """Return the drafts that count, each on which quotas, and how much all of them add to each."""
    counted = [(draft, _quotas_of(draft)) for draft in drafts if draft.refusal is None and draft.message.caller]
    added: Counter[_Quota] = Counter()
    for draft, its in counted:
        added.update(dict.fromkeys(its, _cost_of(draft)))
    return counted, added


def _limits(added: Mapping[_Quota, int]) -> list[Limit]:
    return [Limit(quota.key, quota.most, quota.window, cost) for quota, cost in added.items()]


def _warn_of(before: Mapping[_Quota, int], standing: Mapping[_Quota, Verdict], now: dt.datetime) -> None:
    for quota, verdict in standing.items():
        if before[quota] < quota.warns_at <= verdict.count:
            _warn(quota, verdict, now)


def _refuse(counted: Counted, so_far: dict[_Quota, int], standing: Mapping[_Quota, Verdict]) -> None:
    for draft, its in counted:
        for quota in its:
            so_far[quota] += _cost_of(draft)
        _judge(draft, its, so_far, standing)


def _judge(
    draft: Draft, its: Sequence[_Quota], so_far: Mapping[_Quota, int], standing: Mapping[_Quota, Verdict]
) -> None:
    beyond = [quota for quota in its if so_far[quota] > quota.most]
    if beyond:
        wait = max(standing[quota].reset for quota in beyond)
        draft.refusal = Throttled(wait, "The quota of messages is spent for now.")
        draft.note("quotas", "spent", f"Wait {wait} seconds.")
        return
    for quota in its:
        if so_far[quota] >= quota.warns_at:
            draft.note("quotas", NEARLY_SPENT, f"{so_far[quota]} of {quota.most} in {quota.window} seconds.")


def _cost_of(draft: Draft) -> int:
    return len(draft.message.to)


def _quotas_of(draft: Draft) -> list[_Quota]:
    message = draft.message
    caller, tenant = message.caller, message.tenant
    assert caller is not None  # noqa: S101 - those without were left out
    quotas = [
        _Quota(caller, guard_conf.caller_per_minute(), MINUTE, f"notify:minute:{tenant}:{caller}"),
        _Quota(caller, guard_conf.caller_per_day(), DAY, f"notify:day:{tenant}:{caller}"),
    ]
    if together := guard_conf.tenant_per_day():
        quotas.append(_Quota(tenant, together, DAY, f"notify:day:{tenant}"))
    return quotas


def _warn(quota: _Quota, verdict: Verdict, now: dt.datetime) -> None:
    tell = partial(log.warning, "quota_nearly_spent", whose=str(quota.whose), count=verdict.count, most=quota.most)
    transaction.on_commit(tell, robust=True)
    recording.record(
        QUOTA_NEARLY_SPENT,
        now=now,
        actor_kind=ActorKind.SYSTEM,
        target_kind="quota",
        target=quota.whose,
        details={"count": verdict.count, "most": quota.most, "hours": DAY // 3600},
    )
