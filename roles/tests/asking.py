"""How the tests of requests ask for a role, and have it decided."""

import datetime as dt
from typing import Any

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
