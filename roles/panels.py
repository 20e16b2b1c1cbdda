"""What a person's page in the admin shows of her roles (the seam ACCOUNTS_USER_PANELS)."""

import datetime as dt
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.urls import reverse

from roles import effective, permissions
from roles.models import AccessRequest, Grant, Membership

SHOWN = 50


def grants_of(*, person: AbstractBaseUser, viewer: AbstractBaseUser, now: dt.datetime) -> dict[str, Any] | None:
    """Return the panel of what a person was given and denied, herself and by her groups, for who may see grants.

    Her groups are named to those alone who may see who is in which; what she asks for, to those who see requests.
    """
    if not effective.allows(viewer, permissions.VIEW_GRANT, now=now):
        return None
    held = effective.of(person, now=now)
    may_give = effective.allows(viewer, permissions.ADD_GRANT, now=now)
    return {
        "name": "roles",
        "title": "Roles",
        "template": "roles/admin_grants.html",
        "context": {
            "person": person,
            "grants": _grants(person, viewer, now),
            "requests": _requests(person, viewer, now),
            "now": now,
            "permissions": sorted(held.everywhere),
            "denied": sorted(held.denied_everywhere),
        },
        "link": f"{reverse('admin:roles_grant_add')}?user={person.pk}" if may_give else "",
        "link_text": "Give a role",
    }


def _grants(person: AbstractBaseUser, viewer: AbstractBaseUser, now: dt.datetime) -> list[Grant]:
    """Return her own grants, then those of her groups."""
    own = Grant.objects.filter(user_id=person.pk).order_by("role", "resource")[:SHOWN]
    if not effective.allows(viewer, permissions.VIEW_MEMBERSHIP, now=now):
        return list(own)
    groups = Membership.objects.filter(user_id=person.pk).values("group")
    return [*own, *Grant.objects.filter(group__in=groups).order_by("group", "role", "resource")[:SHOWN]]


def _requests(person: AbstractBaseUser, viewer: AbstractBaseUser, now: dt.datetime) -> list[AccessRequest]:
    """Return what she, or somebody for her, asks for and nobody has decided yet."""
    if not effective.allows(viewer, permissions.VIEW_ACCESS_REQUEST, now=now):
        return []
    waiting = AccessRequest.objects.filter(user_id=person.pk, state=AccessRequest.State.PENDING, lapses_at__gt=now)
    return list(waiting[:SHOWN])
