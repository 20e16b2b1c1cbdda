"""What is taken back is refused by the very next request, on every process, whatever a cache may hold.

Four client processes knock all the while. With the service in several processes the same is done again when Redis is
gone; in one process there is none.
"""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.testing.knocking import Knockers
from config.testing.processes import Gatehouse
from config.testing.servers import Redis
from config.testing.walks import Person, new_person, sign_in
from config.tests.journeys.conftest import make_house

pytestmark = pytest.mark.long

DISTRIBUTED = bool(os.environ.get("TEST_DATABASE_URL"))
Act = Callable[[Gatehouse, Person], float]
KNOCKS = 20  # of each process, before and after

# The moment is that of the change being there: the commit, or the answer that tells of it.
STOP = """
import time
from accounts import people
from accounts.models import User
from kit.clock import utcnow
people.deactivate(user=User.objects.get(email="{email}"), actor=None, now=utcnow())
print("at:", time.monotonic())
"""
TAKE = """
import time
from accounts.models import User
from kit.clock import utcnow
from kit.origin import NOWHERE
from roles import grants

person = User.objects.get(email="{email}")
grants.take(holder=person, role="notifier", resource="", actor=None, now=utcnow(), origin=NOWHERE)
print("at:", time.monotonic())
"""


def logout(house: Gatehouse, person: Person) -> float:
    """Sign out; return when that was answered."""
    assert house.post("/auth/logout", {}, bearer=person.access).status_code == 204
    return time.monotonic()


def in_another_process(script: str) -> Act:
    """Return an act that a command does, past the service, in its database."""

    def act(house: Gatehouse, person: Person) -> float:
        said = house.inside(script.format(email=person.email))
        return float(said.rpartition("at:")[2])

    return act


ME = ("GET", "/api/v1/auth/me", None)
MAY_SEND = ("POST", "/api/v1/auth/permissions/check", {"permission": "notifications.send_message"})
ACTS = {
    "logout": (logout, ME),
    "deactivation": (in_another_process(STOP), ME),
    "role change": (in_another_process(TAKE), MAY_SEND),
}


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis | None]:
    """A Redis of these journeys' own; none in the one-process set-up."""
    if not DISTRIBUTED:
        yield None
        return
    with Redis() as server:
        yield server


@pytest.fixture(scope="module")
def own_house(tmp_path_factory: pytest.TempPathFactory, redis: Redis | None) -> Iterator[Gatehouse]:
    """A running service whose Redis may be stopped."""
    url = redis.url if redis else ""
    with make_house(tmp_path_factory.mktemp("revocation"), "revocation", redis_url=url) as running:
        yield running


@pytest.fixture(scope="module")
def people(own_house: Gatehouse) -> dict[str, Person]:
    """Somebody for each act, made while mail goes out."""
    persons = {name: new_person(own_house) for name in ACTS}
    grant(own_house, persons["role change"])
    return persons


def grant(house: Gatehouse, person: Person) -> None:
    """Let a person send messages."""
    house.manage("roles_grant", person.email, "notifier")


def take_back(house: Gatehouse, name: str, person: Person, directory: Path) -> str:
    """Do an act while four processes knock; check that nothing is let in after it, and return the figures."""
    act, (method, path, body) = ACTS[name]
    shown = {"bearer": person.access, "body": body}
    with Knockers(directory, url=house.url, method=method, path=path, shown=shown) as knockers:
        knockers.wait_for_each(KNOCKS)
        done = act(house, person)
        knockers.wait_for_each(KNOCKS, since=done + 1)
    knocks = knockers.all()
    assert {knock.status for knock in knocks} <= {200, 401}
    let_in = [knock for knock in knocks if knock.let_in]
    late = [knock for knock in let_in if knock.sent > done]
    last = max(knock.answered for knock in let_in) - done
    assert late == []
    return f"{name}: last accepted {1000 * last:+.0f} ms ({len(knocks)} requests, {len(late)} accepted after it)"


def tell(capsys: pytest.CaptureFixture[str], what: str, figures: list[str]) -> None:
    with capsys.disabled():
        print(f"\n{what}:", *figures, sep="\n  ")  # noqa: T201 - the figures of the run are what it is for


def test_what_is_taken_back_is_refused_at_once(
    own_house: Gatehouse,
    people: dict[str, Person],
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
) -> None:
    figures = [take_back(own_house, name, person, tmp_path_factory.mktemp("knocks")) for name, person in people.items()]
    tell(capsys, f"{type(own_house).__name__}, four clients, counted from the change", figures)


@pytest.mark.skipif(not DISTRIBUTED, reason="the one-process set-up has no Redis to stop")
def test_what_is_taken_back_is_refused_at_once_without_redis(
    own_house: Gatehouse,
    redis: Redis,
    people: dict[str, Person],
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
) -> None:
    again = {**people, "deactivation": new_person(own_house)}
    grant(own_house, again["role change"])
    redis.stop()
    figures = [
        take_back(own_house, name, sign_in(own_house, person.email), tmp_path_factory.mktemp("knocks"))
        for name, person in again.items()
    ]
    tell(capsys, f"{type(own_house).__name__}, the same with Redis stopped", figures)
