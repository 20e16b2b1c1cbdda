"""Random changes by a process that is not alone: each asks its own memory right after, while nobody else may write."""

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from random import Random

from django.db import transaction

from kit.clock import utcnow
from kit.errors import NotFound
from roles import effective, grants, stamps
from roles.models import Group, Inheritance, Membership, Placement, Role, RolePermission
from roles.tests.model import reading
from roles.tests.model.naive import reached
from roles.tests.people.making import make_person
from roles.tests.people.models import Person

GROUPS, ROLES = ("editors", "interns"), ("role-a", "role-b", "role-c", "role-d")
RESOURCES = ("org:7", "team:3", "project:12")
NAMES = ("letters.send_letter", "letters.*", "stamps.buy_stamp", "*")
ASKED = ("letters.send_letter", "letters.read_letter", "stamps.buy_stamp", "letters.*", "*")


def make_house() -> None:
    """Make whom and what the changes are about, and somebody who keeps everything."""
    make_person("keeper", is_superuser=True)
    for name in ("anna", "bert", "cleo"):
        make_person(name)
    Group.objects.bulk_create([Group(name=name, created_at=utcnow()) for name in GROUPS])
    Role.objects.bulk_create([Role(name=name) for name in ROLES])


def change_and_compare(random: Random) -> None:
    """Change one thing, then find that memory and tables say the same of everybody, as of one moment."""
    random.choice(CHANGES)(random)
    with transaction.atomic():
        now = utcnow()
        stamps.lock(now=now)
        paper = reading.house()
        for person in Person.objects.annotate(**stamps.of_user("pk")):
            for resource in ("", *RESOURCES):
                for permission in ASKED:
                    found = effective.allows(person, permission, resource=resource, now=now)
                    wanted = paper.allows(person.email, permission, resource, now)
                    assert found == wanted, (person.email, permission, resource)


def _hold(random: Random) -> None:
    role, names = random.choice(("member", *ROLES)), random.sample(NAMES, random.randint(0, 2))
    with transaction.atomic():
        stamps.lock(now=utcnow())
        stamps.renew_house()
        RolePermission.objects.filter(role_id=role).delete()
        RolePermission.objects.bulk_create([RolePermission(role_id=role, permission=name) for name in names])


def _inherit(random: Random) -> None:
    role, other = random.sample(ROLES, 2)
    with transaction.atomic():
        stamps.lock(now=utcnow())
        if role in reached(other, reading.house().inherits):
            return
        stamps.renew_house()
        Inheritance.objects.filter(role_id=role).delete()
        Inheritance.objects.create(role_id=role, inherits_id=other)


def _grant(random: Random) -> None:
    now, resource = utcnow(), random.choice(("", *RESOURCES))
    end = random.choice((None, now + dt.timedelta(seconds=random.uniform(0.05, 2))))
    denies = random.random() < 0.3
    grants.give(
        holder=_holder(random),
        role=random.choice(ROLES),
        resource=resource,
        denies=denies,
        expires_at=end,
        actor=None,
        now=now,
    )


def _take(random: Random) -> None:
    resource, denies = random.choice(("", *RESOURCES)), random.random() < 0.3
    with suppress(NotFound):
        grants.take(
            holder=_holder(random),
            role=random.choice(ROLES),
            resource=resource,
            denies=denies,
            actor=None,
            now=utcnow(),
        )


def _join_or_leave(random: Random) -> None:
    person, group = _person(random), random.choice(GROUPS)
    with transaction.atomic():
        stamps.lock(now=utcnow())
        stamps.renew_person(person.pk)
        if not Membership.objects.filter(user_id=person.pk, group_id=group).delete()[0]:
            Membership.objects.create(user_id=person.pk, group_id=group, created_at=utcnow())


def _place_or_lift(random: Random) -> None:
    resource, parent = random.sample(RESOURCES, 2)
    with transaction.atomic():
        stamps.lock(now=utcnow())
        stamps.renew_tree()
        if Placement.objects.filter(resource=resource, parent=parent).delete()[0]:
            return
        if resource not in reached(parent, reading.house().parents):
            Placement.objects.create(resource=resource, parent=parent, created_at=utcnow())


def _person(random: Random) -> Person:
    return Person.objects.get(email=random.choice(("anna@example.com", "bert@example.com", "cleo@example.com")))


def _holder(random: Random) -> Person | Group:
    return _person(random) if random.random() < 0.6 else Group.objects.get(name=random.choice(GROUPS))


CHANGES: tuple[Callable[[Random], None], ...] = (_hold, _inherit, _grant, _grant, _take, _join_or_leave, _place_or_lift)
