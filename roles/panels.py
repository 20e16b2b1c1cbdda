"""What a person's page in the admin shows of her roles (the seam ACCOUNTS_USER_PANELS)."""

import datetime as dt
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.urls import reverse

from roles import effective
from roles.models import Grant

SHOWN = 50


def grants_of(*, person: AbstractBaseUser, viewer: AbstractBaseUser, now: dt.datetime) -> dict[str, Any] | None:
    """Return the panel of a person's grants for who may see grants, with a way to give one for who may give."""
    if not viewer.has_perm("roles.view_grant"):  # type: ignore[attr-defined]
        return None
    rows = Grant.objects.filter(user_id=person.pk).select_related("role").order_by("role_id", "resource")[:SHOWN]
    held = effective.of(person, now=now)
    may_give = viewer.has_perm("roles.add_grant")  # type: ignore[attr-defined]
    return {
        "name": "roles",
        "title": "Roles",
        "template": "roles/admin_grants.html",
        "context": {"grants": rows, "now": now, "permissions": sorted(held.everywhere)},
        "link": f"{reverse('admin:roles_grant_add')}?user={person.pk}" if may_give else "",
        "link_text": "Give a role",
    }
