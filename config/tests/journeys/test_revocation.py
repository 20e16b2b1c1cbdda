"""What is taken back is refused by the very next request, on every process, whatever a cache may hold.

Four client processes knock all the while, ten thousand times after a role was taken back. With the service in four
processes the same is done again when Redis is gone; in one process there is none.
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
MANY = {"role change": 2_500}  # of each process after this one

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


IN_THE_HOUSE = """
import time
from accounts.models import User
from kit.clock import utcnow
from roles import editing, grants, groups

person = User.objects.get(email="{{email}}")
{}
print("at:", time.monotonic())
"""
EDIT = IN_THE_HOUSE.format('editing.change(role="edited", permissions=[], actor=None, now=utcnow())')
LEAVE = IN_THE_HOUSE.format('groups.leave(name="senders", user=person, actor=None, now=utcnow())')
DENY = IN_THE_HOUSE.format('grants.give(holder=person, role="notifier", denies=True, actor=None, now=utcnow())')
RESTORE = """
from kit.clock import utcnow
from roles import editing

editing.change(role="edited", permissions=["notifications.send_message"], actor=None, now=utcnow())
"""
# What each of these people may, by an edited role, by a group, and by a grant that a denial is put beside.
PREPARE = """
from accounts.models import User
from kit.clock import utcnow
from roles import groups
from roles.models import Role
from roles.testing import give_role, make_group, make_role

edited, left, denied = (User.objects.get(email=email) for email in {emails!r})
if not Role.objects.filter(pk="edited").exists():
    make_role("edited", "notifications.send_message")
    give_role(make_group("senders"), "notifier")
give_role(edited, "edited")
groups.join(name="senders", user=left, actor=None, now=utcnow())
give_role(denied, "notifier")
"""

ME = ("GET", "/api/v1/auth/me", None)
MAY_SEND = ("POST", "/api/v1/auth/permissions/check", {"permission": "notifications.send_message"})
ACTS = {
    "logout": (logout, ME),
    "deactivation": (in_another_process(STOP), ME),
    "role change": (in_another_process(TAKE), MAY_SEND),
    "role edited": (in_another_process(EDIT), MAY_SEND),
    "group left": (in_another_process(LEAVE), MAY_SEND),
    "denial": (in_another_process(DENY), MAY_SEND),
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
    with make_house(tmp_path_factory.mktemp("revocation"), "revocation", redis_url=url, web_processes=4) as running:
        yield running


@pytest.fixture(scope="module")
def people(own_house: Gatehouse) -> dict[str, Person]:
    """Somebody for each act, made while mail goes out."""
    persons = {name: new_person(own_house) for name in ACTS}
    prepare(own_house, persons)
    return persons


def prepare(house: Gatehouse, people: dict[str, Person]) -> None:
    """Let those people send messages who are to lose that, each in her way."""
    house.command("roles_grant", people["role change"].email, "notifier")
    house.inside(PREPARE.format(emails=[people[name].email for name in ("role edited", "group left", "denial")]))


def take_back(house: Gatehouse, name: str, person: Person, directory: Path) -> str:
    """Do an act while four processes knock; check that nothing is let in after it, and return the figures."""
    act, (method, path, body) = ACTS[name]
    shown = {"bearer": person.access, "body": body}
    with Knockers(directory, url=house.url, method=method, path=path, shown=shown) as knockers:
        knockers.wait_for_each(KNOCKS)
        done = act(house, person)
        knockers.wait_for_each(MANY.get(name, KNOCKS), since=done + 1, seconds=240)
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
    again = {name: people[name] if name == "logout" else new_person(own_house) for name in ACTS}
    own_house.inside(RESTORE)
    prepare(own_house, again)
    redis.stop()
    figures = [
        take_back(own_house, name, sign_in(own_house, person.email), tmp_path_factory.mktemp("knocks"))
        for name, person in again.items()
    ]
    tell(capsys, f"{type(own_house).__name__}, the same with Redis stopped", figures)
