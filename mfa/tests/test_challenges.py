"""Going on with a sign-in whose password was right."""

import datetime as dt
from typing import Any

import pytest

from accounts import login, password_changes, tokens
from accounts.models import Link, LoginAttempt, Session, User
from accounts.testing import ORIGIN, PASSWORD, make_person, newest_link
from audit.testing import entries
from kit.errors import Invalid, InvalidToken, Throttled
from limits.guesses import FREE_TRIES, Locked
from mfa import challenges, trust
from mfa.factors import Answer
from mfa.models import TrustedDevice
from mfa.testing import challenge_of, code_of, make_contact, make_totp, newest_code
from notifications.models import Message

pytestmark = pytest.mark.django_db

SECOND = dt.timedelta(seconds=1)
MINUTE = dt.timedelta(minutes=1)


def answer(challenge: str, now: dt.datetime, *, code: str = "11111111", method: str = "totp", **more: Any) -> Session:
    given = Answer(method=method, code=code)
    result = challenges.answer(challenge=challenge, given=given, now=now, origin=ORIGIN, **more)
    assert isinstance(result, login.StartedSession)
    return result.session


def wrong(challenge: str, now: dt.datetime, **more: Any) -> None:
    with pytest.raises(challenges.WrongAnswer):
        answer(challenge, now, **more)


def test_a_right_answer_starts_a_session_that_says_so(now: dt.datetime) -> None:
    user = make_person(now=now)
    device = make_totp(user, now=now)
    session = answer(challenge_of(user, now=now), now, code=code_of(device, now))
    assert session.amr == ["pwd", "otp", "mfa"]
    assert session.factor_at == now
    assert tokens.acr(session.amr) == "aal2"


def test_a_challenge_is_good_once(now: dt.datetime) -> None:
    user = make_person(now=now)
    device = make_totp(user, now=now)
    challenge = challenge_of(user, now=now)
    answer(challenge, now, code=code_of(device, now))
    with pytest.raises(InvalidToken):
        answer(challenge, now + MINUTE, code=code_of(device, now + MINUTE))


def test_a_challenge_ends_on_the_second(now: dt.datetime) -> None:
    user = make_person(now=now)
    device = make_totp(user, now=now)
    challenge = challenge_of(user, now=now)
    end = LoginAttempt.objects.get().expires_at
    with pytest.raises(InvalidToken):
        answer(challenge, end, code=code_of(device, end))
    answer(challenge, end - SECOND, code=code_of(device, end - SECOND))


def test_five_wrong_answers_end_a_challenge(now: dt.datetime) -> None:
    user = make_person(now=now)
    device = make_totp(user, now=now)
    challenge = challenge_of(user, now=now)
    for _ in range(5):
        wrong(challenge, now)
    with pytest.raises(InvalidToken):
        answer(challenge, now, code=code_of(device, now))
    answer(challenge_of(user, now=now), now, code=code_of(device, now))


def test_new_challenges_bring_no_new_tries(now: dt.datetime) -> None:
    user = make_person(now=now)
    device = make_totp(user, now=now)
    for _ in range(FREE_TRIES):
        wrong(challenge_of(user, now=now), now)
    with pytest.raises(Locked):
        answer(challenge_of(user, now=now), now, code=code_of(device, now))


def test_what_can_be_no_answer_is_not_counted(now: dt.datetime) -> None:
    user = make_person(now=now)
    device = make_totp(user, now=now)
    challenge = challenge_of(user, now=now)
    for code in ("", "12345", " 123456"):
        with pytest.raises(Invalid):
            answer(challenge, now, code=code)
    assert LoginAttempt.objects.get().tries == 0
    answer(challenge, now, code=code_of(device, now))


def test_another_persons_code_is_wrong(now: dt.datetime) -> None:
    anna, ben = make_person(now=now), make_person(now=now)
    make_totp(anna, now=now)
    wrong(challenge_of(anna, now=now), now, code=code_of(make_totp(ben, now=now), now))


def test_a_challenge_of_the_admin_is_not_taken_at_the_api(now: dt.datetime) -> None:
    user = make_person(now=now, is_staff=True)
    device = make_totp(user, now=now)
    credentials = login.Credentials(name=user.email, password=PASSWORD)
    due = login.begin(credentials=credentials, door=Session.Door.ADMIN, now=now, origin=ORIGIN)
    assert isinstance(due, login.StepDue)
    with pytest.raises(InvalidToken):
        answer(due.challenge, now, code=code_of(device, now))
    assert answer(due.challenge, now, code=code_of(device, now), door=Session.Door.ADMIN).door == "admin"


def test_a_challenge_dies_with_the_password(now: dt.datetime) -> None:
    user = make_person(now=now)
    device = make_totp(user, now=now)
    challenge = challenge_of(user, now=now)
    reset(user, now)
    with pytest.raises(InvalidToken):
        answer(challenge, now, code=code_of(device, now))


def reset(user: User, now: dt.datetime) -> None:
    password_changes.request_reset(email=user.email, now=now, origin=ORIGIN)
    token = newest_link(user, Link.Purpose.RESET)
    password_changes.reset(token=token, new_password=f"{PASSWORD}!", now=now, origin=ORIGIN)


def test_a_reset_gives_no_tries_at_the_factor_back(now: dt.datetime) -> None:
    user = make_person(now=now)
    device = make_totp(user, now=now)
    for _ in range(FREE_TRIES):
        wrong(challenge_of(user, now=now), now)
    reset(user, now)
    credentials = login.Credentials(name=user.email, password=f"{PASSWORD}!")
    due = login.begin(credentials=credentials, door=Session.Door.API, now=now, origin=ORIGIN)
    assert isinstance(due, login.StepDue)
    with pytest.raises(Locked):
        answer(due.challenge, now, code=code_of(device, now))


def test_a_code_goes_to_the_confirmed_contact(now: dt.datetime) -> None:
    user = make_person(now=now, phone="+3725550000")
    make_contact(user, "sms", to="+3725550123")
    challenge = challenge_of(user, now=now)
    challenges.send(challenge=challenge, method="sms", now=now, origin=ORIGIN)
    assert Message.objects.get(kind="mfa.code_by_sms").to == ["+3725550123"]
    assert answer(challenge, now, method="sms", code=newest_code(user)).amr == ["pwd", "sms", "mfa"]
    assert len(entries("mfa.code.sent")) == 1


def test_a_new_code_ends_the_old_one_and_keeps_the_tries(now: dt.datetime) -> None:
    user = make_person(now=now)
    make_contact(user)
    challenge = challenge_of(user, now=now)
    challenges.send(challenge=challenge, method="email", now=now, origin=ORIGIN)
    old = newest_code(user)
    challenges.send(challenge=challenge, method="email", now=now + MINUTE, origin=ORIGIN)
    assert newest_code(user) != old
    for _ in range(4):
        wrong(challenge, now + MINUTE, method="email", code=old)
    assert answer(challenge, now + MINUTE, method="email", code=newest_code(user)).amr == ["pwd", "otp", "mfa"]


def test_codes_go_out_at_a_pace(now: dt.datetime) -> None:
    user = make_person(now=now)
    make_contact(user)
    sent = 0
    for second in range(0, 600, 30):
        try:
            challenges.send_to(user=user, method="email", now=now + second * SECOND, origin=ORIGIN)
            sent += 1
        except Throttled:
            continue
    assert sent == 5


@pytest.mark.parametrize("method", ["sms", "totp", "recovery", "webauthn", "push", ""])
def test_no_code_goes_by_a_method_that_is_not_hers(now: dt.datetime, method: str) -> None:
    user = make_person(now=now)
    make_contact(user, "email")
    with pytest.raises(Invalid):
        challenges.send(challenge=challenge_of(user, now=now), method=method, now=now, origin=ORIGIN)
    assert not Message.objects.filter(kind__startswith="mfa.").exists()


def test_a_code_that_went_to_an_older_contact_is_wrong_and_stays_unspent(now: dt.datetime) -> None:
    user = make_person(now=now)
    contact = make_contact(user, "email", to="old@example.com")
    challenge = challenge_of(user, now=now)
    challenges.send(challenge=challenge, method="email", now=now, origin=ORIGIN)
    contact.to = "new@example.com"
    contact.save()
    wrong(challenge, now, method="email", code=newest_code(user))


def test_a_trusted_device_is_asked_for_no_factor(now: dt.datetime) -> None:
    user = make_person(now=now)
    device = make_totp(user, now=now)
    session = answer(challenge_of(user, now=now), now, code=code_of(device, now), trust_device=True)
    assert trust.is_trusted(device=session.device, user=user, origin=ORIGIN, now=now)
    assert len(entries("mfa.device.trusted")) == 1


def test_no_device_is_trusted_unasked(now: dt.datetime) -> None:
    user = make_person(now=now)
    device = make_totp(user, now=now)
    answer(challenge_of(user, now=now), now, code=code_of(device, now))
    assert not TrustedDevice.objects.exists()


def test_the_strict_profile_trusts_no_device(now: dt.datetime, settings: Any) -> None:
    settings.MFA_PROFILE = "strict"
    user = make_person(now=now)
    device = make_totp(user, now=now)
    answer(challenge_of(user, now=now), now, code=code_of(device, now), trust_device=True)
    assert not TrustedDevice.objects.exists()
    assert entries("mfa.device.trusted") == []
