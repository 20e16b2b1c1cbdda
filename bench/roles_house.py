"""A house of many roles that measures itself: the other half of `bench.roles_speed`, in its own process."""

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

from django.core.cache.backends.base import BaseCache
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.testing import client_of, make_person, sign_in
from kit.clock import utcnow
from roles import editing, effective, stamps
from roles.models import Grant, Inheritance, Role, RolePermission
from roles.testing import make_role

SIZES = (1, 100, 10_000)
LEVELS = 12
TIMES = 100
SOUGHT, OTHER = "notifications.view_message", "notifications.send_message"
CHECK = "/api/v1/auth/permissions/check"


def measure(*, people: int, rounds: int) -> None:
    """Fill the database, and print what each question and each change cost."""
    call_command("migrate", verbosity=0)
    clients = {size: _holder(size) for size in SIZES}
    tell(f"{'roles, each 12 levels deep':28}" + "".join(f"{size:>12,}" for size in SIZES))
    warm = {size: _counted(client.ask) for size, client in clients.items()}
    tell(f"{'warm check: statements':28}" + "".join(f"{warm[size][0]:>12}" for size in SIZES))
    tell(f"{'warm check: cache calls':28}" + "".join(f"{warm[size][1]:>12}" for size in SIZES))
    for title, unit, attribute in (
        ("warm check over the API", "ms", "ask"),
        ("has_perm alone", "us", "has"),
        ("a set loaded anew", "ms", "load"),
    ):
        calls = {size: getattr(client, attribute) for size, client in clients.items()}
        times = _in_turn(calls, rounds=rounds, times=TIMES if attribute != "load" else 5)
        factor = 1e3 if unit == "ms" else 1e6
        tell(f"{title + ', ' + unit:28}" + "".join(f"{times[size] * factor:>12.2f}" for size in SIZES))
        tell(f"{'  ratio':28}" + "".join(f"{times[size] / times[1]:>12.2f}" for size in SIZES))
    _changes(people)


class _Client:
    """Somebody who holds so many roles, and the three ways to ask about her."""

    def __init__(self, user: Any, client: Any) -> None:
        self._user, self._client = user, client

    def ask(self) -> None:
        answer = self._client.post(CHECK, {"permission": SOUGHT})
        if answer.json() != {"allowed": True}:
            raise SystemExit(f"{answer.content!r}")

    def has(self) -> None:
        if not self._user.has_perm(SOUGHT):
            raise SystemExit("not held")

    def load(self) -> None:

        effective.load(self._user.pk, is_superuser=False, now=utcnow())


def _holder(size: int) -> _Client:
    """Make the roles of one size, in chains of twelve, and somebody who holds each of them."""
    chains = [[f"s{size}-{number}-{level}" for level in range(LEVELS)] for number in range(max(1, size // LEVELS))]
    names = [name for chain in chains for name in chain]
    Role.objects.bulk_create([Role(name=name) for name in names], batch_size=500)
    deepest = chains[-1][-1]
    held = [RolePermission(role_id=name, permission=SOUGHT if name == deepest else OTHER) for name in names]
    RolePermission.objects.bulk_create(held, batch_size=500)
    links = [Inheritance(role_id=up, inherits_id=down) for chain in chains for up, down in pairwise(chain)]
    Inheritance.objects.bulk_create(links, batch_size=500)
    person = make_person(f"holder-{size}@example.com")
    given = [chains[0][0]] if size == 1 else names
    now = utcnow()
    Grant.objects.bulk_create([Grant(user=person, role_id=name, created_at=now) for name in given], batch_size=500)
    stamps.renew_person(person.pk)
    user = User.objects.annotate(**stamps.of_user("pk")).get(pk=person.pk)
    return _Client(user, client_of(sign_in(person)))


def _counted(call: Callable[[], None]) -> tuple[int, int]:
    """Return how many statements and calls of a cache a call makes once it is warm."""
    call()
    asked: list[type] = []
    kinds: list[Any] = [kind for kind in (BaseCache, *BaseCache.__subclasses__()) if "get" in vars(kind)]
    kept = {kind: kind.get for kind in kinds}

    def noting(kind: Any) -> Any:
        def get(self: Any, *arguments: Any, **named: Any) -> Any:
            asked.append(kind)
            return kept[kind](self, *arguments, **named)

        return get

    for kind in kinds:
        kind.get = noting(kind)
    try:
        with CaptureQueriesContext(connection) as captured:
            call()
    finally:
        for kind in kinds:
            kind.get = kept[kind]
    return len(captured), len(asked)


def _in_turn(calls: dict[int, Callable[[], None]], *, rounds: int, times: int) -> dict[int, float]:
    """Return the seconds that a quarter of each call's times keep below, as the median of the rounds."""
    taken: dict[int, list[float]] = {size: [] for size in calls}
    for _ in range(rounds):
        for size, call in calls.items():
            call()
            taken[size].append(_quick([_timed(call) for _ in range(times)]))
    return {size: statistics.median(each) for size, each in taken.items()}


def _timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _quick(times: list[float]) -> float:
    return statistics.quantiles(times, n=4)[0]


def _changes(people: int) -> None:
    """Change a role that one person has, and one that `people` have; tell what each change cost."""
    now = utcnow()
    tell(f"\nmaking {people:,} people who have one role ...")
    crowd = [User(email=f"crowd-{number}@example.com") for number in range(people)]
    User.objects.bulk_create(crowd, batch_size=1000)
    for name, holders in (("narrow", crowd[:1]), ("wide", crowd)):
        make_role(name, OTHER)
        rows = [Grant(user=person, role_id=name, created_at=now) for person in holders]
        Grant.objects.bulk_create(rows, batch_size=1000)
    figures = {}
    for name in ("narrow", "wide", "narrow", "wide"):
        took = []
        for wanted in ([OTHER, SOUGHT], [OTHER]) * 5:
            change = partial(editing.change, role=name, permissions=wanted, actor=None, now=utcnow())
            with CaptureQueriesContext(connection) as captured:
                took.append(_timed(change))
        figures[name] = (statistics.median(took), len(captured))
    for name, number in (("narrow", 1), ("wide", people)):
        seconds, statements = figures[name]
        tell(f"a role that {number:,} have is changed: {seconds * 1000:.1f} ms, {statements} statements")
    tell(f"  ratio {figures['wide'][0] / figures['narrow'][0]:.2f}")


def tell(line: str = "") -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
