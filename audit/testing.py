"""For the tests of this app and of every app above it.

A transactional test ends with a flush, which the triggers refuse. Import the fixture `flushable_audit_log` in the
`conftest.py` of an app whose tests are transactional: it lifts the triggers for the flush alone, and the flush's own
post_migrate puts them back.
"""

import datetime as dt
from collections.abc import Iterator

import pytest

from audit import sealing, triggers
from audit.models import Entry
from audit.vocabulary import EventType

_TRANSACTIONAL = {"transactional_db", "live_server", "django_db_reset_sequences", "django_db_serialized_rollback"}

lifted_triggers = triggers.lifted


@pytest.fixture(autouse=True)
def flushable_audit_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Lift the triggers between the end of a transactional test and its flush; other tests cost nothing."""
    marker = request.node.get_closest_marker("django_db")
    marked = marker is not None and any(marker.kwargs.get(name) for name in ("transaction", "reset_sequences"))
    if not marked and _TRANSACTIONAL.isdisjoint(request.fixturenames):
        yield
        return
    request.getfixturevalue("transactional_db")  # set up before this fixture, so flushed after it ends
    yield
    triggers.drop()


def entries(action: EventType | str | None = None) -> list[Entry]:
    """Return the entries of one action (or all of them), in the order of writing."""
    name = action.name if isinstance(action, EventType) else action
    found = Entry.objects.select_related("personal").order_by("at", "id")
    return list(found if name is None else found.filter(action=name))


def the_entry(action: EventType | str) -> Entry:
    """Return the one entry of an action; fail when there is none or more than one."""
    found = entries(action)
    assert len(found) == 1, f"{len(found)} entries of {action}, not one"
    return found[0]


def seal_all(*, now: dt.datetime) -> int:
    """Seal everything recorded up to `now`, without waiting for the horizon."""
    return sealing.seal_due(now=now + sealing.HORIZON)
