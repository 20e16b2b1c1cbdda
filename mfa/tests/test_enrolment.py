"""Who may set up a second factor, on what proof, and what comes of it."""

import datetime as dt
from typing import Any

import pytest

from accounts import login, people
from accounts.models import LoginAttempt, Session
from accounts.reauthentication import ReauthenticationRequired
from accounts.testing import ORIGIN, PASSWORD, SignedIn, make_person, sign_in
from audit.models import Entry
from audit.testing import the_entry
from kit.errors import Conflict, Invalid, InvalidToken, NotAuthenticated, Throttled
from mfa import enrolment, inventory, recovery, setups, tasks
from mfa.factors import Answer
from mfa.models import Totp
from mfa.testing import challenge_of, code_of, make_recovery_codes, make_totp

pytestmark = pytest.mark.django_db

LATER = dt.timedelta(minutes=11)  # than a sign-in of a moment ago


def who(signed_in: SignedIn, now: dt.datetime) -> enrolment.Enrolling:
    session = Session.objects.select_related("user", "device").get(pk=signed_in.session.pk)
    return enrolment.who_enrols(session=session, now=now)


def begin(someone: enrolment.Enrolling, now: dt.datetime, *, password: str = "", **answer: Any) -> Totp:
    """Begin to set up an authenticator application; return it."""
    proof = setups.Proof(answer=Answer(**answer), password=password)
    given: dict[str, Any] = {"name": "telephone", "algorithm": "SHA1", "digits": 6}
    offer = setups.begin_totp(who=someone, proof=proof, now=now, origin=ORIGIN, **given)
    device: Totp = Totp.objects.get(user=someone.user, confirmed=False)
    assert device.key == offer.secret
    return device


def verify(someone: enrolment.Enrolling, code: str, now: dt.datetime) -> enrolment.Enrolled:
    return setups.verify(who=someone, code=code, now=now, origin=ORIGIN)


def must_enrol(settings: Any, now: dt.datetime, **fields: Any) -> enrolment.Enrolling:
    """Return somebody who must set up a factor before she gets a session."""
    settings.MFA_POLICY = "required"
    challenge = challenge_of(make_person(**fields), now=now)
    return enrolment.who_enrols(session=None, challenge=challenge, now=now)


def test_a_first_factor_is_on_after_its_first_code_and_brings_ten_recovery_codes(now: dt.datetime) -> None:
    anna = who(sign_in(now=now), now)
    device = begin(anna, now)
    assert inventory.list_of(anna.user) == []
    done = verify(anna, code_of(device, now), now)
    [item] = inventory.list_of(anna.user)
    assert (item.id, item.method, item.name, item.last_used_at) == (device.pk, "totp", "telephone", now)
    assert (len(done.recovery_codes), recovery.count_left(anna.user)) == (10, 10)
    entry = the_entry("mfa.factor.added")
    assert entry.details == {"method": "totp", "factor": str(device.pk), "is_first": True, "by_challenge": False}


def test_the_code_that_turned_it_on_is_used_up(now: dt.datetime) -> None:
    anna = who(sign_in(now=now), now)
    device = begin(anna, now)
    code = code_of(device, now)
    verify(anna, code, now)
    assert Totp.objects.get().last_step == int(now.timestamp()) // 30
    with pytest.raises(Invalid):
        verify(anna, code, now)


def test_a_further_factor_brings_no_recovery_codes(now: dt.datetime) -> None:
    anna = who(sign_in(now=now), now)
    first = make_totp(anna.user)
    make_recovery_codes(anna.user)
    device = begin(anna, now, code=code_of(first, now))
    assert verify(anna, code_of(device, now), now).recovery_codes == []
    assert len(inventory.list_of(anna.user)) == 2
    assert the_entry("mfa.factor.added").details["is_first"] is False


def test_a_session_that_confirmed_a_factor_has_proved_it(now: dt.datetime) -> None:
    anna = who(sign_in(now=now), now)
    verify(anna, code_of(begin(anna, now), now), now)
    session = Session.objects.get()
    assert (session.factor_at, session.amr) == (now, ["pwd", "otp", "mfa"])


def test_a_first_factor_asks_for_the_password_or_a_sign_in_of_a_moment_ago(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    anna = who(signed_in, now + LATER)
    with pytest.raises(ReauthenticationRequired):
        begin(anna, now + LATER)
    with pytest.raises(Invalid):
        begin(anna, now + LATER, password="another one")
    begin(anna, now + LATER, password=PASSWORD)


def test_a_further_factor_asks_for_one_that_she_has_and_no_password_will_do(now: dt.datetime) -> None:
    anna = who(sign_in(now=now), now)
    first = make_totp(anna.user)
    with pytest.raises(ReauthenticationRequired) as asked:
        begin(anna, now, password=PASSWORD)
    assert asked.value.extra == {"max_age": 600, "methods": ["totp"]}
    with pytest.raises(Invalid):
        begin(anna, now, code="000000")
    assert not Totp.objects.filter(confirmed=False).exists()
    begin(anna, now, code=code_of(first, now))


def test_a_further_factor_takes_one_that_was_proved_in_this_session_a_moment_ago(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    make_totp(signed_in.user)
    Session.objects.update(factor_at=now)
    with pytest.raises(ReauthenticationRequired):
        begin(who(signed_in, now + LATER), now + LATER)
    begin(who(signed_in, now), now)


def test_a_second_beginning_ends_the_first(now: dt.datetime) -> None:
    anna = who(sign_in(now=now), now)
    old = begin(anna, now)
    new = begin(anna, now)
    with pytest.raises(Invalid):
        verify(anna, code_of(old, now), now)
    assert verify(anna, code_of(new, now), now).factor.pk == new.pk


def test_what_was_begun_when_another_factor_came_is_gone(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    anna, thief = who(signed_in, now), who(signed_in, now)
    mine = begin(thief, now)
    his = begin(anna, now)
    Totp.objects.create(user=anna.user, key=mine.key, created_at=now)  # as two at once would leave it
    verify(anna, code_of(his, now), now)
    with pytest.raises(Invalid) as refused:
        verify(thief, code_of(mine, now), now)
    assert refused.value.reason == "nothing_begun"


def test_a_wrong_code_turns_nothing_on_and_is_recorded(now: dt.datetime) -> None:
    anna = who(sign_in(now=now), now)
    device = begin(anna, now)
    with pytest.raises(Invalid):
        verify(anna, f"{(int(code_of(device, now)) + 1) % 10**6:06}", now)
    assert inventory.list_of(anna.user) == []
    assert the_entry("mfa.enrolment.refused").details == {"method": "totp"}
    verify(anna, code_of(device, now), now)


def test_after_five_tries_no_code_is_looked_at(now: dt.datetime) -> None:
    anna = who(sign_in(now=now), now)
    device = begin(anna, now)
    for _ in range(5):
        with pytest.raises(Invalid):
            verify(anna, "12345678", now)
    with pytest.raises(Throttled):
        verify(anna, code_of(device, now), now)


@pytest.mark.parametrize(
    "code", ["", "12345", "123456789", " 123456", "12345a", "\uff11\uff12\uff13\uff14\uff15\uff16"]
)
def test_what_can_be_no_code_is_not_counted(now: dt.datetime, code: str) -> None:
    anna = who(sign_in(now=now), now)
    device = begin(anna, now)
    for _ in range(6):
        with pytest.raises(Invalid):
            verify(anna, code, now)
    verify(anna, code_of(device, now), now)


def test_what_was_begun_is_good_for_a_quarter_of_an_hour(now: dt.datetime) -> None:
    anna, late = who(sign_in(now=now), now), now + dt.timedelta(minutes=15)
    device = begin(anna, now)
    with pytest.raises(Invalid):
        verify(anna, code_of(device, late), late)
    assert enrolment.purge(now=late - dt.timedelta(seconds=1)) == 0
    assert enrolment.purge(now=late) == 1


def test_the_periodic_work_deletes_what_was_never_confirmed(now: dt.datetime) -> None:
    device = begin(who(sign_in(now=now), now), now)
    make_totp(device.user, now=now - dt.timedelta(days=1))
    assert tasks.purge() == 0
    Totp.objects.filter(pk=device.pk).update(created_at=now - dt.timedelta(minutes=15))
    assert tasks.purge() == 1
    assert Totp.objects.get().confirmed


def test_who_must_have_a_factor_sets_it_up_with_her_challenge_and_is_not_signed_in(
    settings: Any, now: dt.datetime
) -> None:
    anna = must_enrol(settings, now)
    done = verify(anna, code_of(begin(anna, now), now), now)
    assert len(done.recovery_codes) == 10
    assert LoginAttempt.objects.get().spent_at == now
    assert not Session.objects.exists()
    assert the_entry("mfa.factor.added").details["by_challenge"] is True


def test_a_challenge_sets_up_one_factor_and_no_more(settings: Any, now: dt.datetime) -> None:
    anna = must_enrol(settings, now)
    verify(anna, code_of(begin(anna, now), now), now)
    with pytest.raises(Conflict):
        begin(anna, now)
    with pytest.raises(InvalidToken):
        login.spend(LoginAttempt.objects.get(), now=now)


def test_of_two_challenges_of_one_person_one_sets_up_a_factor(settings: Any, now: dt.datetime) -> None:
    anna = must_enrol(settings, now)
    other = enrolment.who_enrols(session=None, challenge=challenge_of(anna.user, now=now), now=now)
    device = begin(anna, now)
    verify(other, code_of(device, now), now)
    with pytest.raises(Conflict):
        begin(anna, now)
    Totp.objects.create(user=anna.user, key=device.key, created_at=now)
    with pytest.raises(Conflict):
        verify(anna, code_of(device, now, steps=1), now)
    assert len(inventory.list_of(anna.user)) == 1


def test_a_challenge_that_signs_in_sets_nothing_up(now: dt.datetime) -> None:
    user = make_person()
    make_totp(user)
    with pytest.raises(InvalidToken):
        enrolment.who_enrols(session=None, challenge=challenge_of(user, now=now), now=now)


def test_a_challenge_is_good_for_a_quarter_of_an_hour(settings: Any, now: dt.datetime) -> None:
    settings.MFA_POLICY = "required"
    challenge, end = challenge_of(make_person(), now=now), now + dt.timedelta(minutes=15)
    enrolment.who_enrols(session=None, challenge=challenge, now=end - dt.timedelta(seconds=1))
    with pytest.raises(InvalidToken):
        enrolment.who_enrols(session=None, challenge=challenge, now=end)


def test_without_session_or_challenge_nobody_sets_anything_up(now: dt.datetime) -> None:
    with pytest.raises(NotAuthenticated):
        enrolment.who_enrols(session=None, now=now)


def test_a_challenge_beside_a_session_is_refused(settings: Any, now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    settings.MFA_POLICY = "required"
    challenge = challenge_of(make_person(), now=now)
    with pytest.raises(Invalid) as refused:
        enrolment.who_enrols(session=signed_in.session, challenge=challenge, now=now)
    assert refused.value.field == "challenge"


def test_where_factors_are_off_nobody_sets_one_up(settings: Any, now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    settings.MFA_POLICY = "off"
    with pytest.raises(Conflict):
        who(signed_in, now)


def test_a_strict_house_takes_no_contact(settings: Any, now: dt.datetime) -> None:
    settings.MFA_PROFILE = "strict"
    session = sign_in(now=now).session
    enrolment.who_enrols(session=session, method="totp", now=now)
    with pytest.raises(Invalid):
        enrolment.who_enrols(session=session, method="email", now=now)


def test_a_stopped_account_sets_nothing_up(settings: Any, now: dt.datetime) -> None:
    anna = must_enrol(settings, now)
    device = begin(anna, now)
    people.deactivate(user=anna.user, actor=None, now=now)
    for call in (lambda: begin(anna, now), lambda: verify(anna, code_of(device, now), now)):
        with pytest.raises(InvalidToken):
            call()
    assert not Entry.objects.filter(action="mfa.factor.added").exists()


def test_an_account_has_five_applications_at_most(now: dt.datetime) -> None:
    anna = who(sign_in(now=now), now)
    first, *_ = [make_totp(anna.user) for _ in range(enrolment.MOST - 1)]
    begin(anna, now, code=code_of(first, now))
    make_totp(anna.user)
    with pytest.raises(Conflict):
        begin(anna, now, code=code_of(first, now, steps=1))
