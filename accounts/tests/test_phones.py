"""A telephone number that is known to be hers."""

import datetime as dt
from typing import Any

import pytest

from accounts import codes, phones, profiles
from accounts.models import SentCode, User
from accounts.testing import ORIGIN, make_person
from audit.testing import the_entry
from kit.errors import Conflict, Invalid, Throttled, Unavailable
from notifications import testing
from notifications.models import Message

pytestmark = pytest.mark.django_db

OLD, NEW = "+4915112345678", "+4915112345679"
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _empty_post_box() -> Any:
    yield
    testing.forget_mail()


def send(user: User, now: dt.datetime, phone: str = "") -> str:
    """Have a code sent; return the one that is on its way."""
    phones.send_code(user=user, phone=phone, now=now, origin=ORIGIN)
    return codes.text_of(SentCode.objects.latest("pk"))


def confirmed(now: dt.datetime, number: str = OLD) -> User:
    """Return a person whose number is confirmed."""
    user = make_person(phone=number)
    return phones.confirm(user=user, code=send(user, now), now=now, origin=ORIGIN)


def test_the_number_of_the_profile_is_confirmed_by_its_code(now: dt.datetime) -> None:
    user = make_person(phone=OLD)
    code = send(user, now)
    assert User.objects.get().phone_confirmed_at is None
    phones.confirm(user=user, code=code, now=now, origin=ORIGIN)
    assert User.objects.values_list("phone", "phone_confirmed_at").get() == (OLD, now)
    assert the_entry("accounts.phone.confirmed").actor == user.pk


def test_the_code_goes_out_by_sms_and_is_kept_nowhere(now: dt.datetime) -> None:
    code = send(make_person(phone=OLD), now)
    testing.deliver_all(now)
    [text] = testing.texts
    assert (text.channel, text.to, code in text.text, "testserver" in text.text) == ("sms", OLD, True, True)
    assert code not in str(Message.objects.values_list("text", "subject", "metadata", "kind"))


def test_a_used_code_is_not_sent_any_more(now: dt.datetime) -> None:
    confirmed(now)
    testing.deliver_all(now)
    assert testing.texts == []


def test_another_number_takes_the_place_of_the_old_one_once_it_is_confirmed(now: dt.datetime) -> None:
    user = make_person(phone=OLD)
    code = send(user, now, NEW)
    assert User.objects.get().phone == OLD
    assert phones.confirm(user=user, code=code, now=now, origin=ORIGIN).phone == NEW


def test_a_wrong_code_confirms_nothing_and_is_recorded(now: dt.datetime) -> None:
    user = make_person(phone=OLD)
    right = send(user, now)
    with pytest.raises(Invalid):
        phones.confirm(user=user, code="000000" if right != "000000" else "000001", now=now, origin=ORIGIN)
    assert User.objects.get().phone_confirmed_at is None
    assert the_entry("accounts.phone.refused").actor == user.pk


@pytest.mark.parametrize("change", [NEW, ""])
def test_another_number_in_the_profile_is_not_confirmed_and_the_owner_is_told(change: str, now: dt.datetime) -> None:
    user = confirmed(now)
    profiles.update(user=user, changes={"phone": change}, now=now)
    assert User.objects.values_list("phone", "phone_confirmed_at").get() == (change, None)
    assert Message.objects.get(kind="accounts.phone_changed").to == [user.email]


def test_a_number_that_was_never_confirmed_is_changed_without_a_word(now: dt.datetime) -> None:
    profiles.update(user=make_person(phone=OLD), changes={"phone": NEW}, now=now)
    assert not Message.objects.exists()


def test_a_code_to_a_number_that_was_changed_meanwhile_confirms_nothing(now: dt.datetime) -> None:
    user = make_person(phone=OLD)
    code = send(user, now)
    profiles.update(user=user, changes={"phone": NEW}, now=now)
    with pytest.raises(Invalid):
        phones.confirm(user=user, code=code, now=now, origin=ORIGIN)


def test_without_a_number_there_is_nothing_to_send_to(now: dt.datetime) -> None:
    with pytest.raises(Invalid) as refused:
        send(make_person(), now)
    assert refused.value.field == "phone"


def test_a_confirmed_number_is_not_confirmed_again(now: dt.datetime) -> None:
    user = confirmed(now)
    with pytest.raises(Conflict):
        send(user, now + MINUTE)
    with pytest.raises(Conflict):
        send(user, now + MINUTE, OLD)


def test_where_nobody_carries_sms_nothing_is_written(now: dt.datetime, settings: Any) -> None:
    settings.NOTIFICATIONS_SMS_PROVIDERS = []
    with pytest.raises(Unavailable):
        send(make_person(phone=OLD), now)
    assert not SentCode.objects.exists()
    assert not Message.objects.exists()


def test_asking_again_at_once_writes_nothing(now: dt.datetime) -> None:
    user = make_person(phone=OLD)
    send(user, now)
    with pytest.raises(Throttled):
        send(user, now + MINUTE / 2)
    assert SentCode.objects.count() == Message.objects.count() == 1
