"""Moments as whole milliseconds since 1970 (UTC): numbers that SQL can compare and add alike on every database."""

import datetime as dt


def milliseconds(moment: dt.datetime) -> int:
    """Return an aware moment in milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


def moment(milliseconds: int) -> dt.datetime:
    """Return milliseconds since 1970 as an aware moment in UTC."""
    return dt.datetime.fromtimestamp(milliseconds / 1000, tz=dt.UTC)


def seconds_between(earlier: int, later: int) -> int:
    """Return the whole seconds from one moment to another, rounded up, at least 1: what Retry-After may say."""
    return max(1, -((earlier - later) // 1000))
