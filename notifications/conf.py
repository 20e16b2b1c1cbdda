"""The app's settings, typed, with defaults and meaning. Read on each use, so that tests may override them.

- `NOTIFICATIONS_KINDS`: modules whose `KINDS` are the kinds of message that apps above declare.
- `NOTIFICATIONS_BELL`: dotted path of the task that wakes a worker after a commit; empty: the sweep alone finds work.
- `PRODUCTION`: whether mail must be encrypted and go through a server; what `GATEHOUSE_ENV` says.
"""

from collections.abc import Mapping
from datetime import timedelta
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings


def providers_of(channel: str) -> tuple[str, ...]:
    """NOTIFICATIONS_<CHANNEL>_PROVIDERS: the providers of a channel in order of preference.

    Each is `smtp`, `file`, or the dotted path of a class of one's own. The inbox has one way only.
    """
    if channel == "inbox":
        return ("inbox",)
    return tuple(getattr(settings, f"NOTIFICATIONS_{channel.upper()}_PROVIDERS", ()))


def sender() -> str:
    """DEFAULT_FROM_EMAIL: whom every mail is from, `Name <address>`. No caller can choose another."""
    return settings.DEFAULT_FROM_EMAIL


def sender_address() -> str:
    """Return the bare address of the sender, for the envelope (RFC 5321)."""
    return parseaddr(sender())[1]


def host() -> str:
    """Return the host of PUBLIC_URL: the right-hand side of our Message-IDs."""
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"


def provider_timeout() -> int:
    """EMAIL_TIMEOUT: seconds that one step of talking to a provider may take; 15."""
    return settings.EMAIL_TIMEOUT or 15


def lease() -> timedelta:
    """How long a claimed message belongs to its worker: a minute, or four provider time-outs if that is longer.

    New sends are begun in the first half only, so that even a slow one ends before the lease does.
    """
    return timedelta(seconds=max(60, 4 * provider_timeout()))


def threads() -> int:
    """NOTIFICATIONS_THREADS: how many messages a process sends at once. A quarter is kept for the urgent lane."""
    return max(2, int(getattr(settings, "NOTIFICATIONS_THREADS", 16)))


def batch() -> int:
    """NOTIFICATIONS_BATCH: how many messages one claim takes; twice `NOTIFICATIONS_THREADS` unless set.

    Whatever a killed worker had claimed waits for the end of its lease, so more would only delay more.
    """
    return max(1, int(getattr(settings, "NOTIFICATIONS_BATCH", 2 * threads())))


def run_time() -> float:
    """NOTIFICATIONS_RUN_SECONDS: seconds after which a run hands over to the next task, so that a worker can stop."""
    return float(getattr(settings, "NOTIFICATIONS_RUN_SECONDS", 5))


def categories() -> Mapping[str, Mapping[str, Any]]:
    """NOTIFICATIONS_CATEGORIES: categories by name, each with `title`, `bulk`, `must_arrive`, `default_channels`.

    `digest_allowed` (True) says whether a person may have it gathered by hour or day. Those of the house keep what is
    bound to arrive and what is bulk.
    """
    found: Mapping[str, Mapping[str, Any]] = getattr(settings, "NOTIFICATIONS_CATEGORIES", {})
    return found


def unsubscribe_address() -> str:
    """NOTIFICATIONS_UNSUBSCRIBE_MAILTO: where one unsubscribes by mail, named beside the link; empty: nowhere."""
    return str(getattr(settings, "NOTIFICATIONS_UNSUBSCRIBE_MAILTO", ""))


def blank_after() -> timedelta:
    """NOTIFICATIONS_RETENTION_DAYS: days after which what a message said is forgotten; 30."""
    return timedelta(days=max(1, int(getattr(settings, "NOTIFICATIONS_RETENTION_DAYS", 30))))


def delete_after() -> timedelta:
    """NOTIFICATIONS_DELETE_DAYS: days after which a message is deleted with its attempts and receipts; 400."""
    return max(blank_after(), timedelta(days=int(getattr(settings, "NOTIFICATIONS_DELETE_DAYS", 400))))


def bounce_rest() -> timedelta:
    """NOTIFICATIONS_BOUNCE_DAYS: days for which nothing is sent to an address that could not be reached; 30."""
    return timedelta(days=max(1, int(getattr(settings, "NOTIFICATIONS_BOUNCE_DAYS", 30))))


def inbox_kept() -> int:
    """NOTIFICATIONS_INBOX_KEPT: how many items an inbox holds; beyond them the oldest go. 1,000."""
    return max(1, int(getattr(settings, "NOTIFICATIONS_INBOX_KEPT", 1000)))
