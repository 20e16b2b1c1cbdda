"""Signing in with a passkey alone: what it needs, what a stranger learns, and what is counted."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import devices, login, people, tokens
from accounts.models import Device, Handle, Session, User
from accounts.testing import ORIGIN, make_person
from audit.testing import entries, the_entry
from kit.errors import Invalid
from kit.testing import races
from limits.guesses import FREE_TRIES, Locked
from mfa import passkey_sign_ins, passkeys
from mfa.ceremonies import LIFETIME
from mfa.models import Ceremony, Passkey
from mfa.passkey_sign_ins import Client, InvalidPasskey
from mfa.passkeys import Asked
from mfa.testing import challenge_of, make_totp
from mfa.tests.soft_key import BE, UP, UV, SoftKey, give, text_of

pytestmark = pytest.mark.django_db

ADMIN = Client(door=Session.Door.ADMIN)


@pytest.fixture
def anna(now: dt.datetime) -> User:
    return make_person("anna@example.com", now=now)


@pytest.fixture
def key(anna: User, now: dt.datetime) -> SoftKey:
    return give(anna, now)


def ask(now: dt.datetime, email: str = "") -> Asked:
    return passkey_sign_ins.begin(email=email, now=now)


def enter(credential: dict[str, Any], now: dt.datetime, **more: Any) -> Session:
    given: dict[str, Any] = {"client": Client(), **more}
    result = passkey_sign_ins.complete(credential=credential, now=now, origin=ORIGIN, **given)
    assert isinstance(result, login.StartedSession)
    return result.session


def refused(credential: dict[str, Any], now: dt.datetime, **more: Any) -> None:
    with pytest.raises(InvalidPasskey):
        enter(credential, now, **more)
    assert not Session.objects.exists()


def test_a_passkey_alone_signs_in_and_stands_for_the_second_factor(anna: User, now: dt.datetime, key: SoftKey) -> None:
    make_totp(anna, now=now)
    session = enter(key.answer(ask(now)), now)
    assert (session.user, session.door) == (anna, Session.Door.API)
    assert session.amr == ["hwk", "user", "mfa"]
    assert (session.auth_time, session.factor_at, tokens.acr(session.amr)) == (now, now, "aal2")
    assert the_entry("accounts.login.succeeded").details["door"] == "api"


def test_one_that_may_be_backed_up_says_so(anna: User, now: dt.datetime) -> None:
    key = give(anna, now, SoftKey(flags=UP | UV | BE))
    assert enter(key.answer(ask(now)), now).amr == ["swk", "user", "mfa"]


def test_a_user_who_was_not_verified_is_refused_whatever_the_client_asked(now: dt.datetime, key: SoftKey) -> None:
    asked = ask(now)
    assert asked.options["userVerification"] == "required"
    refused(key.answer(asked, flags=UP), now)
    refused(key.answer(ask(now), flags=UV), now)
    enter(key.answer(ask(now)), now)


def test_options_name_no_passkey_and_are_alike_for_everybody(now: dt.datetime, key: SoftKey) -> None:
    for email in ("", "anna@example.com", "nobody@example.com"):
        options = ask(now, email).options
        assert options.pop("challenge")
        assert options == {
            "timeout": 300_000,
            "rpId": "testserver",
            "allowCredentials": [],
            "userVerification": "required",
        }


def test_a_stranger_finds_the_same_work_for_a_known_address(now: dt.datetime, key: SoftKey) -> None:
    counts = []
    for email in ("anna@example.com", "nobody@example.com"):
        with CaptureQueriesContext(
            connection,
        ) as statements:
            ask(now, email)
        counts.append(len(statements))
    assert counts == [2, 2]


def test_whoever_has_a_passkey_here_learns_of_no_address(now: dt.datetime, key: SoftKey) -> None:
    own = give(make_person(now=now), now)
    for email in ("anna@example.com", "nobody@example.com"):
        refused(own.answer(ask(now, email)), now)


def test_with_an_address_only_its_owner_is_let_in(anna: User, now: dt.datetime, key: SoftKey) -> None:
    Handle.objects.create(user=anna, kind=Handle.Kind.EMAIL, canonical="second@example.com", confirmed_at=now)
    for email in ("anna@example.com", "Anna@EXAMPLE.com", "second@example.com"):
        assert enter(key.answer(ask(now, email)), now).user == anna
    with pytest.raises(Invalid) as refusal:
        ask(now, "anna")
    assert refusal.value.field == "email"


def test_a_challenge_takes_one_answer(now: dt.datetime, key: SoftKey) -> None:
    asked = ask(now)
    refused(key.answer(asked, rp_id="evil.example"), now)
    refused(key.answer(asked), now)


def test_the_challenge_that_the_client_kept_must_be_this_one(now: dt.datetime, key: SoftKey) -> None:
    asked = ask(now)
    refused(key.answer(asked), now, challenge_id=ask(now).challenge_id)
    refused(key.answer(asked), now, challenge_id=uuid.uuid4())
    enter(key.answer(asked), now, challenge_id=asked.challenge_id)


def test_a_challenge_ends_on_the_second(now: dt.datetime, key: SoftKey) -> None:
    refused(key.answer(ask(now)), now + LIFETIME)
    enter(key.answer(ask(now)), now + LIFETIME - dt.timedelta(seconds=1))


def test_a_challenge_that_was_out_for_something_else_signs_nobody_in(
    anna: User, now: dt.datetime, key: SoftKey
) -> None:
    refused(key.answer(passkeys.begin_proof(user=anna, now=now)), now)
    refused(key.make({"publicKey": {**begun(anna, now), "rp": {"id": "testserver"}}}) | answered(key, now), now)


def begun(anna: User, now: dt.datetime) -> dict[str, Any]:
    from mfa import passkey_enrolment
    from mfa.enrolment import Enrolling

    return passkey_enrolment.begin(who=Enrolling(user=anna), now=now, origin=ORIGIN).options


def answered(key: SoftKey, now: dt.datetime) -> dict[str, Any]:
    return key.answer(ask(now), client={"type": "webauthn.create"})


@pytest.mark.parametrize("handle", [None, text_of(b"another"), text_of(bytes(16))])
def test_a_passkey_that_does_not_name_its_person_is_refused(now: dt.datetime, key: SoftKey, handle: str | None) -> None:
    refused(key.answer(ask(now), handle=handle), now)


def test_an_unknown_or_unconfirmed_passkey_is_refused_and_recorded(anna: User, now: dt.datetime, key: SoftKey) -> None:
    stranger = SoftKey(handle=text_of(anna.pk.bytes))
    asked = ask(now)
    refused(stranger.answer(asked), now)
    refused(key.answer(asked), now)  # burnt by the stranger's
    Passkey.objects.update(confirmed=False)
    refused(key.answer(ask(now)), now)
    assert {entry.details["reason"] for entry in entries("accounts.login.refused")} == {"credentials"}


def test_a_stopped_account_is_refused_as_any_other(anna: User, now: dt.datetime, key: SoftKey) -> None:
    people.deactivate(user=anna, actor=None, now=now)
    refused(key.answer(ask(now)), now)
    assert the_entry("accounts.login.refused").details["reason"] == "stopped"


def test_the_admin_lets_in_staff_alone(anna: User, now: dt.datetime, key: SoftKey) -> None:
    refused(key.answer(ask(now)), now, client=ADMIN)
    User.objects.filter(pk=anna.pk).update(is_staff=True)
    assert enter(key.answer(ask(now)), now, client=ADMIN).door == Session.Door.ADMIN


def test_a_copied_key_is_refused_and_told(anna: User, now: dt.datetime) -> None:
    key = give(anna, now, SoftKey(count=5))
    refused(key.answer(ask(now), count=5), now)
    assert the_entry("mfa.passkey.copied").details["reason"] == "counter"


def test_failures_of_a_known_passkey_are_counted_on_its_person_and_hold_up_no_second_step(
    anna: User, now: dt.datetime, key: SoftKey
) -> None:
    for _ in range(FREE_TRIES):
        refused(key.answer(ask(now), rp_id="evil.example"), now)
    with pytest.raises(Locked):
        enter(key.answer(ask(now)), now)
    challenge_of(anna, now=now)
    assert passkeys.is_right(user=anna, credential=key.answer(passkeys.begin_proof(user=anna, now=now)), now=now)


def test_strangers_do_not_lock_out_a_known_device(anna: User, now: dt.datetime, key: SoftKey) -> None:
    session = enter(key.answer(ask(now)), now)
    token = devices.token_of(session.device)
    Session.objects.all().delete()
    for _ in range(FREE_TRIES):
        refused(key.answer(ask(now), rp_id="evil.example"), now)
    again = enter(key.answer(ask(now)), now, client=Client(device_token=token, device_name="Laptop"))
    assert (again.device, again.device_name) == (session.device, "Laptop")
    assert Device.objects.count() == 1


def test_what_is_no_answer_counts_nothing(now: dt.datetime, key: SoftKey) -> None:
    credential = key.answer(ask(now)) | {"response": {}}
    for _ in range(FREE_TRIES + 1):
        with pytest.raises(Invalid):
            enter(credential, now)
    enter(key.answer(ask(now)), now)


@pytest.mark.django_db(transaction=True)
def test_of_50_answers_at_once_one_signs_in(now: dt.datetime) -> None:
    credential = give(make_person(now=now), now).answer(ask(now))
    outcomes = races.run(50, lambda: enter(credential, now))
    assert sum(isinstance(outcome, Session) for outcome in outcomes) == 1
    assert {type(outcome) for outcome in outcomes} <= {Session, InvalidPasskey, Locked}
    assert (Session.objects.count(), Ceremony.objects.count()) == (1, 1)
