"""Push to the browsers and phones of a person: to every one of them, for one message.

A message names a person, or targets of hers. It is taken when one target at least has taken it; those that failed for
now are tried again alone, and those that are gone are forgotten.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from uuid import UUID

import structlog
from django.db import DatabaseError, connection

from kit.clock import utcnow
from notifications import conf, push_targets
from notifications.models import PushTarget
from notifications.providers import apprise, web_push
from notifications.providers.base import (
    Deferred,
    Misconfigured,
    Permanent,
    Push,
    RateLimited,
    Receipt,
    SendingFailed,
    Transient,
    Unsupported,
)

log = structlog.get_logger(__name__)

FCM_GONE = "HTTP 404"  # what Firebase answers of a phone that has uninstalled the application


class DevicesProvider(Unsupported):
    """Reaches registered targets: browsers by web push, phones by Firebase."""

    name = "devices"
    channels = frozenset({"push"})

    def send_push(self, message: Push) -> Receipt:
        """Hand the message to each target."""
        targets = _targets(message.to)
        taken, gone = [], []
        failures: dict[UUID, SendingFailed] = {}
        deadline = monotonic() + conf.lease().total_seconds() / 3
        for target in targets:
            if monotonic() > deadline:
                failures[target.pk] = Deferred("no_time_left")  # while the message is ours to send
                continue
            try:
                _deliver(target, message)
                taken.append(target.pk)
            except web_push.Gone:
                gone.append(target.pk)
            except SendingFailed as failure:
                failures[target.pk] = failure
        _settle(gone, taken)
        if not taken:
            raise _worst(list(failures.values()))
        later = _hopeful(failures)
        return Receipt(
            refused=tuple(str(pk) for pk in [*gone, *(failures.keys() - later)]),
            deferred=tuple(str(pk) for pk in failures if pk in later),
        )

    def health(self) -> str:
        """Say whether there is a key for browsers, or a way to phones."""
        return "ok" if web_push.public_key() or conf.fcm_url() else "not_configured"


def _deliver(target: PushTarget, message: Push) -> None:
    """Hand the message to one target. Raises SendingFailed, `Gone` for one that will never be reached again."""
    if target.driver == PushTarget.Driver.WEB:
        kept = json.loads(target.target)
        try:
            subscription = web_push.subscription_of(kept["endpoint"], kept["p256dh"], kept["auth"])
        except web_push.BadSubscription:
            raise Misconfigured("host_not_allowed") from None
        web_push.deliver(subscription, message)
        return
    if not conf.fcm_url():
        raise Misconfigured("no_fcm_url")
    try:
        apprise.notify(conf.fcm_url(), target.target, body=message.body, title=message.title)
    except Permanent as failure:
        raise (web_push.Gone() if failure.detail == FCM_GONE else failure) from None


def _hopeful(failures: dict[UUID, SendingFailed]) -> set[UUID]:
    return {pk for pk, failure in failures.items() if not isinstance(failure, Permanent | Misconfigured)}


def _worst(failures: list[SendingFailed]) -> SendingFailed:
    """Return the failure of a message that no target has taken: the one that leaves most hope, or `no_target`.

    What is wrong with one person's targets (made with another key, at a service that is not listed, written to too
    often) puts off her message and nobody else's.
    """
    hopeful = [failure for failure in failures if not isinstance(failure, Permanent | Misconfigured)]
    worst = next(iter([*hopeful, *failures]), Permanent("no_target"))
    return Deferred(worst.code, worst.detail) if isinstance(worst, Misconfigured | RateLimited) else worst


def _targets(to: str) -> list[PushTarget]:
    try:
        with _own_connection():
            return push_targets.reached_by(to.split())
    except DatabaseError as error:
        raise Transient("no_database", type(error).__name__) from error


def _settle(gone: list[UUID], taken: list[UUID]) -> None:
    """Note what became of the targets. What cannot be noted is found again at the next message."""
    try:
        with _own_connection():
            push_targets.settle(gone=gone, used=taken, now=utcnow())
    except DatabaseError as error:
        log.warning("push_targets_not_settled", error=type(error).__name__)


@contextmanager
def _own_connection() -> Iterator[None]:
    """Use this thread's connection, and give it back before anybody is called over the network."""
    try:
        yield
    finally:
        if not connection.in_atomic_block:
            connection.close()
