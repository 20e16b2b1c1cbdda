"""The admin's front page: the state of the house over the last days, and what needs somebody now.

Each part asks for the permission that opens the pages it speaks of, and costs the same few statements however much
there is to count. The numbers come from the apps that own the rows; here they are only put into words.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts import event_types
from accounts import statistics as people
from accounts.models import User
from accounts.people_search import State
from audit import statistics as log
from audit.models import Entry
from config import health, heartbeats
from kit import charts
from kit.charts import Chart, Series
from kit.tallies import Span, last_days
from limits import guesses
from notifications import statistics as messages
from roles.models import AccessRequest, Grant

DAYS = 14
LATEST = 8
SEALED_WITHIN = dt.timedelta(minutes=10)
ENDING_WITHIN = dt.timedelta(days=7)
HEALTH = {"providers": "Mail"}  # the checks whose name alone would not say it


@dataclass(frozen=True, kw_only=True, slots=True)
class Matter:
    """Something that needs somebody: at once (`urgent`), or when there is time."""

    title: str
    detail: str
    link: str = ""
    urgent: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What one permission lets a member of staff see of the house."""

    charts: list[Chart] = field(default_factory=list)
    matters: list[Matter] = field(default_factory=list)
    entries: list[Entry] | None = None


def gather(*, user: User, now: dt.datetime) -> dict[str, Any]:
    """Return what the front page shows to this member of staff (ADMIN_FRONT_PAGE): the template's context."""
    days = last_days(now, DAYS)
    parts = [show(days, now) for permission, show in PARTS if user.has_perm(permission)]
    states, workers = health.run(), heartbeats.count(now)
    matters = [*_ailments(states), *_idleness(workers), *chain.from_iterable(part.matters for part in parts)]
    healthy = [(_said(name), state == health.OK) for name, state in states.items()]
    return {
        "house_days": DAYS,
        "house_health": [*healthy, ("Worker", bool(workers.alive))],
        "house_charts": list(chain.from_iterable(part.charts for part in parts)),
        "house_matters": sorted(matters, key=lambda matter: not matter.urgent),
        "house_latest": list(chain.from_iterable(part.entries or () for part in parts)),
        "house_shown": bool(parts),
    }


def _ailments(states: dict[str, str]) -> list[Matter]:
    """Return a matter for each thing the service leans on that is away."""
    return [
        Matter(title=f"{_said(name)}: no answer", detail="The service does what it can without it.", urgent=True)
        for name, state in states.items()
        if state != health.OK
    ]


def _idleness(workers: heartbeats.Workers) -> list[Matter]:
    """Return what is amiss with the workers. No mail can tell that none works: it would have to be sent by one."""
    if not workers.alive:
        detail = "No mail goes out, and the log is not sealed, until a worker runs, and its beat."
        return [Matter(title="No worker answers", detail=detail, urgent=True)]
    if not workers.silent:
        return []
    detail = "Not heard for a minute, nor ended as it should: killed, out of memory, stuck or cut off."
    return [Matter(title=f"{_count(workers.silent, 'worker')} gone silent", detail=detail)]


def _said(check: str) -> str:
    """Return what a check of health is called on the page."""
    return HEALTH.get(check, check.capitalize())


def _log(days: Sequence[Span], now: dt.datetime) -> Part:
    numbers = log.gather(days=days, event=event_types.LOGIN_SUCCEEDED, now=now)
    signed_in = Series("sign-ins", numbers.done, "plain")
    refused = Series("refusals", numbers.refused, "wrong")
    refusals = _list("audit_entry", outcome__exact="refused")
    sign_ins = _list("audit_entry", action=event_types.LOGIN_SUCCEEDED.name)
    return Part(
        charts=[
            charts.draw(name="sign-ins", title="Sign-ins", link=sign_ins, days=days, series=[signed_in]),
            charts.draw(name="refusals", title="Refusals", link=refusals, days=days, series=[refused]),
        ],
        matters=[*_floods(numbers, refusals), *_keeping(log.inspect(), now)],
        entries=log.list_latest(LATEST),
    )


def _floods(numbers: log.Numbers, link: str) -> list[Matter]:
    matters = []
    if numbers.floods_now:
        title = f"{_count(numbers.floods_now, 'flood')} of refusals right now"
        detail = "More than twenty refusals a minute of one cause from one source: somebody is trying doors."
        matters.append(Matter(title=title, detail=detail, link=link, urgent=True))
    if numbers.floods:
        title = f"{_count(numbers.floods, 'flood')} of refusals in the last 24 hours"
        matters.append(Matter(title=title, detail="Each is one entry that says how many it stands for.", link=link))
    return matters


def _keeping(keeping: log.Keeping, now: dt.datetime) -> list[Matter]:
    matters = []
    if keeping.missing_triggers:
        detail = f"Missing: {', '.join(keeping.missing_triggers)}. `manage.py migrate` puts them back."
        matters.append(Matter(title="The audit log is not guarded", detail=detail, urgent=True))
    if keeping.unsealed_since and keeping.unsealed_since < now - SEALED_WITHIN:
        detail = f"Entries have waited since {keeping.unsealed_since:%d %B %H:%M} UTC. Does a worker run, and its beat?"
        matters.append(Matter(title="The audit log is not being sealed", detail=detail, urgent=True))
    return matters


def _people(days: Sequence[Span], now: dt.datetime) -> Part:
    new = Series("new people", people.count_new(days), "good")
    link = _list("accounts_user")
    matters = []
    if locked := guesses.count_locked(now):
        detail = "After too many wrong tries nobody can sign in there for a while. Names that nobody holds count too."
        matters.append(Matter(title=f"{_count(locked, 'account')} locked", detail=detail))
    if unerased := people.count_unerased(now):
        detail = "Their grace is over and something fails. The log of the workers says what; it is tried again hourly."
        title = f"{_count(unerased, 'account')} could not be erased"
        deleted = _list("accounts_user", state=State.DELETED)
        matters.append(Matter(title=title, detail=detail, link=deleted, urgent=True))
    return Part(
        charts=[charts.draw(name="people", title="New people", link=link, days=days, series=[new])], matters=matters
    )


def _messages(days: Sequence[Span], now: dt.datetime) -> Part:
    numbers = messages.gather(days=days, now=now)
    series = [Series("sent", numbers.sent, "plain"), Series("failed", numbers.failed, "wrong")]
    link = _list("notifications_message")
    return Part(
        charts=[charts.draw(name="messages", title="Messages", link=link, days=days, series=series)],
        matters=_delays(numbers),
    )


def _delays(numbers: messages.Numbers) -> list[Matter]:
    waiting, failed = (_list("notifications_message", status__exact=status) for status in ("queued", "failed"))
    matters = []
    if numbers.overdue:
        title = f"{_count(numbers.overdue, 'message')} not taken up"
        detail = "Due for more than five minutes, and no worker has come for them."
        matters.append(Matter(title=title, detail=detail, link=waiting, urgent=True))
    if numbers.waiting:
        title = f"{_count(numbers.waiting, 'message')} waiting for more than 15 minutes"
        detail = "Providers put them off, or nobody sends. Their attempts say why."
        matters.append(Matter(title=title, detail=detail, link=waiting, urgent=True))
    if numbers.failed_lately:
        title = f"{_count(numbers.failed_lately, 'message')} failed in the last 24 hours"
        matters.append(Matter(title=title, detail="Refused for good, or tried too long.", link=failed))
    return matters


def _grants(_days: Sequence[Span], now: dt.datetime) -> Part:
    before = now + ENDING_WITHIN
    ending = Grant.objects.ending(now, before=before).count()
    if not ending:
        return Part()
    link = _list("roles_grant", expires_at__gt=now.isoformat(), expires_at__lt=before.isoformat())
    title = f"{_count(ending, 'grant')} will end within seven days"
    return Part(matters=[Matter(title=title, detail="To be given again, or left to end.", link=link)])


def _requests(_days: Sequence[Span], now: dt.datetime) -> Part:
    pending = AccessRequest.objects.filter(state=AccessRequest.State.PENDING, lapses_at__gt=now)
    waiting = pending.order_by()[: messages.MOST].count()
    if not waiting:
        return Part()
    link = _list("roles_accessrequest", state=AccessRequest.State.PENDING)
    title = f"{_count(waiting, 'access request')} waiting"
    detail = "Somebody asks for a role. Whoever could give it decides, before the request lapses."
    return Part(matters=[Matter(title=title, detail=detail, link=link)])


PARTS: Sequence[tuple[str, Callable[[Sequence[Span], dt.datetime], Part]]] = (
    ("audit.view_entry", _log),
    ("notifications.view_message", _messages),
    ("accounts.view_user", _people),
    ("roles.view_grant", _grants),
    ("roles.add_grant", _requests),
)


def _list(model: str, **filters: str) -> str:
    """Return the address of a list in the admin, narrowed."""
    query = f"?{urlencode(filters)}" if filters else ""
    return reverse(f"admin:{model}_changelist") + query


def _count(number: int, noun: str) -> str:
    """Return a number with its noun; 1,000 stands for as many or more."""
    if number >= messages.MOST:
        return f"{messages.MOST:,} or more {noun}s"
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
