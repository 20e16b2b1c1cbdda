"""Who may decide a request for a role: whoever could give it herself, and is neither she who gets it nor who asked."""

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q, QuerySet

from kit.errors import Conflict, PermissionRefused
from roles import guards, hierarchy, lineage, permissions, rows
from roles.models import AccessRequest, Grant, Membership
from roles.resources import EVERYWHERE
from roles.vocabulary import satisfying

MOST_TOLD = 20
MOST_CONSIDERED = 60  # of those who may give roles there at all: each costs a few statements


class NotADecider(PermissionRefused):
    """Who gets a role, or asked for it, does not decide that."""

    default_detail = "Somebody else decides this."


class ProposerUnentitled(Conflict):
    """Who proposed the grant may not give the role any more."""

    default_detail = "Whoever proposed this may not give the role any more."


def require(actor: AbstractBaseUser, *, request: AccessRequest, now: dt.datetime, until: dt.datetime | None) -> None:
    """Let pass who may give what is asked for, to a moment or (None) for good, and has no part in the request.

    Raises `NotADecider`, `PermissionRefused` or `guards.BeyondReach`.
    """
    if actor.pk in {request.user_id, request.asked_by}:
        raise NotADecider
    require_giver(actor, request=request, now=now, until=until)


def require_giver(
    actor: AbstractBaseUser, *, request: AccessRequest, now: dt.datetime, until: dt.datetime | None
) -> None:
    """Let pass who may give what is asked for. Raises `PermissionRefused` or `guards.BeyondReach`."""
    guards.require_reach(
        actor,
        permission=permissions.ADD_GRANT,
        role=request.role_id,
        resource=request.resource,
        now=now,
        until=until,
    )


def require_proposer(request: AccessRequest, *, now: dt.datetime, until: dt.datetime | None) -> None:
    """Let pass what its proposer may still give. Raises `ProposerUnentitled`."""
    proposer = get_user_model()._base_manager.filter(pk=request.asked_by).first()
    try:
        if proposer is None:
            raise ProposerUnentitled
        require_giver(proposer, request=request, now=now, until=until)
    except PermissionRefused:
        raise ProposerUnentitled from None


def to_tell(request: AccessRequest, *, now: dt.datetime) -> list[Any]:
    """Return up to 20 people who may decide a request, those first who may do everything.

    Read as things stand, without a lock: who may decide is asked again when somebody does.
    """
    until = end_of(request, now=now)
    entitled = (person for person in _able(request, now=now) if _may(person, request, now=now, until=until))
    return list(islice(entitled, MOST_TOLD))


def end_of(request: AccessRequest, *, now: dt.datetime) -> dt.datetime | None:
    """Return when the role would end if it were given now."""
    return request.expires_at if request.minutes is None else now + dt.timedelta(minutes=request.minutes)


def places(user: Any, *, now: dt.datetime) -> QuerySet[AccessRequest]:
    """Return the requests that wait for a decision where a person may give roles, whatever they ask for."""
    waiting = AccessRequest.objects.filter(state=AccessRequest.State.PENDING)
    return rows.allowed_there(waiting, "resource", user, permissions.ADD_GRANT, now=now)


def _may(person: Any, request: AccessRequest, *, now: dt.datetime, until: dt.datetime | None) -> bool:
    try:
        require(person, request=request, now=now, until=until)
    except PermissionRefused:
        return False
    return True


def _able(request: AccessRequest, *, now: dt.datetime) -> Iterator[Any]:
    """Yield people who may give roles there, each once. Each way is asked by itself, so that an index answers it."""
    people = get_user_model()._base_manager.filter(is_active=True).order_by()
    seen: set[Any] = set()
    for way in _ways(request.resource, now):
        for person in people.filter(way)[: MOST_CONSIDERED - len(seen)]:
            if person.pk not in seen:
                seen.add(person.pk)
                yield person


def _ways(resource: str, now: dt.datetime) -> Iterable[Q]:
    """Return the ways to hold `roles.add_grant` on a resource, those first that hold everything with it."""
    line = {EVERYWHERE, resource, *lineage.above_all([resource]).get(resource, ())}
    live = Grant.objects.live(now).filter(denies=False, resource__in=line)
    yield Q(is_superuser=True)
    for name in reversed(satisfying(permissions.ADD_GRANT)):
        giving = live.filter(role__in=hierarchy.roles_holding(name))
        groups = giving.filter(group__isnull=False).values("group")
        yield Q(pk__in=giving.filter(user__isnull=False).values("user"))
        yield Q(pk__in=Membership.objects.filter(group__in=groups).values("user"))
