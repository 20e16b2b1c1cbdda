from typing import Any

import pytest

from accounts import authority, people
from accounts.models import User
from accounts.testing import make_person
from kit.clock import utcnow
from kit.errors import Conflict, PermissionRefused

pytestmark = pytest.mark.django_db

BACKEND = "accounts.tests.house.StaffManagePeople"


def require(actor: User | None, user: User, permission: str = "accounts.change_user") -> None:
    authority.require(actor=actor, user=user, permission=permission, now=utcnow())


def test_operator_at_the_command_line_manages_everybody() -> None:
    require(None, make_person(is_superuser=True))


def test_manager_without_the_permission_is_refused(settings: Any) -> None:
    settings.AUTHENTICATION_BACKENDS = [BACKEND]
    staff, other = make_person(is_staff=True), make_person()
    require(staff, other)
    with pytest.raises(PermissionRefused) as refused:
        require(staff, other, "accounts.delete_user")
    assert not isinstance(refused.value, authority.BeyondReach)


def test_person_who_may_do_more_is_beyond_reach(settings: Any) -> None:
    settings.AUTHENTICATION_BACKENDS = [BACKEND]
    with pytest.raises(authority.BeyondReach):
        require(make_person(is_staff=True), make_person(is_superuser=True))


def test_without_the_seam_only_who_may_do_everything_manages(settings: Any) -> None:
    settings.ACCOUNTS_MAY_MANAGE = ""
    person, root = make_person(), make_person(is_superuser=True)
    assert authority.may_manage(actor=root, user=person, now=utcnow())
    assert not authority.may_manage(actor=person, user=make_person(), now=utcnow())


def test_last_superuser_is_not_deactivated() -> None:
    root = make_person(is_superuser=True)
    with pytest.raises(Conflict):
        people.deactivate(user=root, actor=None, now=utcnow())
    root.refresh_from_db()
    assert root.is_active


def test_without_the_seam_anybody_may_be_deactivated(settings: Any) -> None:
    settings.ACCOUNTS_LAST_HOLDER = ""
    root = make_person(is_superuser=True)
    people.deactivate(user=root, actor=None, now=utcnow())
    assert not root.is_active
