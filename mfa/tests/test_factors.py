"""All factors behind one door: what a person has, and what a right answer proves."""

import datetime as dt
from typing import Any

import pytest

from accounts import codes, devices, guessing, people
from accounts.models import Device, User
from accounts.testing import ORIGIN, make_person, sign_in
from kit.errors import Invalid, Throttled
from limits import guesses
from mfa import factors, message_factors
from mfa.factors import Answer
from mfa.models import Totp
from mfa.testing import code_of, make_contact, make_recovery_codes, make_totp, newest_code

pytestmark = pytest.mark.django_db

MINUTE = dt.timedelta(minutes=1)


def knock(user: User, now: dt.datetime, device: Device | None = None) -> guessing.Knock:
    return guessing.Knock(door="api", name=user.email, device=device, now=now, origin=ORIGIN)


def prove(user: User, now: dt.datetime, *, device: Device | None = None, **answer: Any) -> tuple[str, ...]:
    return factors.prove(user=user, answer=Answer(**answer), knock=knock(user, now, device), now=now)


def send(user: User, method: str, now: dt.datetime) -> str:
    message_factors.send(user=user, method=method, now=now)
    return newest_code(user)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_what_she_has_is_told_the_strongest_first(now: dt.datetime) -> None:
    user = make_person(now=now)
    make_recovery_codes(user)
    make_contact(user, "email")
    make_contact(user, "sms")
    make_totp(user, now=now)
    assert factors.methods_of(user) == ["totp", "sms", "email", "recovery"]


def test_recovery_codes_alone_are_no_factor(now: dt.datetime) -> None:
    user = make_person(now=now)
    make_recovery_codes(user)
    assert factors.methods_of(user) == []
    assert not factors.has_any(user)


def test_what_she_has_costs_one_statement(now: dt.datetime, django_assert_num_queries: Any) -> None:
    user = make_person(now=now)
    with django_assert_num_queries(1):
        assert factors.methods_of(user) == []


def test_an_unconfirmed_factor_is_neither_asked_for_nor_taken(now: dt.datetime) -> None:
    user = make_person(now=now)
    device = make_totp(user, now=now)
    Totp.objects.update(confirmed=False)
    assert factors.methods_of(user) == []
    assert prove(user, now, method="totp", code=code_of(device, now)) == ()


def test_the_strict_profile_takes_no_codes_by_message(now: dt.datetime, settings: Any) -> None:
    user = make_person(now=now)
    make_contact(user)
    code = send(user, "email", now)
    settings.MFA_PROFILE = "strict"
    assert factors.methods_of(user) == []
    assert factors.has_any(user)
    assert prove(user, now, method="email", code=code) == ()


def test_of_staff_the_strict_profile_takes_no_application_but_a_recovery_code(now: dt.datetime, settings: Any) -> None:
    user = make_person(now=now, is_staff=True)
    make_totp(user, now=now)
    make_recovery_codes(user)
    settings.MFA_PROFILE = "strict"
    assert factors.methods_of(user) == ["recovery"]


def test_each_method_proves_what_it_is(now: dt.datetime) -> None:
    user = make_person(now=now)
    device, recovery_code = make_totp(user, now=now), make_recovery_codes(user)[0]
    make_contact(user, "email")
    make_contact(user, "sms", to="+3725550199")
    assert prove(user, now, method="totp", code=code_of(device, now)) == ("otp", "mfa")
    assert prove(user, now, method="recovery", code=recovery_code) == ("otp", "mfa")
    assert prove(user, now, method="email", code=send(user, "email", now)) == ("otp", "mfa")
    later = now + 2 * MINUTE
    assert prove(user, later, method="sms", code=send(user, "sms", later)) == ("sms", "mfa")


def test_a_right_answer_is_right_once(now: dt.datetime) -> None:
    user = make_person(now=now)
    code = code_of(make_totp(user, now=now), now)
    assert prove(user, now, method="totp", code=code)
    assert not prove(user, now, method="totp", code=code)


@pytest.mark.parametrize("method", ["recovery", "webauthn", "sms", "email", "none", "second_factor"])
def test_a_method_she_has_not_proves_nothing_and_counts(now: dt.datetime, method: str) -> None:
    user = make_person(now=now)
    code = code_of(make_totp(user, now=now), now)
    assert prove(user, now, method=method, code=code) == ()
    assert [
        one.tries for one in guesses.state(people.guess_subject(user, ""), now) if one.factor == factors.FACTOR
    ] == [1]


def test_a_bare_code_is_looked_at_as_what_its_form_says(now: dt.datetime) -> None:
    user = make_person(now=now)
    device, recovery_code = make_totp(user, now=now), make_recovery_codes(user)[0]
    make_contact(user)
    assert prove(user, now, code=code_of(device, now)) == ("otp", "mfa")
    assert prove(user, now, code=recovery_code) == ("otp", "mfa")
    assert prove(user, now, code=send(user, "email", now)) == ("otp", "mfa")


@pytest.mark.parametrize(
    "code", ["", " 123456", "123 456", "123456\n", "+123456", "12345", "123456789", "１２３４５６", "١٢٣٤٥٦"]
)
def test_what_is_no_code_is_refused_before_it_is_counted(now: dt.datetime, code: str) -> None:
    user = make_person(now=now)
    make_totp(user, now=now)
    for method in ("totp", ""):
        with pytest.raises(Invalid):
            prove(user, now, method=method, code=code)
    assert guesses.state(people.guess_subject(user, ""), now) == []


def test_the_same_code_as_people_write_it_is_not_taken_twice(now: dt.datetime) -> None:
    user = make_person(now=now)
    code = make_recovery_codes(user)[0]
    make_totp(user, now=now)
    assert prove(user, now, method="recovery", code=code)
    assert not prove(user, now, method="recovery", code=code.lower().replace("-", ""))


def test_all_methods_are_counted_together(now: dt.datetime) -> None:
    user = make_person(now=now)
    make_totp(user, now=now)
    make_recovery_codes(user)
    for turn in range(guesses.FREE_TRIES):
        method, code = ("recovery", "AAAA-AAAA-AAAA-AAAA") if turn % 2 else ("totp", "1" * 8)
        assert prove(user, now, method=method, code=code) == ()
    with pytest.raises(guesses.Locked):
        prove(user, now, method="totp", code="000000")


def test_codes_by_message_take_five_tries_whichever_the_code(now: dt.datetime) -> None:
    user = make_person(now=now)
    make_contact(user)
    for _ in range(5):
        assert prove(user, now, method="email", code=wrong(send(user, "email", now))) == ()
        now += MINUTE
    code = newest_code(user)
    with pytest.raises(Throttled):
        prove(user, now, method="email", code=code)


def test_a_bare_code_of_an_application_is_taken_when_tries_at_messages_are_used_up(now: dt.datetime) -> None:
    user = make_person(now=now)
    device = make_totp(user, now=now)
    make_contact(user)
    sent = send(user, "email", now)
    for _ in range(5):
        assert prove(user, now, code=wrong(sent)) == ()
    assert prove(user, now, code=sent) == ()
    assert prove(user, now, code=code_of(device, now)) == ("otp", "mfa")


def test_tries_at_messages_are_not_used_up_by_who_is_locked_out(now: dt.datetime) -> None:
    user = make_person(now=now)
    make_contact(user)
    for _ in range(guesses.FREE_TRIES):
        assert prove(user, now, method="totp", code="11111111") == ()
    for _ in range(codes.TRIES):
        with pytest.raises(guesses.Locked):
            prove(user, now, method="email", code="000000")
    later = now + MINUTE
    assert prove(user, later, method="email", code=send(user, "email", later))


def test_a_device_on_which_a_factor_was_proved_has_its_own_tries_at_messages(now: dt.datetime) -> None:
    user = make_person(now=now)
    session = sign_in(user, now=now).session
    type(session).objects.filter(pk=session.pk).update(factor_at=now)
    make_contact(user)
    sent = send(user, "email", now)
    for _ in range(codes.TRIES):
        assert prove(user, now, method="email", code=wrong(sent)) == ()
    for device in (None, sign_in(make_person(now=now), now=now).session.device):
        with pytest.raises(Throttled):
            prove(user, now, device=device, method="email", code=sent)
    for _ in range(codes.TRIES - 1):
        assert prove(user, now, device=session.device, method="email", code=wrong(sent)) == ()
    assert prove(user, now, device=session.device, method="email", code=sent)


def test_a_try_too_many_at_messages_is_counted_as_any_other(now: dt.datetime) -> None:
    user = make_person(now=now)
    make_contact(user)
    for _ in range(codes.TRIES):
        assert prove(user, now, method="email", code="000000") == ()
    for _ in range(guesses.FREE_TRIES - codes.TRIES):
        with pytest.raises(Throttled):
            prove(user, now, method="email", code="000000")
    with pytest.raises(guesses.Locked):
        prove(user, now, method="email", code="000000")


def test_a_device_that_knew_the_password_alone_has_no_tries_of_its_own(now: dt.datetime) -> None:
    user = make_person(now=now)
    device = sign_in(user, now=now).session.device
    make_totp(user, now=now)
    for _ in range(guesses.FREE_TRIES):
        assert prove(user, now, method="totp", code="11111111") == ()
    with pytest.raises(guesses.Locked):
        prove(user, now, device=device, method="totp", code="11111111")


def test_a_device_on_which_a_factor_was_proved_is_not_locked_out_by_others(now: dt.datetime) -> None:
    user = make_person(now=now)
    session = sign_in(user, now=now).session
    type(session).objects.filter(pk=session.pk).update(factor_at=now)
    device = make_totp(user, now=now)
    for _ in range(guesses.FREE_TRIES):
        assert prove(user, now, method="totp", code="11111111") == ()
    assert prove(user, now, device=session.device, method="totp", code=code_of(device, now))


def test_the_device_of_an_unlock_link_gives_no_tries_at_the_factor(now: dt.datetime) -> None:
    user = make_person(now=now)
    make_totp(user, now=now)
    device = devices.register(user=user, name="", now=now)
    guesses.welcome(subject=people.guess_subject(user, ""), device_id=device.pk, now=now)
    for _ in range(guesses.FREE_TRIES):
        prove(user, now, method="totp", code="11111111")
    with pytest.raises(guesses.Locked):
        prove(user, now, device=device, method="totp", code="11111111")
