"""The one place that asks what time it is, so that domain functions can be handed a `now` instead."""

import datetime as dt


def utcnow() -> dt.datetime:
    """Return the present moment, aware, in UTC."""
    return dt.datetime.now(dt.UTC)
