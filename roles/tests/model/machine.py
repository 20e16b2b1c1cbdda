"""Random changes, made by the real functions and noted in the naive house, which both are asked about after each."""

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kit.clock import utcnow
from kit.errors import Invalid
from roles import editing, effective, grants, groups, placements, stamps
from roles.models import Group, Role, RolePermission
from roles.tests.model.naive import Given, House, reached
from roles.tests.people.making import make_person
from roles.tests.people.models import Person

PEOPLE = ("anna", "bert", "root")
GROUPS = ("editors", "interns")
ROLES = ("role-a", "role-b", "role-c", "role-d")
RESOURCES = ("org:7", "team:3", "project:12", "project:13")
NAMES = ("letters.send_letter", "letters.read_letter", "letters.*", "stamps.buy_stamp", "stamps.*", "*")
ASKED = ("letters.send_letter", "letters.read_letter", "stamps.buy_stamp", "letters.*", "*")

holders, roles = st.sampled_from(PEOPLE + GROUPS), st.sampled_from(ROLES)
places = st.sampled_from(("", *RESOURCES))
ends = st.one_of(st.none(), st.integers(min_value=1, max_value=90))


class RolesMachine(RuleBasedStateMachine):
    """The house of the database beside the one on paper. Each walk is rolled back at its end."""

    def __init__(self) -> None:
        super().__init__()
        self._walk = transaction.atomic()
        self._walk.__enter__()
        self.now = utcnow()
        self.paper = House()
        self.holders: dict[str, Any] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._walk.__exit__(None, None, None)

    @initialize()
    def people_and_roles(self) -> None:
        """Make who and what the walk is about; a second superuser keeps the house from being without a master."""
        make_person("keeper", is_superuser=True)
        for name in PEOPLE:
            self.holders[name] = make_person(name, is_superuser=name == "root")
        for name in GROUPS:
            self.holders[name] = Group.objects.create(name=name, created_at=self.now)
        Role.objects.bulk_create([Role(name=name) for name in ROLES])
        for name in ("member", *ROLES):
            self.paper.permissions[name], self.paper.inherits[name] = set(), set()
        self.paper.members = {name: set() for name in GROUPS}
        self.paper.parents = {name: set() for name in RESOURCES}
        self.paper.superusers = {"root"}
        self.change_what_a_role_holds("role-a", {"letters.send_letter"})
        self.change_what_a_role_holds("role-b", {"letters.*"})
        self.change_what_a_role_holds("role-c", {"*"})
        self.change_what_a_role_inherits("role-d", {"role-a"})
        for resource, parent in (("team:3", "org:7"), ("project:12", "team:3"), ("project:13", "team:3")):
            self.place_or_lift(resource, parent)
        for holder, role, resource in (("anna", "role-b", ""), ("bert", "role-d", "org:7"), ("editors", "role-a", "")):
            self.give(holder, role, resource, denies=False, minutes=None)

    @rule(role=st.sampled_from(("member", *ROLES)), names=st.sets(st.sampled_from(NAMES), max_size=3))
    def change_what_a_role_holds(self, role: str, names: set[str]) -> None:
        if role == "member":  # built in: what everyone has comes from code, and after it the house stamp is new
            stamps.renew_house()
            RolePermission.objects.filter(role_id=role).delete()
            RolePermission.objects.bulk_create([RolePermission(role_id=role, permission=name) for name in names])
        else:
            editing.change(role=role, permissions=names, actor=None, now=self.now)
        self.paper.permissions[role] = names

    @rule(role=roles, others=st.sets(roles, max_size=2))
    def change_what_a_role_inherits(self, role: str, others: set[str]) -> None:
        if any(role in reached(other, self.paper.inherits) for other in others):
            with pytest.raises(editing.Circle):
                editing.change(role=role, inherits=others, actor=None, now=self.now)
        else:
            editing.change(role=role, inherits=others, actor=None, now=self.now)
            self.paper.inherits[role] = others

    @rule(holder=holders, role=roles, resource=places, denies=st.booleans(), minutes=ends)
    def give(self, holder: str, role: str, resource: str, denies: bool, minutes: int | None) -> None:
        end = None if minutes is None else self.now + dt.timedelta(minutes=minutes)
        grants.give(
            holder=self.holders[holder],
            role=role,
            resource=resource,
            denies=denies,
            expires_at=end,
            actor=None,
            now=self.now,
        )
        self.paper.grants[(holder, role, resource, denies)] = Given(holder, role, resource, denies, end)

    @rule(data=st.data())
    def take(self, data: st.DataObject) -> None:
        if not self.paper.grants:
            return
        key = data.draw(st.sampled_from(sorted(self.paper.grants)))
        holder, role, resource, denies = key
        grants.take(holder=self.holders[holder], role=role, resource=resource, denies=denies, actor=None, now=self.now)
        del self.paper.grants[key]

    @rule(person=st.sampled_from(PEOPLE), group=st.sampled_from(GROUPS))
    def join_or_leave(self, person: str, group: str) -> None:
        change = groups.leave if person in self.paper.members[group] else groups.join
        change(name=group, user=self.holders[person], actor=None, now=self.now)
        self.paper.members[group] ^= {person}

    @rule(resource=st.sampled_from(RESOURCES), parent=st.sampled_from(RESOURCES))
    def place_or_lift(self, resource: str, parent: str) -> None:
        above = self.paper.parents[resource]
        if parent in above:
            placements.remove(resource=resource, parent=parent, actor=None, now=self.now)
        elif resource in reached(parent, self.paper.parents):
            with pytest.raises(Invalid, match="circle"):
                placements.place(resource=resource, parent=parent, actor=None, now=self.now)
            return
        else:
            placements.place(resource=resource, parent=parent, actor=None, now=self.now)
        above ^= {parent}

    @rule(minutes=st.integers(min_value=1, max_value=60))
    def let_time_pass(self, minutes: int) -> None:
        self.now += dt.timedelta(minutes=minutes)

    @invariant()
    def both_houses_agree(self) -> None:
        """Ask both about everybody, everything and everywhere, as a request would: with the stamp read anew."""
        for name in PEOPLE if self.holders else ():
            person = Person.objects.annotate(**stamps.of_user("pk")).get(pk=self.holders[name].pk)
            for resource in ("", *RESOURCES):
                for permission in ASKED:
                    found = effective.allows(person, permission, resource=resource, now=self.now)
                    wanted = self.paper.allows(name, permission, resource, self.now)
                    assert found == wanted, (name, permission, resource)
