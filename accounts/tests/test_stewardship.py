"""What staff do to others: allowed, guarded and recorded in one place, whichever door it comes from."""

from typing import Any

import pytest

from accounts import authority, stewardship
from accounts.models import Session, User
from accounts.testing import make_person, sign_in
from audit.testing import entries, the_entry
from kit.clock import utcnow
from kit.errors import Conflict, Invalid, NotFound, PermissionRefused, Throttled

pytestmark = pytest.mark.django_db

taken: list[tuple[User, str]] = []


def take_factors(*, user: User, actor: User, reason: str, now: Any, origin: Any) -> None:
    """Take a person's factors away, as an app above would."""
    taken.append((user, reason))


def managing(settings: Any) -> User:
    """Return staff who see and change people, and delete none."""
    settings.AUTHENTICATION_BACKENDS = ["accounts.tests.house.StaffManagePeople"]
    return make_person(is_staff=True)


def test_refusal_leaves_an_entry_that_says_of_what(settings: Any) -> None:
    manager, root = managing(settings), make_person(is_superuser=True)
    with pytest.raises(authority.BeyondReach):
        stewardship.deactivate(user=root, actor=manager, now=utcnow())
    entry = the_entry("accounts.management.refused")
    assert (entry.actor, entry.target) == (manager.pk, str(root.pk))
    assert entry.details == {"action": "deactivate", "reason": "BeyondReach"}


def test_what_staff_try_is_recorded_when_the_address_had_its_mails(settings: Any) -> None:
    manager, anna = managing(settings), make_person()
    for _ in range(3):
        stewardship.send_password_reset(user=anna, actor=manager, now=utcnow())
    with pytest.raises(Throttled):
        stewardship.send_password_reset(user=anna, actor=manager, now=utcnow())
    entry = the_entry("accounts.management.refused")
    assert (entry.actor, entry.target) == (manager.pk, str(anna.pk))
    assert entry.details == {"action": "send-password-reset", "reason": "Throttled"}


def test_deleting_needs_a_permission_of_its_own(settings: Any) -> None:
    manager, anna = managing(settings), make_person()
    with pytest.raises(PermissionRefused):
        stewardship.delete(user=anna, actor=manager, now=utcnow())
    anna.refresh_from_db()
    assert anna.erase_at is None


def test_operator_does_what_staff_do() -> None:
    anna = make_person()
    stewardship.update(user=anna, changes={"first_name": "Anna"}, actor=None, now=utcnow())
    stewardship.unlock(user=anna, actor=None, now=utcnow())
    stewardship.delete(user=anna, actor=None, now=utcnow())
    stewardship.activate(user=anna, actor=None, now=utcnow())
    stewardship.sign_out(user=anna, actor=None, now=utcnow())
    stewardship.send_password_reset(user=User.objects.get(pk=anna.pk), actor=None, now=utcnow())
    anna.refresh_from_db()
    assert (anna.first_name, anna.is_active) == ("Anna", True)


def test_last_who_may_do_everything_is_not_stopped_by_another() -> None:
    root, other = make_person(is_superuser=True), make_person(is_superuser=True, is_active=False)
    stewardship.activate(user=other, actor=root, now=utcnow())
    stewardship.deactivate(user=root, actor=other, now=utcnow())
    with pytest.raises(Conflict):
        stewardship.deactivate(user=other, actor=None, now=utcnow())
    assert entries("accounts.management.refused")[-1].details["action"] == "deactivate"


def test_second_factors_are_taken_by_the_app_that_has_them_and_sessions_end(settings: Any) -> None:
    settings.ACCOUNTS_FACTOR_RESET = "accounts.tests.test_stewardship.take_factors"
    anna, root = sign_in(), make_person(is_superuser=True)
    stewardship.reset_factors(user=anna.user, actor=root, reason=" Lost her telephone ", now=utcnow())
    assert taken.pop() == (anna.user, "Lost her telephone")
    assert not Session.objects.filter(user=anna.user, ended_at=None).exists()
    entry = the_entry("accounts.factors.reset")
    assert (entry.actor, entry.details) == (root.pk, {"reason": "Lost her telephone"})


@pytest.mark.parametrize("reason", ["x" * 201, "two\nlines"])
def test_reason_of_a_reset_is_one_line(settings: Any, reason: str) -> None:
    settings.ACCOUNTS_FACTOR_RESET = "accounts.tests.test_stewardship.take_factors"
    with pytest.raises(Invalid):
        stewardship.reset_factors(user=make_person(), actor=None, reason=reason, now=utcnow())
    assert taken == []


def test_one_session_is_ended_and_nobody_elses() -> None:
    anna, other, root = sign_in(), sign_in(), make_person(is_superuser=True)
    stewardship.end_session(user=anna.user, session_id=anna.session.pk, actor=root, now=utcnow())
    with pytest.raises(NotFound):
        stewardship.end_session(user=anna.user, session_id=other.session.pk, actor=root, now=utcnow())
    assert Session.objects.get(ended_at=None) == other.session


def test_what_the_owner_froze_staff_do_not_thaw() -> None:
    anna, root = make_person(), make_person(is_superuser=True)
    User.objects.filter(pk=anna.pk).update(frozen_at=utcnow())
    stewardship.activate(user=anna, actor=root, now=utcnow())
    anna.refresh_from_db()
    assert anna.frozen_at is not None
