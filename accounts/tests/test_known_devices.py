"""What a new password leaves of the devices that a person is known by."""

import pytest

from accounts import devices, password_changes
from accounts.models import Device, Link, Session, User
from accounts.testing import ORIGIN, PASSWORD, newest_link, sign_in
from kit.clock import utcnow

pytestmark = pytest.mark.django_db
NEW = "purple elephants dance at midnight"


def test_after_a_reset_only_the_device_that_asked_is_known() -> None:
    signed_in = sign_in()
    user = signed_in.user
    mine, other = token_of(user), token_of(sign_in(user).user)
    password_changes.request_reset(email=user.email, now=utcnow(), origin=ORIGIN)
    token = newest_link(user, Link.Purpose.RESET)
    password_changes.reset(token=token, new_password=NEW, device_token=mine, now=utcnow(), origin=ORIGIN)
    assert devices.find_known(user=user, token=mine) is not None
    assert devices.find_known(user=user, token=other) is None


def test_another_persons_device_is_not_kept_by_a_reset() -> None:
    user, stranger = sign_in().user, sign_in().user
    password_changes.request_reset(email=user.email, now=utcnow(), origin=ORIGIN)
    token = newest_link(user, Link.Purpose.RESET)
    password_changes.reset(token=token, new_password=NEW, device_token=token_of(stranger), now=utcnow(), origin=ORIGIN)
    assert not Device.objects.filter(user=user).exists()
    assert Device.objects.filter(user=stranger).exists()


def test_a_changed_password_forgets_every_device_but_the_one_it_was_changed_on() -> None:
    signed_in = sign_in()
    sign_in(signed_in.user)
    session = Session.objects.select_related("user", "device").get(pk=signed_in.session.pk)
    password_changes.change(session=session, current_password=PASSWORD, new_password=NEW, now=utcnow(), origin=ORIGIN)
    assert [device.pk for device in Device.objects.filter(user=signed_in.user)] == [session.device_id]


def token_of(user: User) -> str:
    """Return the token of the device that a person has signed in from last."""
    return devices.token_of(Device.objects.filter(user=user).latest("pk"))
