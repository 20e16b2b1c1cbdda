"""Giving a person a role, and taking it back: permission, guards, change and entry together, in one function each.

The admin, the API and the commands all end here, so that they cannot drift apart.
"""

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from audit import recording
from audit.vocabulary import ActorKind, EventType, Outcome
from kit.errors import Conflict, Invalid, NotFound, PermissionRefused
from kit.origin import NOWHERE, Origin
from roles import event_types, guards, permissions, resources, stamps
from roles.effective import FOREVER
from roles.models import Grant, Role

MAX_REASON = 500
_ROLE_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}\Z")


class GrantNotFound(NotFound):
    """The person does not have this role on this resource."""

    default_detail = "This person was not given this role there."


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """The grant that is now in force; `created` is false when the person had this role there already."""

    grant: Grant
    created: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _Change:
    """Who changes which grant, when and from where: what guard, row and entry need alike."""

    user: AbstractBaseUser
    role: str
    resource: str
    actor: AbstractBaseUser | None
    now: dt.datetime
    origin: Origin
    expires_at: dt.datetime | None = None
    reason: str = ""


def give(
    *,
    user: AbstractBaseUser,
    role: str,
    resource: str = resources.EVERYWHERE,
    expires_at: dt.datetime | None = None,
    reason: str = "",
    actor: AbstractBaseUser | None,
    now: dt.datetime,
    origin: Origin = NOWHERE,
) -> Given:
    """Give a person a role, everywhere or on one resource, for good or until a moment; in force at her next request.

    The same once more is one grant; with another end, that end counts from now on. None as `actor` is the
    operator at the command line. Raises `Invalid` (role, resource, expires_at, reason), `PermissionRefused` when the
    actor lacks `roles.add_grant` or would give more than they hold, and `guards.LastHolder` when the end would leave
    nobody with `*`. A refusal leaves an entry too.
    """
    change = _Change(
        user=user,
        role=role,
        resource=resources.parse(resource),
        expires_at=_end(expires_at, now),
        reason=_reason(reason),
        actor=actor,
        now=now,
        origin=origin,
    )
    with _refusals_recorded(event_types.GRANT_GIVEN, change), transaction.atomic():
        stamps.lock(now=now)
        require_role(role)
        _require_reach(change, permissions.ADD_GRANT, until=change.expires_at)
        return _write(change)


def take(
    *,
    user: AbstractBaseUser,
    role: str,
    resource: str = resources.EVERYWHERE,
    actor: AbstractBaseUser | None,
    now: dt.datetime,
    origin: Origin = NOWHERE,
) -> None:
    """Take a role back from a person, in force at her next request.

    None as `actor` is the operator at the command line. Raises `GrantNotFound`, `PermissionRefused` when the actor
    lacks `roles.delete_grant` or holds less than the role, and `guards.LastHolder` when nobody with `*` would be left,
    which also holds for two who are taken down at the same moment. A refusal leaves an entry too.
    """
    change = _Change(user=user, role=role, resource=resources.parse(resource), actor=actor, now=now, origin=origin)
    with _refusals_recorded(event_types.GRANT_TAKEN, change), transaction.atomic():
        stamps.lock(now=now)
        _require_reach(change, permissions.DELETE_GRANT, until=now)
        grant = _find(change)
        if grant is None:
            raise GrantNotFound
        with guards.master_kept(role=role, resource=change.resource):
            stamps.renew_person(user.pk)
            grant.delete()
        _record(event_types.GRANT_TAKEN, change)


def _write(change: _Change) -> Given:
    """Make the grant what the change says, under the lock; an identical one is left as it is."""
    grant = _find(change)
    if grant is not None and grant.expires_at == change.expires_at:
        return Given(grant=grant, created=False)
    event = event_types.GRANT_GIVEN if grant is None else event_types.GRANT_CHANGED
    with guards.master_kept(role=change.role, resource=change.resource):
        stamps.renew_person(change.user.pk)
        written = grant or Grant(
            user_id=change.user.pk, role_id=change.role, resource=change.resource, created_at=change.now
        )
        written.expires_at = change.expires_at
        written.reason = change.reason
        written.given_by = _actor_id(change)
        written.save(force_insert=grant is None)
    _record(event, change)
    return Given(grant=written, created=grant is None)


def _find(change: _Change) -> Grant | None:
    if not _ROLE_NAME.match(change.role):
        return None
    return Grant.objects.filter(user_id=change.user.pk, role_id=change.role, resource=change.resource).first()


def require_role(name: str, *, field: str = "role") -> None:
    """Raise `Invalid` on the field unless there is a role of this name."""
    if not _ROLE_NAME.match(name) or not Role.objects.filter(name=name).exists():
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


def _end(expires_at: dt.datetime | None, now: dt.datetime) -> dt.datetime | None:
    if expires_at is not None and not now < expires_at < FOREVER:
        raise Invalid("expires_at", "Choose a moment in the future, or none.", "not_in_future")
    return expires_at


def _reason(text: str) -> str:
    reason = text.strip()
    if len(reason) > MAX_REASON or not reason.isprintable():
        raise Invalid("reason", f"Give a reason in one line of at most {MAX_REASON} characters.", "invalid_reason")
    return reason


@contextmanager
def _refusals_recorded(event: EventType, change: _Change) -> Iterator[None]:
    """Write the entry of a refusal, after the change has been rolled back, and let the refusal go on."""
    try:
        yield
    except (PermissionRefused, Conflict) as refusal:
        _record(event, change, outcome=Outcome.REFUSED, reason=type(refusal).__name__)
        raise


def _record(event: EventType, change: _Change, *, outcome: Outcome = Outcome.DONE, reason: str = "") -> None:
    details = {"role": change.role, "resource": change.resource, "expires_at": change.expires_at, "reason": reason}
    recording.record(
        event,
        now=change.now,
        actor=_actor_id(change),
        actor_kind=ActorKind.COMMAND if change.actor is None else ActorKind.PERSON,
        target_kind="user",
        target=change.user.pk,
        outcome=outcome,
        details={key: value for key, value in details.items() if value not in ("", None)},
        origin=change.origin,
    )


def _actor_id(change: _Change) -> UUID | None:
    return None if change.actor is None else change.actor.pk
