"""The second factor as a step of every sign-in: of whom it is asked, and by which doors nobody gets round it."""

import datetime as dt
from typing import Any

import pytest

from accounts import login, reauthentication, sign_in_links
from accounts.models import LoginAttempt, SentCode, Session, User
from accounts.sessions import Proofs
from accounts.testing import ORIGIN, PASSWORD, make_person, sign_in
from kit.errors import Invalid, InvalidToken
from mfa import challenges, message_factors, policy, trust
from mfa.factors import Answer
from mfa.login_step import SecondFactor
from mfa.models import Totp
from mfa.testing import challenge_of, code_of, make_contact, make_recovery_codes, make_totp, newest_code

pytestmark = pytest.mark.django_db


def begin(user: User, now: dt.datetime, door: Session.Door = Session.Door.API) -> Any:
    credentials = login.Credentials(name=user.email, password=PASSWORD)
    return login.begin(credentials=credentials, door=door, now=now, origin=ORIGIN)


def nobody(user: User) -> bool:
    return False


def everybody_called_anna(user: User) -> bool:
    return user.first_name == "Anna"


def test_without_a_factor_nobody_is_asked_where_it_is_optional(now: dt.datetime) -> None:
    assert isinstance(begin(make_person(now=now), now), login.StartedSession)


@pytest.mark.parametrize("door", list(Session.Door))
def test_whoever_has_a_factor_is_asked_at_every_door(now: dt.datetime, door: Session.Door) -> None:
    user = make_person(now=now, is_staff=True)
    make_totp(user, now=now)
    due = begin(user, now, door)
    assert isinstance(due, login.StepDue)
    assert (due.step, list(due.methods), due.enrols) == ("second_factor", ["totp"], False)


@pytest.mark.parametrize("asked", ["off", "optional", "required"])
def test_a_factor_is_asked_for_whatever_the_policy(now: dt.datetime, settings: Any, asked: str) -> None:
    settings.MFA_POLICY = asked
    settings.MFA_REQUIRED_FOR = f"{__name__}.nobody"
    user = make_person(now=now)
    make_totp(user, now=now)
    assert isinstance(begin(user, now), login.StepDue)


def test_who_must_have_one_gets_a_challenge_that_only_enrols(now: dt.datetime, settings: Any) -> None:
    settings.MFA_POLICY = "required"
    due = begin(make_person(now=now), now)
    assert due.enrols
    assert not Session.objects.exists()
    with pytest.raises(InvalidToken):
        challenges.answer(challenge=due.challenge, given=Answer(method="totp", code="123456"), now=now, origin=ORIGIN)


def test_recovery_codes_alone_do_not_do_where_a_factor_is_required(now: dt.datetime, settings: Any) -> None:
    settings.MFA_POLICY = "required"
    user = make_person(now=now)
    make_recovery_codes(user)
    assert begin(user, now).enrols


def test_the_house_says_of_whom_it_is_required(now: dt.datetime, settings: Any) -> None:
    settings.MFA_POLICY = "required"
    settings.MFA_REQUIRED_FOR = f"{__name__}.everybody_called_anna"
    assert policy.requires(make_person(now=now, first_name="Anna"))
    assert not policy.requires(make_person(now=now, first_name="Ben"))


def test_the_strict_profile_requires_one_of_staff_under_every_policy(now: dt.datetime, settings: Any) -> None:
    settings.MFA_PROFILE = "strict"
    assert begin(make_person(now=now, is_staff=True), now).enrols
    assert isinstance(begin(make_person(now=now), now), login.StartedSession)


def test_a_factor_that_is_not_taken_any_more_lets_nobody_past(now: dt.datetime, settings: Any) -> None:
    user = make_person(now=now)
    make_contact(user)
    settings.MFA_PROFILE = "strict"
    due = begin(user, now)
    assert due.enrols
    assert not Session.objects.exists()


def test_a_recovery_code_stands_in_for_a_factor_that_is_not_taken_any_more(now: dt.datetime, settings: Any) -> None:
    user = make_person(now=now)
    make_contact(user)
    code = make_recovery_codes(user)[0]
    settings.MFA_PROFILE = "strict"
    given = Answer(method="recovery", code=code)
    result = challenges.answer(challenge=challenge_of(user, now=now), given=given, now=now, origin=ORIGIN)
    assert isinstance(result, login.StartedSession)


def test_a_trusted_device_excuses_nobody_from_setting_one_up(now: dt.datetime, settings: Any) -> None:
    user = make_person(now=now)
    first = sign_in(user, now=now)
    device = make_totp(user, now=now)
    trust.grant(session=first.session, now=now)
    device.delete()
    settings.MFA_POLICY = "required"
    assert SecondFactor().is_due(
        user=user, proofs=Proofs(methods=("pwd",), at=now), device=first.session.device, now=now, origin=ORIGIN
    )


def test_a_code_by_mail_is_no_way_round(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_SIGN_IN_BY_MAIL = True
    user = make_person(now=now)
    make_totp(user, now=now)
    sign_in_links.request(email=user.email, now=now, origin=ORIGIN)
    code = newest_code(user, SentCode.Purpose.SIGN_IN)
    client = sign_in_links.Client()
    due = sign_in_links.by_code(email=user.email, code=code, client=client, now=now, origin=ORIGIN)
    assert isinstance(due, login.StepDue)
    assert not Session.objects.exists()


def test_one_mailbox_is_not_two_factors(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_SIGN_IN_BY_MAIL = True
    user = make_person(now=now)
    make_contact(user)
    sign_in_links.request(email=user.email, now=now, origin=ORIGIN)
    code = newest_code(user, SentCode.Purpose.SIGN_IN)
    client = sign_in_links.Client()
    due = sign_in_links.by_code(email=user.email, code=code, client=client, now=now, origin=ORIGIN)
    assert isinstance(due, login.StepDue)
    later = now + dt.timedelta(minutes=1)
    with pytest.raises(Invalid):
        challenges.send(challenge=due.challenge, method="email", now=later, origin=ORIGIN)
    message_factors.send(user=user, method="email", now=later)
    given = Answer(method="email", code=newest_code(user))
    with pytest.raises(Invalid):
        challenges.answer(challenge=due.challenge, given=given, now=later, origin=ORIGIN)


def test_a_factor_proves_again_who_she_is(now: dt.datetime) -> None:
    user = make_person(now=now)
    signed_in = sign_in(user, now=now)
    device = make_totp(user, now=now)
    later = now + dt.timedelta(hours=1)
    reauthentication.renew(session=signed_in.session, code=code_of(device, later), now=later, origin=ORIGIN)
    session = Session.objects.get()
    assert (session.factor_at, session.auth_time, session.amr) == (later, later, ["pwd", "otp", "mfa"])


def test_a_wrong_factor_proves_nothing_again(now: dt.datetime) -> None:
    user = make_person(now=now)
    signed_in = sign_in(user, now=now)
    make_totp(user, now=now)
    with pytest.raises(Invalid):
        reauthentication.renew(session=signed_in.session, code="11111111", now=now, origin=ORIGIN)
    assert Session.objects.get().factor_at is None


def test_the_challenge_of_an_enrolment_is_none_of_a_sign_in(now: dt.datetime, settings: Any) -> None:
    settings.MFA_POLICY = "required"
    user = make_person(now=now)
    challenge = challenge_of(user, now=now)
    device = make_totp(user, now=now)
    assert LoginAttempt.objects.get().enrols
    given = Answer(method="totp", code=code_of(device, now))
    with pytest.raises(InvalidToken):
        challenges.answer(challenge=challenge, given=given, now=now, origin=ORIGIN)
    assert Totp.objects.get().last_step == -1
