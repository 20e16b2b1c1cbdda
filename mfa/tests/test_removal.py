"""Removing factors and making recovery codes anew: with a factor in hand alone."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from accounts import people
from accounts.models import Session
from accounts.reauthentication import ReauthenticationRequired
from accounts.testing import ORIGIN, SignedIn, make_person, sign_in
from audit.testing import the_entry
from kit.errors import Conflict, Invalid, InvalidToken, NotFound
from kit.ids import uuid7
from limits.guesses import Locked
from mfa import inventory, recovery, removal, trust
from mfa.factors import Answer
from mfa.models import Ceremony, RecoveryCode, Totp, TrustedDevice
from mfa.testing import code_of, make_contact, make_recovery_codes, make_totp

pytestmark = pytest.mark.django_db

LATER = dt.timedelta(minutes=10)
Call = Callable[..., Any]


class Anna:
    """Somebody signed in by her password, with two factors and ten recovery codes."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        signed_in: SignedIn = sign_in(now=now)
        self.user, self.session = signed_in.user, signed_in.session
        self.totp, self.contact = make_totp(self.user, now=now), make_contact(self.user, now=now)
        self.codes = make_recovery_codes(self.user, now=now)

    def give(self, code: str = "", *, now: dt.datetime | None = None) -> dict[str, Any]:
        """Return what each of the calls is given."""
        session = Session.objects.select_related("user", "device").get(pk=self.session.pk)
        return {"session": session, "answer": Answer(code=code), "now": now or self.now, "origin": ORIGIN}

    def remove(self, code: str = "", **more: Any) -> None:
        removal.remove(factor_id=self.totp.pk, **self.give(code, **more))

    def remove_all(self, code: str = "", **more: Any) -> None:
        removal.remove_all(**self.give(code, **more))

    def renew(self, code: str = "", **more: Any) -> list[str]:
        return removal.renew_recovery_codes(**self.give(code, **more))

    @property
    def has(self) -> list[str]:
        return [item.method for item in inventory.list_of(self.user)]


@pytest.fixture
def anna(now: dt.datetime) -> Anna:
    return Anna(now)


CALLS = [Anna.remove, Anna.remove_all, Anna.renew]


@pytest.mark.parametrize("call", CALLS)
def test_a_code_of_a_factor_will_do(anna: Anna, call: Call) -> None:
    call(anna, code_of(anna.totp, anna.now))


@pytest.mark.parametrize("call", CALLS)
def test_a_recovery_code_will_do(anna: Anna, call: Call) -> None:
    call(anna, anna.codes[0])


@pytest.mark.parametrize("call", CALLS)
def test_a_factor_that_was_proved_in_this_session_a_moment_ago_will_do(anna: Anna, call: Call) -> None:
    Session.objects.update(factor_at=anna.now)
    with pytest.raises(ReauthenticationRequired):
        call(anna, now=anna.now + LATER)
    call(anna, now=anna.now + LATER - dt.timedelta(seconds=1))


@pytest.mark.parametrize("call", CALLS)
def test_a_sign_in_by_password_of_a_moment_ago_will_not(anna: Anna, call: Call) -> None:
    with pytest.raises(ReauthenticationRequired):
        call(anna)
    assert (anna.has, recovery.count_left(anna.user)) == (["totp", "email"], 10)


@pytest.mark.parametrize("call", CALLS)
def test_a_wrong_code_will_not_however_fresh_the_session_is(anna: Anna, call: Call) -> None:
    Session.objects.update(factor_at=anna.now)
    with pytest.raises(Invalid) as refused:
        call(anna, "000000" if code_of(anna.totp, anna.now) != "000000" else "111111")
    assert (refused.value.field, refused.value.reason) == ("code", "wrong")
    assert (anna.has, recovery.count_left(anna.user)) == (["totp", "email"], 10)


@pytest.mark.parametrize("call", CALLS)
def test_the_code_that_proved_it_is_used_up(anna: Anna, call: Call) -> None:
    code = code_of(anna.totp, anna.now)
    anna.renew(code)
    with pytest.raises(Invalid):
        call(anna, code)


@pytest.mark.parametrize("call", CALLS)
def test_tries_are_counted_with_those_of_a_sign_in(anna: Anna, call: Call) -> None:
    wrong = "ABCD-EFGH-JKMN-PQRS"
    for _ in range(10):
        with pytest.raises(Invalid):
            call(anna, wrong)
    with pytest.raises(Locked):
        call(anna, code_of(anna.totp, anna.now))


@pytest.mark.parametrize("call", CALLS)
def test_a_stopped_account_changes_nothing(anna: Anna, call: Call) -> None:
    given = anna.give(code_of(anna.totp, anna.now))
    people.deactivate(user=anna.user, actor=None, now=anna.now)
    anna.give = lambda *_, **__: given  # type: ignore[method-assign]
    with pytest.raises(InvalidToken):
        call(anna)
    assert anna.has == ["totp", "email"]


def test_a_removed_factor_is_neither_asked_for_nor_taken(anna: Anna) -> None:
    code = code_of(anna.totp, anna.now, steps=1)
    anna.remove(anna.codes[0])
    assert (anna.has, recovery.count_left(anna.user)) == (["email"], 9)
    with pytest.raises(Invalid):
        anna.renew(code)
    entry = the_entry("mfa.factor.removed")
    assert entry.details == {"method": "totp", "factor": str(anna.totp.pk)}


def test_with_the_last_factor_go_recovery_codes_and_trust(anna: Anna) -> None:
    anna.contact.delete()
    assert trust.grant(session=anna.session, now=anna.now)
    anna.remove(code_of(anna.totp, anna.now))
    assert not any(model.objects.exists() for model in (Totp, RecoveryCode, TrustedDevice))


def test_with_any_factor_goes_trust(anna: Anna) -> None:
    trust.grant(session=anna.session, now=anna.now)
    anna.remove(code_of(anna.totp, anna.now))
    assert not TrustedDevice.objects.exists()


def test_with_all_factors_goes_all_that_rests_on_them(anna: Anna) -> None:
    Ceremony.objects.create(user=anna.user, purpose="enrol", challenge=b"", created_at=anna.now, expires_at=anna.now)
    anna.remove_all(code_of(anna.totp, anna.now))
    assert (anna.has, recovery.count_left(anna.user), Ceremony.objects.count()) == ([], 0, 0)
    assert the_entry("mfa.factors.removed").details == {"count": 2}


def test_what_is_not_there_is_not_found(anna: Anna) -> None:
    other = make_totp(make_person())
    for factor_id in (uuid7(), other.pk):
        with pytest.raises(NotFound):
            removal.remove(factor_id=factor_id, **anna.give(code_of(anna.totp, anna.now)))
    assert Totp.objects.filter(pk=other.pk).exists()


def test_without_a_factor_there_is_nothing_to_remove_or_to_stand_in_for(now: dt.datetime) -> None:
    given: dict[str, Any] = {"session": sign_in(now=now).session, "answer": Answer(), "now": now, "origin": ORIGIN}
    for call in (removal.remove_all, removal.renew_recovery_codes):
        with pytest.raises(Conflict):
            call(**given)


def test_the_last_factor_stays_where_one_is_required(anna: Anna, settings: Any) -> None:
    settings.MFA_POLICY = "required"
    anna.remove(code_of(anna.totp, anna.now))
    with pytest.raises(removal.Required):
        removal.remove(factor_id=anna.contact.pk, **anna.give(anna.codes[0]))
    with pytest.raises(removal.Required):
        anna.remove_all(anna.codes[0])
    assert (anna.has, recovery.count_left(anna.user)) == (["email"], 10)  # not even a code was used up


def test_a_factor_that_is_not_taken_here_is_none_that_may_be_left(anna: Anna, settings: Any) -> None:
    settings.MFA_POLICY, settings.MFA_PROFILE = "required", "strict"
    with pytest.raises(removal.Required):
        anna.remove(code_of(anna.totp, anna.now))


def test_the_one_that_is_taken_is_not_removed_before_those_that_are_not(anna: Anna, settings: Any) -> None:
    settings.MFA_PROFILE = "strict"
    with pytest.raises(removal.NoneTaken):
        anna.remove(code_of(anna.totp, anna.now))
    removal.remove(factor_id=anna.contact.pk, **anna.give(code_of(anna.totp, anna.now)))
    anna.remove(anna.codes[0])
    assert (anna.has, recovery.count_left(anna.user)) == ([], 0)


def test_of_those_that_are_not_taken_each_may_go(anna: Anna, settings: Any) -> None:
    make_contact(anna.user, "sms", now=anna.now)
    anna.remove(anna.codes[0])
    settings.MFA_PROFILE = "strict"
    removal.remove(factor_id=anna.contact.pk, **anna.give(anna.codes[1]))
    assert anna.has == ["sms"]


def test_new_recovery_codes_end_the_old_ones(anna: Anna) -> None:
    new = anna.renew(anna.codes[0])
    assert (len(set(new)), set(new) & set(anna.codes)) == (10, set())
    with pytest.raises(Invalid):
        anna.remove_all(anna.codes[1])
    anna.remove_all(new[0])
