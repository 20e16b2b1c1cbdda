"""Small houses made at random: everything that decides what a person may do, in every mixture."""

import datetime as dt
from dataclasses import dataclass
from random import Random
from typing import Any

from kit.clock import utcnow
from roles.models import Grant, Group, Inheritance, Membership, Placement, Role, RolePermission
from roles.testing import forget_sets
from roles.tests.people.making import make_person
from roles.tests.people.models import Person

ROLES = ("role-a", "role-b", "role-c", "role-d", "role-e")
RESOURCES = ("org:1", "org:2", "team:1", "project:1", "project:2")
HELD = ("letters.send_letter", "letters.read_letter", "letters.*", "stamps.buy_stamp", "*")
ASKED = (*HELD, "people.greet_person", "stamps.*")
GROUPS = ("group-1", "group-2")


@dataclass(frozen=True, kw_only=True)
class House:
    """Who is there, and when it is."""

    people: tuple[Person, ...]
    now: dt.datetime


def make(random: Random) -> House:
    """Make a house: four people, one of them a superuser and one inactive at times, and what they were given."""
    now = utcnow()
    people = tuple(
        make_person(f"p{number}", is_superuser=random.random() < 0.1, is_active=random.random() < 0.9)
        for number in range(4)
    )
    Role.objects.bulk_create([Role(name=name) for name in ROLES])
    fill(random, ROLES)
    _place(random, now)
    Group.objects.bulk_create([Group(name=name, created_at=now) for name in GROUPS])
    for name in GROUPS:
        members = random.sample(people, random.randint(0, 2))
        Membership.objects.bulk_create([Membership(user_id=each.pk, group_id=name, created_at=now) for each in members])
    for holder in (*people, *people, *people):
        _give(random, now, user_id=holder.pk)
    for name in GROUPS:
        _give(random, now, group_id=name)
    forget_sets()
    return House(people=people, now=now)


def fill(random: Random, names: tuple[str, ...]) -> None:
    """Let each of these roles, and now and then the one of everybody, hold and inherit other things than before."""
    every = (*ROLES, *(("member",) if random.random() < 0.3 else ()))
    for name in every:
        if name in {*names, "member"}:
            RolePermission.objects.filter(role_id=name).delete()
            Inheritance.objects.filter(role_id=name).delete()
            held = random.sample(HELD, random.choice((0, 0, 1, 1, 2)))
            RolePermission.objects.bulk_create([RolePermission(role_id=name, permission=each) for each in held])
            # Only later ones: no circle comes of it.
            later = ROLES[ROLES.index(name) + 1 :] if name in ROLES else ROLES
            inherited = [each for each in later if random.random() < 0.25]
            Inheritance.objects.bulk_create([Inheritance(role_id=name, inherits_id=each) for each in inherited])


def _place(random: Random, now: dt.datetime) -> None:
    pairs = [(upper, lower) for at, upper in enumerate(RESOURCES) for lower in RESOURCES[at + 1 :]]
    Placement.objects.bulk_create(
        [Placement(resource=lower, parent=upper, created_at=now) for upper, lower in pairs if random.random() < 0.35]
    )


def _give(random: Random, now: dt.datetime, **holder: Any) -> None:
    end = random.choice((None, None, None, now + dt.timedelta(hours=1), now - dt.timedelta(hours=1)))
    Grant.objects.get_or_create(
        **holder,
        role_id=random.choice(ROLES),
        resource=random.choice(("", "", *RESOURCES)),
        denies=random.random() < 0.25,
        defaults={"expires_at": end, "created_at": now},
    )
