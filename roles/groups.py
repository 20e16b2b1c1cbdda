"""Groups of people, and who is in them: a member has all that her group was given, and lacks all that it was denied.

To put somebody into a group is therefore to give her all of that, with the guards of giving it; to take her out, too.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection

from audit.vocabulary import EventType
from kit.errors import Invalid, NotFound
from kit.origin import NOWHERE, Origin
from roles import event_types, guards, people, permissions, records, stamps, texts
from roles.effective import EffectiveSet
from roles.models import Grant, Group, Membership
from roles.resources import EVERYWHERE

# UNION, not UNION ALL: a role reached twice is followed once, so that even a cycle would end.
_GIVEN_TO = """
WITH RECURSIVE held(role, resource, denies) AS (
    SELECT CAST(role_id AS text), CAST(resource AS text), denies FROM roles_grant
    WHERE group_id = %s AND (expires_at IS NULL OR expires_at > %s)
    UNION SELECT CAST(i.inherits_id AS text), held.resource, held.denies
    FROM held JOIN roles_inheritance i ON i.role_id = held.role
)
SELECT DISTINCT held.denies, held.resource, p.permission
FROM held JOIN roles_rolepermission p ON p.role_id = held.role
"""


class GroupNotFound(NotFound):
    """There is no group of this name."""

    default_detail = "There is no such group."


class NotAMember(NotFound):
    """The person is not in the group."""

    default_detail = "The person is not in this group."


@dataclass(frozen=True, kw_only=True, slots=True)
class Joined:
    """The membership that there is now; `created` is false for one who was in the group already."""

    membership: Membership
    created: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _Given:
    """What a group's members have by it, and what is denied to them by it."""

    held: EffectiveSet
    denied: EffectiveSet

    @property
    def denies(self) -> bool:
        """Tell whether anything is denied."""
        return bool(self.denied.everywhere or self.denied.on_resource)


def find(name: str) -> Group:
    """Return the group of this name. Raises `GroupNotFound`."""
    group = Group.objects.filter(pk=name).first() if texts.NAME.match(name) else None
    if group is None:
        raise GroupNotFound
    return group


def create(
    *, name: str, description: str = "", actor: AbstractBaseUser | None, now: dt.datetime, origin: Origin = NOWHERE
) -> Group:
    """Make a group that nobody is in and that was given nothing.

    None as `actor` is the operator at the command line, here and below. Raises `Invalid` (name, description), and
    `PermissionRefused` when the actor lacks `roles.add_group`. A refusal leaves an entry too, here and below.
    """
    act, text = (
        _act(event_types.GROUP_CREATED, texts.name(name), actor=actor, now=now, origin=origin),
        texts.line(description),
    )
    with records.changing(act):
        guards.require_permission(actor, permission=permissions.ADD_GROUP, now=now)
        group, created = Group.objects.get_or_create(name=name, defaults={"description": text, "created_at": now})
        if not created:
            raise Invalid("name", "There is a group of this name already.", "taken")
        records.record(act)
    return group


def describe(
    *, name: str, description: str, actor: AbstractBaseUser | None, now: dt.datetime, origin: Origin = NOWHERE
) -> Group:
    """Say anew what a group is for; its name stays.

    Raises `GroupNotFound`, `Invalid`, and `PermissionRefused` when the actor lacks `roles.change_group`.
    """
    act, text = _act(event_types.GROUP_CHANGED, name, actor=actor, now=now, origin=origin), texts.line(description)
    with records.changing(act):
        guards.require_permission(actor, permission=permissions.CHANGE_GROUP, now=now)
        group = find(name)
        if group.description != text:
            group.description = text
            group.save(update_fields=["description"])
            records.record(act)
    return group


def delete(*, name: str, actor: AbstractBaseUser | None, now: dt.datetime, origin: Origin = NOWHERE) -> None:
    """Delete a group with all that it was given and denied: its members have none of that at the next request.

    Raises `GroupNotFound`, `PermissionRefused` when the actor lacks `roles.delete_group` or holds less than the group
    (than everything, where something is denied to it), and `guards.LastHolder`.
    """
    act = _act(event_types.GROUP_DELETED, name, actor=actor, now=now, origin=origin)
    with records.changing(act):
        guards.require_permission(actor, permission=permissions.DELETE_GROUP, now=now)
        group = find(name)
        given = _given_to(group, now)
        guards.require_covering(actor, given.held, now=now, until=now)
        if given.denies:
            guards.require_master(actor, now=now)
        with guards.master_kept(now=now):
            stamps.renew_house()
            Grant.objects.filter(group=group).delete()
            Membership.objects.filter(group=group).delete()
            group.delete()
        records.record(act)


def join(
    *, name: str, user: AbstractBaseUser, actor: AbstractBaseUser | None, now: dt.datetime, origin: Origin = NOWHERE
) -> Joined:
    """Put a person into a group: what it has is hers at the next request. Once more the same is one membership.

    Raises `GroupNotFound`, `Invalid` (user), `PermissionRefused` when the actor lacks `roles.add_membership`, does not
    hold all that the group has, for good, or may not manage somebody to whom it denies something, and
    `guards.LastHolder`.
    """
    act = _act(event_types.MEMBER_ADDED, name, actor=actor, now=now, origin=origin, user=user)
    with records.changing(act):
        guards.require_permission(actor, permission=permissions.ADD_MEMBERSHIP, now=now)
        group = find(name)
        people.require(user)
        given = _given_to(group, now)
        guards.require_covering(actor, given.held, now=now)
        if given.denies:
            guards.require_command(actor, user=user, now=now)
        found = Membership.objects.filter(user_id=user.pk, group=group).first()
        if found is not None:
            return Joined(membership=found, created=False)
        added_by = None if actor is None else actor.pk
        with guards.master_kept(now=now, concerned=given.denies):
            stamps.renew_person(user.pk)
            made = Membership.objects.create(user_id=user.pk, group=group, added_by=added_by, created_at=now)
        records.record(act)
    return Joined(membership=made, created=True)


def leave(
    *, name: str, user: AbstractBaseUser, actor: AbstractBaseUser | None, now: dt.datetime, origin: Origin = NOWHERE
) -> None:
    """Take a person out of a group: what it has is hers no longer, what it is denied is denied to her no longer.

    Raises `GroupNotFound`, `NotAMember`, `PermissionRefused` when the actor lacks `roles.delete_membership`, does not
    hold all that the group has, or, where it denies something, does not hold that for good or may not manage the
    person, and `guards.LastHolder`.
    """
    act = _act(event_types.MEMBER_REMOVED, name, actor=actor, now=now, origin=origin, user=user)
    with records.changing(act):
        guards.require_permission(actor, permission=permissions.DELETE_MEMBERSHIP, now=now)
        group = find(name)
        given = _given_to(group, now)
        guards.require_covering(actor, given.held, now=now, until=now)
        if given.denies:
            guards.require_covering(actor, given.denied, now=now)
            guards.require_command(actor, user=user, now=now)
        with guards.master_kept(now=now):
            stamps.renew_person(user.pk)
            gone, _ = Membership.objects.filter(user_id=user.pk, group=group).delete()
            if not gone:
                raise NotAMember
        records.record(act)


def _given_to(group: Group, now: dt.datetime) -> _Given:
    """Return what a group was given and denied, by grants in force at `now`; one statement."""
    found: dict[bool, dict[str, set[str]]] = {False: defaultdict(set), True: defaultdict(set)}
    with connection.cursor() as cursor:
        cursor.execute(_GIVEN_TO, [group.pk, connection.ops.adapt_datetimefield_value(now)])
        for denies, resource, permission in cursor.fetchall():
            found[bool(denies)][resource].add(permission)
    return _Given(held=_set_of(found[False]), denied=_set_of(found[True]))


def _set_of(names: dict[str, set[str]]) -> EffectiveSet:
    everywhere = frozenset(names.pop(EVERYWHERE, ()))
    return EffectiveSet(everywhere=everywhere, on_resource={place: frozenset(held) for place, held in names.items()})


def _act(
    event: EventType,
    name: str,
    *,
    actor: AbstractBaseUser | None,
    now: dt.datetime,
    origin: Origin,
    user: AbstractBaseUser | None = None,
) -> records.Act:
    """Return the act on a group, or with `user` on one who is to be its member, or is no longer to be."""
    member = {} if user is None else {"group": name}
    kind, target = ("group", name) if user is None else ("user", user.pk)
    return records.Act(
        event=event, actor=actor, now=now, origin=origin, target_kind=kind, target=target, details=member
    )
