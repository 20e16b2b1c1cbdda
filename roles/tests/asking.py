"""How the tests of requests ask for a role, and have it decided."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from roles import access_requests, effective
from roles.models import AccessRequest
from roles.tests.people.models import Person

NOW = dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC)
SEND = "letters.send_letter"
HOUR = dt.timedelta(hours=1)


def asking(user: Person, **other: Any) -> AccessRequest:
    """Return a request of somebody for the role `courier`."""
    wish = {"role": "courier", "minutes": 60, "reason": "Sending the invoices", "now": NOW, **other}
    return access_requests.ask(user=user, **wish).request


def proposing(user: Person, actor: Person, **other: Any) -> AccessRequest:
    """Return a proposal of somebody that another be given the role `courier`."""
    return access_requests.propose(**{"user": user, "role": "courier", "actor": actor, "now": NOW, **other}).request


def approving(request: AccessRequest, actor: Person, now: dt.datetime = NOW) -> AccessRequest:
    """Return a request that somebody has agreed to."""
    return access_requests.approve(request_id=request.pk, actor=actor, now=now)


def may_send(user: Person, now: dt.datetime, resource: str = "") -> bool:
    """Tell whether somebody has what the role `courier` holds."""
    return effective.allows(user, SEND, resource=resource, now=now)


@contextmanager
def just_before_the_lock(act: Callable[[], Any]) -> Iterator[None]:
    """Let something happen in the moment before the code inside takes the lock, as another process might do it."""

    def execute_after_it(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        if "locked_at" in sql:
            act()
        return execute(sql, *more)

    with connection.execute_wrapper(execute_after_it):
        yield
