"""Where codes go, and how many of those that go there are entered: by prefix of the number, and by country.

Counted by the day in UTC, so that what was sent and what was entered are of one stretch of time. Codes that were sent a
moment ago count as not entered, so the thresholds are for numbers that one house would not have so many of at once.

A prefix is closed for an hour and counted anew after it, so that it opens again where codes are entered. Of a country
staff are told alone: whoever asks for codes to some of its numbers would else keep all of its people out.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from django.db import transaction

from audit import recording
from audit.vocabulary import ActorKind, Outcome
from limits import counters
from limits.counters import Limit
from notifications import guard_conf, numbers
from notifications.event_types import AREA_BLOCKED, SHORT_MESSAGES_STOPPED

log = structlog.get_logger(__name__)

DAY = 86_400
BLOCKED_SECONDS = 3_600
ALARMS_KEPT = 600  # seconds: staff are told by what is counted in them
COUNTRY_FACTOR = 10  # a country is looked at from ten times as many codes on as a prefix
ALARMS = "sms:alarms"
SPENT = "sms:spent"
ANY = 2**31


@dataclass(frozen=True, slots=True)
class Area:
    """Numbers that are looked at together, from `least` codes in a day on; it `closes`, or staff are told alone."""

    name: str
    least: int
    closes: bool


def of(number: str) -> tuple[Area, Area]:
    """Return the areas that a number lies in."""
    least = guard_conf.alarm_least()
    prefix, country = numbers.prefix_of(number), numbers.country_of(number)
    return Area(prefix, least, closes=True), Area(country, COUNTRY_FACTOR * least, closes=False)


def look(to: Iterable[str], *, now: dt.datetime) -> "Watched":
    """Return how the areas of these numbers stand: which take no codes, how many were entered. One statement."""
    found = {area for number in to for area in of(number)} if guard_conf.alarm_least() else set()
    keys = [key for area in found for key in (_alarmed(area), _entered(area, now))]
    return Watched(counters.read(keys, now=now) if keys else {})


def count_entered(number: str, *, now: dt.datetime) -> None:
    """Count a code that was entered, in the areas of the number it was sent to. One statement."""
    if guard_conf.alarm_least():
        counters.hit_all([Limit(_entered(area, now), ANY, DAY) for area in of(number)], now=now)


def tell_spent(word: str, now: dt.datetime) -> None:
    """Say that the house sends no short message any more for the rest of its day; once an hour, while it is so."""
    first = counters.hit(key=f"{SPENT}:{word}", limit=1, window=BLOCKED_SECONDS, now=now)
    if not first.allowed:
        return
    counters.hit(key=SPENT, limit=ANY, window=ALARMS_KEPT, now=now)
    transaction.on_commit(partial(log.warning, "short_messages_stopped", reason=word), robust=True)
    recording.record(SHORT_MESSAGES_STOPPED, now=now, actor_kind=ActorKind.SYSTEM, details={"reason": word})


def count_alarms(now: dt.datetime) -> tuple[int, int]:
    """Return how many areas gave an alarm, and caps of the day reached, in the last ten minutes. One statement.

    It is for those who tell staff.
    """
    counted = counters.read([ALARMS, SPENT], now=now)
    return counted.get(ALARMS, 0), counted.get(SPENT, 0)


@dataclass(frozen=True, slots=True)
class Watched:
    """The counters of some areas as they stood a moment ago."""

    counted: Mapping[str, int]

    def is_blocked(self, number: str) -> bool:
        """Tell whether no codes go where a number lies for now."""
        return any(area.closes and _alarmed(area) in self.counted for area in of(number))

    def count_sent(self, to: Sequence[str], *, now: dt.datetime) -> frozenset[Area]:
        """Count codes that are about to go out; return the areas that this closes. One statement, if it closes none."""
        if not to or not guard_conf.alarm_least():
            return frozenset()
        totals = _count(Counter(area for number in to for area in of(number)), now)
        alarmed = {area: total for area, total in totals.items() if self._alarms(area, total, now)}
        for area, total in alarmed.items():
            _raise_alarm(area, sent=total, entered=self.counted.get(_entered(area, now), 0), now=now)
        return frozenset(area for area in alarmed if area.closes)

    def _alarms(self, area: Area, sent: int, now: dt.datetime) -> bool:
        entered = self.counted.get(_entered(area, now), 0)
        return sent > area.least and 100 * entered < guard_conf.alarm_percent() * sent


def _count(sent: Mapping[Area, int], now: dt.datetime) -> dict[Area, int]:
    """Add to what was sent to each area today; return what that makes. One statement."""
    limits = [Limit(_sent(area, now), ANY, DAY, cost) for area, cost in sent.items()]
    verdicts = counters.hit_all(limits, now=now)
    return {area: verdict.count for area, verdict in zip(sent, verdicts, strict=True)}


def _raise_alarm(area: Area, *, sent: int, entered: int, now: dt.datetime) -> None:
    """Let no codes go there for a while, if it closes; the first of parallel calls tells of it, and counts anew."""
    first = counters.hit(key=_alarmed(area), limit=1, window=BLOCKED_SECONDS, now=now)
    if not first.allowed:
        return
    anew = [Limit(_sent(area, now), ANY, DAY, -sent), Limit(_entered(area, now), ANY, DAY, -entered)]
    counters.hit_all([Limit(ALARMS, ANY, ALARMS_KEPT), *(anew if area.closes else [])], now=now)
    tell = partial(log.warning, "codes_not_entered", area=area.name, sent=sent, entered=entered)
    transaction.on_commit(tell, robust=True)
    recording.record(
        AREA_BLOCKED,
        now=now,
        actor_kind=ActorKind.SYSTEM,
        target_kind="area",
        target=area.name,
        outcome=Outcome.DONE,
        details={"area": area.name, "sent": sent, "entered": entered, "minutes": area.closes * BLOCKED_SECONDS // 60},
    )


def _sent(area: Area, now: dt.datetime) -> str:
    return f"sms:sent:{_day(now)}:{area.name}"


def _entered(area: Area, now: dt.datetime) -> str:
    return f"sms:entered:{_day(now)}:{area.name}"


def _alarmed(area: Area) -> str:
    return f"sms:alarmed:{area.name}"


def _day(now: dt.datetime) -> str:
    return f"{now.astimezone(dt.UTC):%Y-%m-%d}"
