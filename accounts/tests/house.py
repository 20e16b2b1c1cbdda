"""What a house above accounts brings, small enough for tests: who answers `has_perm`, and steps of a sign-in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import PermissionDenied
from django.db.models import Expression, F
from django.db.models.functions import Upper

from accounts import event_types
from accounts.models import Device, User
from accounts.sessions import Proofs
from audit import recording
from audit.vocabulary import Outcome
from kit.clock import utcnow
from kit.errors import Conflict
from kit.origin import Origin
from kit.requests import origin_of


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


class StaffActForPeople(SuperusersMay):
    """A superuser may do everything, other staff see people and act for them."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        acts = user_obj.is_staff and perm in {"accounts.view_user", "accounts.impersonate_user"}
        return acts or super().has_perm(user_obj, perm, obj)


class NobodyMay(BaseBackend):
    """Ends every question with no, whatever the backends after it would say."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        raise PermissionDenied


class AlwaysDue:
    """A step that everybody must complete."""

    name = "token"
    admin_page = ""

    def is_due(self, *, user: User, proofs: Proofs, device: Device | None, now: Any, origin: Origin) -> bool:
        return True

    def methods(self, *, user: User) -> list[str]:
        return ["totp", "recovery"]


class NothingEnrolled(AlwaysDue):
    """A step that everybody must complete, and nobody has a way to."""

    def methods(self, *, user: User) -> list[str]:
        return []


class ForStaff(AlwaysDue):
    """A second step, due to staff alone."""

    name = "badge"

    def is_due(self, *, user: User, proofs: Proofs, device: Device | None, now: Any, origin: Origin) -> bool:
        return user.is_staff


class Badge(AlwaysDue):
    """A second step that staff and guests have, and that can be asked again: by the code 123456, or by any key."""

    name = "badge"

    def prove(self, *, user: User, code: str, credential: Any, device: Device | None, **knock: Any) -> tuple[str, ...]:
        if credential:
            return ("hwk",) if credential["type"] == "public-key" else ()
        return ("otp",) if code == "123456" else ()


def shout(user_id_ref: str) -> dict[str, Expression]:
    """Annotate the row of each request, as an app above may."""
    return {"shouted": Upper(F(f"{user_id_ref.removesuffix('_id')}__first_name"))}


def may_manage(*, actor: User, user: User, now: Any) -> bool:
    """Say yes unless the other is a superuser and she is none."""
    return actor.is_superuser or not user.is_superuser


@contextmanager
def last_superuser_kept(*, user: User, now: Any) -> Iterator[None]:
    """Refuse what leaves no active superuser."""
    yield
    if user.is_superuser and not User.objects.filter(is_superuser=True, is_active=True).exists():
        raise Conflict


taken_back: list[int] = []
"""The numbers of the badges that were taken back, in this order."""


def take_badge_back(*, user: User, data: dict[str, int], now: Any, origin: Origin) -> None:
    """Take back a badge that was given, as an app above does with a factor."""
    taken_back.append(data["number"])


def record_refusal(request: Any, permission: str) -> None:
    """Record that somebody lacked a permission, as the house does."""
    recording.record(
        event_types.MANAGEMENT_REFUSED,
        now=utcnow(),
        actor=request.user.pk,
        outcome=Outcome.REFUSED,
        details={"action": permission},
        origin=origin_of(request),
    )
