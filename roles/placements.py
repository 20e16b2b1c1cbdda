"""Which resource lies below which. The house knows nothing of a client's things but what the client says here.

Whoever says so must not gain by it: what reaches the lower resource from then on, she holds there already.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q

from audit.vocabulary import EventType
from kit.errors import Conflict, Invalid, NotFound
from kit.origin import NOWHERE, Origin
from roles import effective, event_types, guards, lineage, permissions, records, resources, stamps
from roles.effective import EffectiveSet
from roles.models import Grant, Membership, Placement
from roles.vocabulary import satisfying

MOST_PARENTS = 20
MOST_LEVELS = 50  # from the top of a tree to its bottom: each question about a resource climbs them
MOST_ABOVE = 1_000  # resources above the one that is placed


class PlacementNotFound(NotFound):
    """The resource does not lie directly below the other."""

    default_detail = "The resource was not put below that one."


class TooManyParents(Conflict):
    """The resource lies directly below as many others as it may."""

    default_detail: ClassVar[str] = f"The resource lies below {MOST_PARENTS} others already, the most there may be."


class TooDeep(Conflict):
    """The resource, or what lies below it, would have too many others above it."""

    default_detail: ClassVar[str] = (
        f"A resource lies below {MOST_ABOVE:,} others at most, counted to the top, and in {MOST_LEVELS} levels."
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """The placement that there is now; `created` is false when there was one like it already."""

    placement: Placement
    created: bool


def place(
    *, resource: str, parent: str, actor: AbstractBaseUser | None, now: dt.datetime, origin: Origin = NOWHERE
) -> Placed:
    """Put a resource below another: what is given or denied on the upper reaches the lower, and all below that.

    Once more the same is one placement. None as `actor` is the operator at the command line. Raises `Invalid`
    (resource, parent: a circle among them), `TooManyParents`, `TooDeep`, `PermissionRefused` when the actor lacks
    `roles.add_placement` on either, and `guards.BeyondReach` when she would gain by it. A refusal leaves an entry too.
    """
    act = _act(event_types.PLACEMENT_MADE, resource, parent, actor=actor, now=now, origin=origin)
    with records.changing(act):
        _require_permission(act, permissions.ADD_PLACEMENT, resource, parent)
        found = Placement.objects.filter(resource=resource, parent=parent).first()
        if found is not None:
            return Placed(placement=found, created=False)
        if resource == parent or resource in lineage.above_all([parent]).get(parent, ()):
            raise Invalid("parent", "This lies below the resource itself: the two would make a circle.", "circle")
        if Placement.objects.filter(resource=resource).count() >= MOST_PARENTS:
            raise TooManyParents
        _require_low(resource, parent)
        before = _line(resource)
        stamps.renew_tree()
        made = Placement.objects.create(resource=resource, parent=parent, created_at=now)
        after = _line(resource)
        if len(after) > MOST_ABOVE + 1:
            raise TooDeep
        _require_no_gain(actor, before=before, after=after, now=now)
        records.record(act)
    return Placed(placement=made, created=True)


def remove(
    *, resource: str, parent: str, actor: AbstractBaseUser | None, now: dt.datetime, origin: Origin = NOWHERE
) -> None:
    """Take a resource from below another: what is given or denied there reaches it no longer by this way.

    Raises `Invalid`, `PlacementNotFound`, `PermissionRefused` when the actor lacks `roles.delete_placement` on either,
    and `guards.BeyondReach` when a denial would no longer reach her. A refusal leaves an entry too.
    """
    act = _act(event_types.PLACEMENT_REMOVED, resource, parent, actor=actor, now=now, origin=origin)
    with records.changing(act):
        _require_permission(act, permissions.DELETE_PLACEMENT, resource, parent)
        before = _line(resource)
        stamps.renew_tree()
        gone, _ = Placement.objects.filter(resource=resource, parent=parent).delete()
        if not gone:
            raise PlacementNotFound
        _require_no_gain(actor, before=before, after=_line(resource), now=now)
        records.record(act)


def _require_low(resource: str, parent: str) -> None:
    """Raise where a line through the two would have too many levels: above the upper, below the lower."""
    below = lineage.levels_below(resource, most=MOST_LEVELS)
    if lineage.levels_above(parent, most=MOST_LEVELS) + 1 + below > MOST_LEVELS:
        raise TooDeep


def _line(resource: str) -> frozenset[str]:
    """Return a resource with all that lies above it, from the database."""
    return frozenset({resource, *lineage.above_all([resource]).get(resource, ())})


def _require_permission(act: records.Act, permission: str, *places: str) -> None:
    for place_ in places:
        guards.require_permission(act.actor, permission=permission, resource=place_, now=act.now)


def _require_no_gain(
    actor: AbstractBaseUser | None, *, before: frozenset[str], after: frozenset[str], now: dt.datetime
) -> None:
    """Raise `guards.BeyondReach` if the actor holds more on a resource by its new line than by its old, at any time.

    What she gains further down she gains on the resource itself, but for a lifted denial: that counts in any case.
    """
    if actor is None:
        return
    for moment in {now, effective.FOREVER, *_ends(actor, before | after, now)}:
        held = effective.lasting(actor, until=moment)
        if _gains(held, before, after):
            raise guards.BeyondReach("You may do more on one of these resources than on the other.")


def _gains(held: EffectiveSet, before: Iterable[str], after: Iterable[str]) -> bool:
    had = held.everywhere.union(*(held.on_resource.get(place_, ()) for place_ in before))
    has = held.everywhere.union(*(held.on_resource.get(place_, ()) for place_ in after))
    if any(had.isdisjoint(satisfying(name)) for name in has - had):
        return True
    denied = frozenset[str]().union(*(held.denied_on.get(place_, ()) for place_ in before))
    return not denied <= held.denied_everywhere.union(*(held.denied_on.get(place_, ()) for place_ in after))


def _ends(actor: AbstractBaseUser, places: frozenset[str], now: dt.datetime) -> set[dt.datetime]:
    """Return when what the actor has there, or everywhere, ends by itself: what she gains may lie between two ends."""
    groups = Membership.objects.filter(user_id=actor.pk).values("group")
    hers = Grant.objects.filter(Q(user_id=actor.pk) | Q(group__in=groups), expires_at__gt=now)
    ends = hers.filter(resource__in={resources.EVERYWHERE, *places}).values_list("expires_at", flat=True).distinct()
    return {end for end in ends if end is not None}


def _act(
    event: EventType, resource: str, parent: str, *, actor: AbstractBaseUser | None, now: dt.datetime, origin: Origin
) -> records.Act:
    """Return the act on two resources. Raises `Invalid` for what is none; everywhere is none."""
    for field, text in (("resource", resource), ("parent", parent)):
        if resources.parse(text, field=field) == resources.EVERYWHERE:
            raise Invalid(field, "Name a resource as type:id.", "required")
    return records.Act(
        event=event,
        actor=actor,
        now=now,
        origin=origin,
        target_kind="resource",
        target=resource,
        details={"resource": resource, "parent": parent},  # the target of an entry is cut short
    )
