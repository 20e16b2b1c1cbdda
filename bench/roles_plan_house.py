"""A house of many people in which changes of roles are planned: the other half of `bench.roles_plan`."""

import datetime as dt
import json
import select
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from random import Random
from typing import IO, Any, cast

from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from bench.roles_house import tell
from bench.roles_speed import ROOT
from kit.clock import utcnow
from roles import declarations, definitions, deltas, effective, lineage, planning, stamps
from roles.definitions import Definition
from roles.models import Grant, Group, Inheritance, Membership, Placement, Role, RolePermission
from roles.planning import Plan, Proposed

ROLES = [f"role-{number:02}" for number in range(40)]
RARE, COMMON = "rare", ROLES[-1]  # three have the one; most come to the other by inheritance
NAMES = ["accounts.view_user", "audit.view_entry", "notifications.send_message", "notifications.*", "vault.encrypt"]
LEVELS = (20, 200, 2_000)  # resources, each level below the one before
RESOURCES = [f"level-{level}:{number}" for level, size in enumerate(LEVELS) for number in range(size)]
GROUPS = [f"group-{number}" for number in range(200)]

Answers = Mapping[tuple[Any, str], frozenset[str]]


def measure(*, people: int, compared: int) -> None:
    """Fill the database, plan each change, and print what it cost and whether it comes true."""
    call_command("migrate", verbosity=0)
    random, now = Random(7), utcnow()  # noqa: S311 - the same house each time
    start = time.monotonic()
    _fill(random, people, now)
    tell(f"{people:,} people made in {time.monotonic() - start:.0f} s\n")
    tell(f"{'':28}{'concerned':>11}{'seconds':>9}{'statements':>12}{'longest, s':>12}{'others wait, ms':>17}")
    changes = _changes(random)
    plans = {title: _measured(title, proposed, now) for title, proposed in changes.items()}
    everybody = list(User.objects.order_by("pk"))
    some = [*everybody[:10], *random.sample(everybody[10:], min(compared, people) - 10)]
    for title, proposed in changes.items():
        tell(f"{title}: {_compared(plans[title], proposed, some, now)}")


def change() -> None:
    """Take the lock of every change again and again until the input ends; print the longest wait for it, in ms."""
    longest = 0.0
    tell("ready")
    while not _is_over():
        start = time.perf_counter()
        with transaction.atomic():
            stamps.lock(now=utcnow())
        longest = max(longest, time.perf_counter() - start)
    tell(json.dumps(longest * 1000))


def _is_over() -> bool:
    return bool(select.select([sys.stdin], [], [], 0.01)[0])


def _fill(random: Random, number: int, now: dt.datetime) -> None:
    Role.objects.bulk_create([Role(name=name) for name in (*ROLES, RARE)])
    _write({name: _definition(random, at) for at, name in enumerate((*ROLES, RARE))})
    _place(random, now)
    Group.objects.bulk_create([Group(name=name, created_at=now) for name in GROUPS])
    people = [
        User(email=f"p{each}@example.com", is_active=each % 50 != 1, is_superuser=not each % 5000)
        for each in range(number)
    ]
    User.objects.bulk_create(people, batch_size=1000)
    members = [Membership(user=each, group_id=random.choice(GROUPS), created_at=now) for each in people[::3]]
    Membership.objects.bulk_create(members, batch_size=1000)
    rows = [_grant(random, now, user=each) for each in (*people, *people)]
    rows += [_grant(random, now, group_id=name) for name in GROUPS]
    rows += [Grant(user=each, role_id=RARE, created_at=now) for each in people[3:6]]
    Grant.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
    if connection.vendor == "postgresql":
        connection.cursor().execute("ANALYZE")


def _place(random: Random, now: dt.datetime) -> None:
    """Put each resource below one of the level before, and one in ten below a second one."""
    pairs = {
        (f"level-{level}:{number}", f"level-{level - 1}:{random.randrange(LEVELS[level - 1])}")
        for level, size in enumerate(LEVELS)
        if level
        for number in range(size)
        for _ in range(1 + _happens(random, 10))
    }
    placed = [Placement(resource=lower, parent=upper, created_at=now) for lower, upper in sorted(pairs)]
    Placement.objects.bulk_create(placed, batch_size=1000)


def _happens(random: Random, percent: int) -> bool:
    return random.randrange(100) < percent


def _definition(random: Random, at: int) -> Definition:
    """Return what the role of this number is: it inherits later ones alone, most of them the last."""
    later = ROLES[at + 1 :]
    inherits = random.sample(later, min(len(later), 1)) + ([COMMON] if later and _happens(random, 60) else [])
    return Definition(permissions=frozenset(random.sample(NAMES, 1)), inherits=frozenset(inherits))


def _grant(random: Random, now: dt.datetime, **holder: Any) -> Grant:
    ends = dt.timedelta(hours=random.choice((-1, 1)))
    return Grant(
        **holder,
        role_id=random.choice(ROLES),
        resource=random.choice(RESOURCES) if _happens(random, 40) else "",
        denies=_happens(random, 2),
        expires_at=now + ends if _happens(random, 5) else None,
        created_at=now,
    )


def _changes(random: Random) -> Mapping[str, Proposed]:
    more = Definition(permissions=frozenset({"audit.view_entry", "roles.view_role"}))
    many: dict[str, Definition | None] = {name: _definition(random, ROLES.index(name)) for name in ROLES[::3]}
    return {
        "a role that three have": {RARE: more},
        "a role that most come to": {COMMON: more},
        "the role of everybody": {"member": more},
        "fourteen roles at once": many,
    }


def _measured(title: str, proposed: Proposed, now: dt.datetime) -> Plan:
    with _changing() as waited, CaptureQueriesContext(connection) as captured:
        start = time.perf_counter()
        plan = planning.of(proposed, now=now)
        seconds = time.perf_counter() - start
    longest = max(float(query["time"]) for query in captured.captured_queries)
    tell(f"{title:28}{plan.people:>11,}{seconds:>9.2f}{len(captured):>12}{longest:>12.2f}{waited[0]:>17.1f}")
    return plan


@contextmanager
def _changing() -> Iterator[list[float]]:
    """Let another process take the lock of every change meanwhile; yield where its longest wait will be."""
    command = [sys.executable, "-m", "bench.roles_plan", "--role", "change"]
    child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    into, out = cast("IO[str]", child.stdin), cast("IO[str]", child.stdout)
    out.readline()
    waited: list[float] = []
    try:
        yield waited
    finally:
        into.close()
        waited.append(json.loads(out.readline()))
        child.wait(timeout=60)


def _compared(plan: Plan, proposed: Proposed, people: list[User], now: dt.datetime) -> str:
    """Make the change, ask everybody of these before and after, take it back; return what was found."""
    below = _below()
    before = definitions.read()
    new = {name: role for name, role in proposed.items() if role}
    names = deltas.universe(before, new, known=declarations.read())
    had = _answers(people, names, below, now)
    with transaction.atomic():
        _write(proposed)
        has = _answers(people, names, below, now)
        transaction.set_rollback(True)
    told: dict[tuple[Any, str], tuple[frozenset[str], frozenset[str]]] = {
        (change.user, change.resource): (change.gained, change.lost) for change in plan.changes
    }
    above = lineage.above_all(RESOURCES)
    different = wrong = 0
    for (user, place), held in had.items():
        for way, names_changed in enumerate((has[user, place] - held, held - has[user, place])):
            nothing = (frozenset[str](), frozenset[str]())
            line = [told.get((user, at), nothing)[way] for at in (place, "", *above.get(place, ()))]
            different += len(names_changed)
            wrong += len(names_changed - frozenset[str]().union(*line)) + len(line[0] - names_changed)
    return f"{len(people):,} people asked at {len(had):,} points, {different:,} differences, {wrong} not as planned"


def _answers(people: Iterable[User], names: frozenset[str], below: Mapping[str, set[str]], now: dt.datetime) -> Answers:
    """Ask the evaluator what each may do, everywhere, where something was given or denied to her, and below that."""
    found: dict[tuple[Any, str], frozenset[str]] = {}
    above = lineage.above_all(RESOURCES)
    for person in people:
        held = effective.load(person.pk, is_superuser=person.is_superuser, now=now)
        held = held if person.is_active else effective.NOTHING
        own = {*held.on_resource, *held.denied_on}
        for place in {"", *own}.union(*(below[each] for each in own)):
            line = above.get(place, ())
            found[person.pk, place] = frozenset(name for name in names if held.allows(name, place, line))
    return found


def _below() -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for lower, line in lineage.above_all(RESOURCES).items():
        for upper in line:
            found[upper].add(lower)
    return found


def _write(roles: Proposed) -> None:
    """Make the roles what they are to be."""
    RolePermission.objects.filter(role__in=roles).delete()
    Inheritance.objects.filter(role__in=roles).delete()
    kept = {name: role for name, role in roles.items() if role}
    RolePermission.objects.bulk_create(
        [RolePermission(role_id=name, permission=each) for name, role in kept.items() for each in role.permissions]
    )
    Inheritance.objects.bulk_create(
        [Inheritance(role_id=name, inherits_id=each) for name, role in kept.items() for each in role.inherits]
    )
