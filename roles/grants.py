"""Giving a role to a person or a group, or denying it, and taking that back: guards, change and entry in one place.

The admin, the API and the commands all end here, so that they cannot drift apart.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from audit.models import Entry
from audit.vocabulary import EventType
from kit.errors import Conflict, Invalid, NotFound
from kit.origin import NOWHERE, Origin
from roles import (
    event_types,
    groups,
    guards,
    hierarchy,
    notices,
    people,
    permissions,
    records,
    resources,
    stamps,
    texts,
)
from roles.effective import FOREVER
from roles.models import Grant, Group, Role
from roles.notices import News

Holder = AbstractBaseUser | Group

MAX_REASON = 500


class GrantNotFound(NotFound):
    """The person or group does not have this role on this resource."""

    default_detail = "That was not given there."


class ApprovalNeeded(Conflict):
    """A second person must agree before this role is given."""

    default_detail = "A second person must agree before this role is given. Ask for it, and somebody else approves."


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """The grant that is now in force; `created` is false when there was one like it already."""

    grant: Grant
    created: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _Change:
    """Who changes which grant, when and from where: what guard, row and entry need alike."""

    holder: Holder
    role: str
    resource: str
    denies: bool
    actor: AbstractBaseUser | None
    now: dt.datetime
    origin: Origin
    expires_at: dt.datetime | None = None
    reason: str = ""
    told: bool = True

    @property
    def row(self) -> dict[str, Any]:
        """What makes the grant the one that it is."""
        kind = "group_id" if isinstance(self.holder, Group) else "user_id"
        return {kind: self.holder.pk, "role_id": self.role, "resource": self.resource, "denies": self.denies}


def give(
    *,
    holder: Holder,
    role: str,
    resource: str = resources.EVERYWHERE,
    denies: bool = False,
    expires_at: dt.datetime | None = None,
    reason: str = "",
    actor: AbstractBaseUser | None,
    now: dt.datetime,
    origin: Origin = NOWHERE,
    approved: bool = False,
    told: bool = True,
) -> Given:
    """Give a person or a group a role, everywhere or on one resource, for good or until a moment; in force at once.

    With `denies` all that the role holds is denied there and below instead, whatever else gives it. The same once more
    is one grant; another end counts from now on, and an earlier one asks what `take` does. `approved` says that a
    second person has agreed (`access_requests`). None as `actor` is the operator at the command line. A person who is
    given something by another is told, unless she knows already (`told` False). Raises `Invalid` (user, role,
    resource, expires_at, reason), `groups.GroupNotFound`, `ApprovalNeeded` for a sensitive role, `PermissionRefused`
    when the actor lacks `roles.add_grant`, would give more than they hold or deny something to one who holds more, and
    `guards.LastHolder` when it would leave nobody with `*`. A refusal leaves an entry too.
    """
    change = _Change(
        holder=holder,
        role=role,
        resource=resources.parse(resource),
        denies=denies,
        expires_at=checked_end(expires_at, now),
        reason=checked_reason(reason),
        actor=actor,
        now=now,
        origin=origin,
        told=told,
    )
    with records.refusals_recorded(_act(event_types.GRANT_GIVEN, change)), transaction.atomic():
        stamps.lock(now=now)
        _require_giving(change, approved=approved)
        return _write(change)


def take(
    *,
    holder: Holder,
    role: str,
    resource: str = resources.EVERYWHERE,
    denies: bool = False,
    actor: AbstractBaseUser | None,
    now: dt.datetime,
    origin: Origin = NOWHERE,
) -> None:
    """Take a role back from a person or a group, or a denial; in force at the next request.

    None as `actor` is the operator at the command line. Raises `GrantNotFound`, `PermissionRefused` when the actor
    lacks `roles.delete_grant` or holds less than the role (for good, to lift a denial), and `guards.LastHolder` when
    nobody with `*` would be left, which also holds for two who are taken down at the same moment. A refusal leaves an
    entry too.
    """
    change = _Change(
        holder=holder,
        role=role,
        resource=resources.parse(resource),
        denies=denies,
        actor=actor,
        now=now,
        origin=origin,
    )
    with records.refusals_recorded(_act(event_types.GRANT_TAKEN, change)), transaction.atomic():
        stamps.lock(now=now)
        _require_reach(change, permissions.DELETE_GRANT, until=None if denies else now)
        _require_command(change)
        grant = _find(change)
        if grant is None:
            raise GrantNotFound
        with guards.master_kept(now=now, concerned=_rules(change)):
            _renew(change.holder)
            grant.delete()
        _tell(News.GRANT_TAKEN, change, records.record(_act(event_types.GRANT_TAKEN, change)))


def _require_giving(change: _Change, *, approved: bool) -> None:
    """Raise what keeps the actor from giving this; under the lock."""
    _require_holder(change.holder)
    require_role(change.role)
    _require_reach(change, permissions.ADD_GRANT, until=change.expires_at)
    if _shortens(change):
        _require_reach(change, permissions.DELETE_GRANT, until=None if change.denies else change.now)
    _require_command(change)
    _require_approval(change, approved=approved)


def _write(change: _Change) -> Given:
    """Make the grant what the change says, under the lock; an identical one is left as it is."""
    grant = _find(change)
    if grant is not None and grant.expires_at == change.expires_at:
        return Given(grant=grant, created=False)
    event = event_types.GRANT_GIVEN if grant is None else event_types.GRANT_CHANGED
    with guards.master_kept(now=change.now, concerned=_rules(change)):
        _renew(change.holder)
        written = grant or Grant(**change.row, created_at=change.now)
        written.expires_at = change.expires_at
        written.reason = change.reason
        written.given_by = _actor_id(change)
        written.save(force_insert=grant is None)
    _tell(News.GRANT_GIVEN, change, records.record(_act(event, change)))
    return Given(grant=written, created=grant is None)


def _find(change: _Change) -> Grant | None:
    if not texts.NAME.match(change.role):
        return None
    return Grant.objects.filter(**change.row).first()


def _stands(change: _Change) -> bool:
    """Tell whether there is a grant like it already, to the same end."""
    grant = _find(change)
    return grant is not None and grant.expires_at == change.expires_at


def _shortens(change: _Change) -> bool:
    """Tell whether there is a grant like it that lasts longer: then something is taken too, or a denial lifted."""
    if change.expires_at is None or (grant := _find(change)) is None:
        return False
    return grant.expires_at is None or grant.expires_at > change.expires_at


def _rules(change: _Change) -> bool:
    return guards.rules(role=change.role, resource=change.resource, denies=change.denies)


def _renew(holder: Holder) -> None:
    """Date the sets of all who have what the holder has; of a group's members by one row."""
    if isinstance(holder, Group):
        stamps.renew_house()
    else:
        stamps.renew_person(holder.pk)


def _require_command(change: _Change) -> None:
    """Let only who may manage a person deny her something, or lift it; for a group, only who may manage anybody."""
    if not change.denies:
        return
    if isinstance(change.holder, Group):
        guards.require_master(change.actor, now=change.now)
    else:
        guards.require_command(change.actor, user=change.holder, now=change.now)


def _require_approval(change: _Change, *, approved: bool) -> None:
    """Raise for a sensitive role that nobody but the actor has agreed to, unless it is hers; a group never has one."""
    if change.denies or not (sensitive := hierarchy.sensitive_in(change.role)):
        return
    if isinstance(change.holder, Group):
        raise Invalid(
            "role", f"{_listed(sensitive)} is given to people one at a time, not to groups.", "sensitive_role"
        )
    if not approved and change.actor is not None and not _stands(change):
        raise ApprovalNeeded


def _require_holder(holder: Holder) -> None:
    """Raise for a person who was erased meanwhile, or a group that was deleted."""
    if isinstance(holder, Group):
        groups.find(holder.pk)
    else:
        people.require(holder)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def require_role(name: str, *, field: str = "role", among: QuerySet[Role] | None = None) -> None:
    """Raise `Invalid` on the field unless there is a role of this name, among all or those given."""
    roles = Role.objects.all() if among is None else among
    if not texts.NAME.match(name) or not roles.filter(name=name).exists():
        raise Invalid(field, "There is no such role.", "unknown_role")


def _require_reach(change: _Change, permission: str, *, until: dt.datetime | None) -> None:
    guards.require_reach(
        change.actor,
        permission=permission,
        role=change.role,
        resource=change.resource,
        now=change.now,
        until=until,
    )


def checked_end(expires_at: dt.datetime | None, now: dt.datetime) -> dt.datetime | None:
    """Return the end of a grant. Raises `Invalid` for one that is over, or is never."""
    if expires_at is not None and not now < expires_at < FOREVER:
        raise Invalid("expires_at", "Choose a moment in the future, or none.", "not_in_future")
    return expires_at


def checked_reason(text: str) -> str:
    """Return a reason without the white space around it. Raises `Invalid` unless it is one line that fits."""
    return texts.line(text, field="reason", most=MAX_REASON)


def _tell(news: News, change: _Change, entry: Entry | None) -> None:
    """Tell a person what somebody else has done to her grants; nobody what the operator does, or of a group's."""
    staff = change.actor is not None and change.actor.pk != change.holder.pk
    if staff and change.told and not isinstance(change.holder, Group):
        notices.tell_of_grant(news, person=change.holder, entry=entry, now=change.now)


def _act(event: EventType, change: _Change) -> records.Act:
    return records.Act(
        event=event,
        actor=change.actor,
        now=change.now,
        origin=change.origin,
        target_kind="group" if isinstance(change.holder, Group) else "user",
        target=change.holder.pk,
        details={
            "role": change.role,
            "resource": change.resource,
            "denies": change.denies,
            "expires_at": change.expires_at,
        },
    )


def _actor_id(change: _Change) -> UUID | None:
    return None if change.actor is None else change.actor.pk
