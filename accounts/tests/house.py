"""What a house above accounts brings, small enough for tests: who answers `has_perm`, and steps of a sign-in."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import PermissionDenied
from django.db.models import Expression, F
from django.db.models.functions import Upper

from accounts.models import Device, User
from accounts.sessions import Proofs


class SuperusersMay(BaseBackend):
    """A superuser may do everything, nobody else anything."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return bool(user_obj.is_active and user_obj.is_superuser)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return bool(user_obj.is_active and user_obj.is_superuser)


class StaffManagePeople(SuperusersMay):
    """A superuser may do everything, other staff see and change people."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        manages = user_obj.is_staff and perm in {"accounts.view_user", "accounts.change_user"}
        return manages or super().has_perm(user_obj, perm, obj)


class NobodyMay(BaseBackend):
    """Ends every question with no, whatever the backends after it would say."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        raise PermissionDenied


class AlwaysDue:
    """A step that everybody must complete."""

    name = "token"

    def is_due(self, *, user: User, proofs: Proofs, device: Device | None, now: Any) -> bool:
        return True

    def methods(self, *, user: User) -> list[str]:
        return ["totp", "recovery"]


class ForStaff(AlwaysDue):
    """A second step, due to staff alone."""

    name = "badge"

    def is_due(self, *, user: User, proofs: Proofs, device: Device | None, now: Any) -> bool:
        return user.is_staff


def shout(user_id_ref: str) -> dict[str, Expression]:
    """Annotate the row of each request, as an app above may."""
    return {"shouted": Upper(F(f"{user_id_ref.removesuffix('_id')}__first_name"))}
