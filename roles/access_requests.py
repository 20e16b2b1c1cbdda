"""Asking for a role: a person for herself, for a while; a colleague for her, where a second person must agree.

Whoever could give the role decides, and is neither of the two. What is agreed to is given in the same transaction, by
the guards of any grant, and ends by itself when it should.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from audit.vocabulary import EventType
from kit.errors import Conflict, Invalid, NotFound, PermissionRefused, Throttled
from kit.origin import NOWHERE, Origin
from roles import (
    conf,
    deciders,
    effective,
    event_types,
    grants,
    notices,
    people,
    permissions,
    records,
    resources,
    stamps,
    texts,
)
from roles.models import AccessRequest, Grant, RequestState, Role
from roles.notices import News
from roles.records import Act

MAX_MINUTES = 30 * 24 * 60
MOST_AT_ONCE = 100  # lapsed requests in one transaction

_PENDING = AccessRequest.State.PENDING


class AlreadyAsked(Conflict):
    """The same role is asked for already, in other words."""

    default_detail = "This role is asked for already. Wait for the decision, or withdraw that request first."


class AlreadyHeld(Conflict):
    """She has the role there already, for as long or longer."""

    default_detail = "The role is held there already, for as long or longer."


class NotWaiting(Conflict):
    """The request has been decided, withdrawn, or has waited too long."""

    default_detail = "This request does not wait for a decision any more."


class Stopped(Conflict):
    """The account that would be given the role is stopped."""

    default_detail = "The account of this person is stopped."


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """The request that now waits; `created` is false when it did already."""

    request: AccessRequest
    created: bool


def ask(
    *,
    user: AbstractBaseUser,
    role: str,
    resource: str = resources.EVERYWHERE,
    minutes: int,
    reason: str,
    now: dt.datetime,
    origin: Origin = NOWHERE,
) -> Asked:
    """Ask for a requestable role for oneself, for so many minutes from the moment that somebody agrees.

    The same once more, while it waits, is one request. Raises `Invalid` (role, resource, minutes, reason), where a role
    that nobody may ask for looks like none; `AlreadyAsked`, `AlreadyHeld`, and `Throttled` for who asks too often.
    """
    if not 1 <= minutes <= MAX_MINUTES:
        raise Invalid("minutes", f"Ask for 1 to {MAX_MINUTES} minutes.", "out_of_range")
    wanted = _new(user, role=role, resource=resource, reason=reason, asker=user, now=now, minutes=minutes)
    if not wanted.reason:
        raise Invalid("reason", "Say why.", "blank")
    return _file(wanted, user=user, actor=user, now=now, origin=origin)


def propose(
    *,
    user: AbstractBaseUser,
    role: str,
    resource: str = resources.EVERYWHERE,
    expires_at: dt.datetime | None = None,
    reason: str = "",
    actor: AbstractBaseUser,
    now: dt.datetime,
    origin: Origin = NOWHERE,
) -> Asked:
    """Propose that a person be given a role, for a second person to agree. The proposer could give it but for that.

    The same once more, while it waits, is one request. Raises `Invalid`, `AlreadyAsked`, and what
    `guards.require_reach` raises; a refusal leaves an entry.
    """
    end = grants.checked_end(expires_at, now)
    wanted = _new(user, role=role, resource=resource, reason=reason, asker=actor, now=now, expires_at=end)
    return _file(wanted, user=user, actor=actor, now=now, origin=origin)


def approve(
    *, request_id: UUID, actor: AbstractBaseUser, answer: str = "", now: dt.datetime, origin: Origin = NOWHERE
) -> AccessRequest:
    """Agree: the role is given at once, to the end that was asked for.

    Raises `NotFound` for who may not see the request, `PermissionRefused` for who may not decide it, `NotWaiting`,
    `ProposerUnentitled`, `Stopped`, `AlreadyHeld`, and what `grants.give` raises. A refusal leaves an entry too.
    """
    row = find(request_id, viewer=actor, now=now)
    text = texts.line(answer, field="answer", most=grants.MAX_REASON)
    act = _act(event_types.REQUEST_APPROVED, row, actor=actor, now=now, origin=origin)
    with records.refusals_recorded(act), transaction.atomic():
        stamps.lock(now=now)
        row = _locked(request_id)
        until = deciders.end_of(row, now=now)
        deciders.require(actor, request=row, now=now, until=until)
        _require_waiting(row, now=now)
        _require_sense(row, now=now, until=until)
        _settle(row, AccessRequest.State.APPROVED, now=now, decider=actor, answer=text)
        grants.give(
            holder=row.user,
            role=row.role_id,
            resource=row.resource,
            expires_at=until,
            reason=row.reason,
            actor=actor,
            now=now,
            origin=origin,
            approved=True,
            told=False,
        )
        records.record(act)
        _tell_decision(row, now=now)
    return row


def refuse(
    *, request_id: UUID, actor: AbstractBaseUser, answer: str = "", now: dt.datetime, origin: Origin = NOWHERE
) -> AccessRequest:
    """Do not agree; `answer` says why. Raises as `approve` does."""
    row = find(request_id, viewer=actor, now=now)
    text = texts.line(answer, field="answer", most=grants.MAX_REASON)
    act = _act(event_types.REQUEST_REFUSED, row, actor=actor, now=now, origin=origin)
    with records.refusals_recorded(act), transaction.atomic():
        stamps.lock(now=now)
        row = _locked(request_id)
        deciders.require(actor, request=row, now=now, until=now)
        _require_waiting(row, now=now)
        _settle(row, AccessRequest.State.REFUSED, now=now, decider=actor, answer=text)
        records.record(act)
        _tell_decision(row, now=now)
    return row


def withdraw(*, request_id: UUID, actor: AbstractBaseUser, now: dt.datetime, origin: Origin = NOWHERE) -> AccessRequest:
    """Take a request back, as who asked or as who would get the role. Raises as `approve` does."""
    row = find(request_id, viewer=actor, now=now)
    act = _act(event_types.REQUEST_WITHDRAWN, row, actor=actor, now=now, origin=origin)
    with records.refusals_recorded(act), transaction.atomic():
        if actor.pk not in {row.user_id, row.asked_by}:
            raise PermissionRefused
        stamps.lock(now=now)
        row = _locked(request_id)
        _require_waiting(row, now=now)
        _settle(row, AccessRequest.State.WITHDRAWN, now=now, decider=actor)
        records.record(act)
    return row


def lapse(*, now: dt.datetime) -> int:
    """Let the requests lapse that have waited too long, and tell who asked; return how many."""
    due = AccessRequest.objects.filter(state=_PENDING, lapses_at__lte=now)
    done = 0
    while due.exists():
        with transaction.atomic():
            stamps.lock(now=now)
            for row in due.select_related("user")[:MOST_AT_ONCE]:
                _lapse(row, now=now)
                done += 1
    return done


def requestable() -> QuerySet[Role]:
    """Return the roles that anybody may ask for."""
    return Role.objects.filter(requestable=True)


def visible(user: Any, *, now: dt.datetime) -> list[QuerySet[AccessRequest]]:
    """Return the requests that a person may see, as lists that may have some in common, each with an index of its own.

    All of them with `roles.view_accessrequest`; else what she asked for or would get, and what waits where she gives
    roles.
    """
    rows = AccessRequest.objects.select_related("user")
    if effective.allows(user, permissions.VIEW_ACCESS_REQUEST, now=now):
        return [rows]
    there = deciders.places(user, now=now).select_related("user")
    return [rows.filter(user=user.pk), rows.filter(asked_by=user.pk), there]


def find(request_id: UUID, *, viewer: Any, now: dt.datetime) -> AccessRequest:
    """Return one request. Raises `NotFound` for none, and for one that the viewer may not see.

    Who gives roles where it asks for one may see it when it is decided, too.
    """
    row = AccessRequest.objects.select_related("user").filter(pk=request_id).first()
    if row is None or not _sees(viewer, row, now):
        raise NotFound
    return row


def _sees(viewer: Any, row: AccessRequest, now: dt.datetime) -> bool:
    return (
        viewer.pk in {row.user_id, row.asked_by}
        or effective.allows(viewer, permissions.VIEW_ACCESS_REQUEST, now=now)
        or effective.allows(viewer, permissions.ADD_GRANT, resource=row.resource, now=now)
    )


def _new(
    user: AbstractBaseUser, *, resource: str, reason: str, asker: AbstractBaseUser, now: dt.datetime, **more: Any
) -> AccessRequest:
    """Return the request as it would be filed. Raises `Invalid` (resource, reason)."""
    ends = [now + dt.timedelta(days=conf.request_days()), more.get("expires_at")]
    role = more.pop("role")
    return AccessRequest(
        user_id=user.pk,
        role_id=role,
        resource=resources.parse(resource),
        reason=grants.checked_reason(reason),
        asked_by=asker.pk,
        asked_at=now,
        lapses_at=min(end for end in ends if end is not None),
        **more,
    )


def _file(
    wanted: AccessRequest, *, user: AbstractBaseUser, actor: AbstractBaseUser, now: dt.datetime, origin: Origin
) -> Asked:
    """Make a request wait for its decision, and tell those who may decide it."""
    proposed = wanted.minutes is None
    roles = Role.objects.all() if proposed else requestable()
    grants.require_role(wanted.role_id, among=roles)
    act = _act(event_types.REQUEST_ASKED, wanted, actor=actor, now=now, origin=origin)
    with records.refusals_recorded(act):
        able = _able(wanted, actor=actor, now=now)
    with records.refusals_recorded(act), transaction.atomic():
        stamps.lock(now=now)
        people.require(user)
        grants.require_role(wanted.role_id, among=roles)
        if proposed:
            deciders.require_giver(actor, request=wanted, now=now, until=wanted.expires_at)
        if (earlier := _earlier(wanted, now=now)) is not None:
            return Asked(request=earlier, created=False)
        _require_need(wanted, actor=actor, now=now)
        wanted.save(force_insert=True)
        records.record(act)
        told = deciders.to_tell(wanted, now=now) if able is None else able
        notices.tell(News.REQUEST_ASKED, people=told, reference=wanted.pk, now=now)
    return Asked(request=wanted, created=True)


def _able(wanted: AccessRequest, *, actor: AbstractBaseUser, now: dt.datetime) -> list[Any] | None:
    """Return whom to tell, before the lock, since it takes a while; None where the same waits already.

    Who would be refused is refused here: nobody has the whole house searched again and again.
    """
    if _waiting(wanted).exists():
        return None
    _require_need(wanted, actor=actor, now=now)
    return deciders.to_tell(wanted, now=now)


def _waiting(row: AccessRequest) -> QuerySet[AccessRequest]:
    return AccessRequest.objects.filter(user=row.user_id, role=row.role_id, resource=row.resource, state=_PENDING)


def _earlier(wanted: AccessRequest, *, now: dt.datetime) -> AccessRequest | None:
    """Return the same request if it waits already; one that has waited too long lapses. Raises `AlreadyAsked`."""
    row = _waiting(wanted).select_related("user").first()
    if row is None:
        return None
    if row.lapses_at <= now:
        _lapse(row, now=now)
        return None
    if any(getattr(row, name) != getattr(wanted, name) for name in ("asked_by", "minutes", "expires_at", "reason")):
        raise AlreadyAsked
    return row


def _require_need(wanted: AccessRequest, *, actor: AbstractBaseUser, now: dt.datetime) -> None:
    """Raise for who asks for herself too often, or for what she has. Raises `Throttled`, `AlreadyHeld`."""
    if wanted.minutes is not None:
        _require_patience(actor, now)
        _require_more(wanted, until=deciders.end_of(wanted, now=now))


def _require_patience(user: AbstractBaseUser, now: dt.datetime) -> None:
    """Raise `Throttled` for who has asked for as many roles in a day as one may: each is mailed to many."""
    day, most = dt.timedelta(days=1), conf.requests_a_day()
    asked = AccessRequest.objects.filter(asked_by=user.pk, minutes__isnull=False).order_by("-id")
    earliest = asked.values_list("asked_at", flat=True)[most - 1 : most].first()
    if earliest is not None and earliest > now - day:
        raise Throttled((earliest + day - now).total_seconds(), "You have asked for many roles today. Wait a while.")


def _require_more(row: AccessRequest, *, until: dt.datetime | None) -> None:
    """Raise `AlreadyHeld` where the grant would give a person nothing, or shorten what she has."""
    held = Grant.objects.filter(user=row.user_id, role=row.role_id, resource=row.resource, denies=False).first()
    if held is not None and (held.expires_at is None or (until is not None and held.expires_at >= until)):
        raise AlreadyHeld


def _require_sense(row: AccessRequest, *, now: dt.datetime, until: dt.datetime | None) -> None:
    """Raise for a request that cannot be fulfilled as things stand; under the lock."""
    if not row.user.is_active:
        raise Stopped
    if row.minutes is not None:
        _require_more(row, until=until)
        return
    deciders.require_proposer(row, now=now, until=until)


def _locked(request_id: UUID) -> AccessRequest:
    """Return the request as the database has it, under the lock. Raises `NotFound` where it is gone."""
    row = AccessRequest.objects.select_related("user").filter(pk=request_id).first()
    if row is None:
        raise NotFound
    return row


def _require_waiting(row: AccessRequest, *, now: dt.datetime) -> None:
    if row.state != _PENDING or row.lapses_at <= now:
        raise NotWaiting


def _settle(
    row: AccessRequest,
    state: RequestState,
    *,
    now: dt.datetime,
    decider: AbstractBaseUser | None = None,
    answer: str = "",
) -> None:
    row.state, row.decided_at, row.answer = state, now, answer
    row.decided_by = None if decider is None else decider.pk
    row.save(update_fields=("state", "decided_at", "decided_by", "answer"))


def _lapse(row: AccessRequest, *, now: dt.datetime) -> None:
    _settle(row, AccessRequest.State.LAPSED, now=now)
    records.record(_act(event_types.REQUEST_LAPSED, row, actor=None, now=now))
    _tell_decision(row, now=now)


def _tell_decision(row: AccessRequest, *, now: dt.datetime) -> None:
    """Tell who gets the role, and who asked for it."""
    asker = get_user_model()._base_manager.filter(pk=row.asked_by).exclude(pk=row.user_id)
    notices.tell(News.REQUEST_DECIDED, people=[row.user, *asker], reference=row.pk, now=now)


def _act(
    event: EventType, row: AccessRequest, *, actor: AbstractBaseUser | None, now: dt.datetime, origin: Origin = NOWHERE
) -> Act:
    return Act(
        event=event,
        actor=actor,
        now=now,
        origin=origin,
        target_kind="user",
        target=row.user_id,
        by_itself=actor is None,
        details={
            "request": row.pk,
            "role": row.role_id,
            "resource": row.resource,
            "minutes": row.minutes,
            "expires_at": row.expires_at,
        },
    )
