"""The page of charts: what went out and what failed, by provider, how long it took, and why it failed."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from kit import charts
from kit.charts import Chart, Series
from kit.tallies import Span, last_days
from notifications import statistics, usage
from notifications.models import Usage

DAYS = 14
MOST_PROVIDERS = 12


def gather(*, now: dt.datetime) -> dict[str, Any]:
    """Return what the page shows. Four statements, however much there is to count."""
    days = last_days(now, DAYS)
    rows = list(usage.find(since=days[0].since.date(), until=None, now=now))
    return {
        "title": "Messages in numbers",
        "shown_days": DAYS,
        "looked_at": f"{statistics.MOST:,}",
        "all": _all(days, now),
        "providers": list(_by_provider(days, rows)),
        "times": statistics.times(now=now),
        "failures": statistics.failures(now=now),
    }


def _all(days: Sequence[Span], now: dt.datetime) -> Chart:
    numbers = statistics.gather(days=days, now=now)
    series = [Series("sent", numbers.sent, "plain"), Series("failed", numbers.failed, "wrong")]
    return charts.draw(name="all", title="All messages", link=_feed(), days=days, series=series)


def _by_provider(days: Sequence[Span], rows: Sequence[Usage]) -> Iterator[Chart]:
    """Yield a chart for each provider, the busiest first."""
    busy = Counter[str]()
    for row in rows:
        busy[row.provider] += row.sent + row.failed
    for number, (provider, _) in enumerate(busy.most_common(MOST_PROVIDERS)):
        its = [row for row in rows if row.provider == provider]
        sent, failed = Counter[dt.date](), Counter[dt.date]()
        for row in its:
            sent[row.day] += row.sent
            failed[row.day] += row.failed
        series = [
            Series("sent", [sent[day.since.date()] for day in days], "plain"),
            Series("failed", [failed[day.since.date()] for day in days], "wrong"),
        ]
        link = f"{_feed()}?{urlencode({'provider': provider})}"
        yield charts.draw(name=f"provider-{number}", title=f"By {provider}", link=link, days=days, series=series)


def _feed() -> str:
    return reverse("admin:notifications_message_changelist")
