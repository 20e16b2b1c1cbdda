"""Signing in, and being refused."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password, make_password

from accounts import devices, hashing, login
from accounts.models import Device, LoginAttempt, Session, User
from accounts.testing import ORIGIN, PASSWORD, make_person, sign_in
from audit.testing import entries, the_entry
from kit.errors import Invalid, InvalidToken, Unavailable
from kit.testing import races
from limits.guesses import FREE_TRIES, Locked
from limits.models import Guess

pytestmark = pytest.mark.django_db


def begin(name: str, password: str = PASSWORD, *, door: Session.Door = Session.Door.API, **more: Any) -> Any:
    now = more.pop("now")
    credentials = login.Credentials(name=name, password=password, **more)
    return login.begin(credentials=credentials, door=door, now=now, origin=ORIGIN)


def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count what is hashed from here on."""
    done: list[str] = []

    def counted(password: str, encoded: str) -> bool:
        done.append(encoded.partition("$")[0])
        return check_password(password, encoded)

    monkeypatch.setattr(hashing, "check_password", counted)
    return done


@pytest.mark.parametrize("name", ["anna@example.com", "ANNA@EXAMPLE.COM", " anna@example.com ", "anna", "ａｎｎａ"])
def test_every_spelling_of_a_name_signs_in(name: str, now: dt.datetime) -> None:
    make_person("anna@example.com", username="Anna")
    assert isinstance(begin(name, now=now), login.StartedSession)


def test_a_password_is_the_same_in_every_normal_form(now: dt.datetime) -> None:
    make_person("anna@example.com", password="Ångström und Größe 1")
    assert begin("anna@example.com", "A\u030angstro\u0308m und Gro\u0308ße 1", now=now)


@pytest.mark.parametrize("state", ["unknown", "wrong", "inactive", "passwordless", "garbled"])
def test_every_refusal_costs_one_hash_and_looks_alike(
    state: str, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_person("anna@example.com", is_active=state != "inactive")
    if state in {"passwordless", "garbled"}:
        user.password = make_password(None) if state == "passwordless" else "no$such$hash"
        user.save()
    done = hashes(monkeypatch)
    with pytest.raises(login.InvalidCredentials) as refused:
        begin("nobody@example.com" if state == "unknown" else user.email, PASSWORD + "x" * (state == "wrong"), now=now)
    assert done == ["argon2"]
    assert (refused.value.detail, refused.value.extra) == (login.InvalidCredentials.default_detail, {})


@pytest.mark.parametrize("name", ["anna@example.com", "nobody@example.com"])
def test_known_and_unknown_names_are_locked_at_the_same_try(name: str, now: dt.datetime) -> None:
    make_person("anna@example.com")
    for _ in range(FREE_TRIES):
        with pytest.raises(login.InvalidCredentials):
            begin(name, "wrong", now=now)
    with pytest.raises(Locked) as locked:
        begin(name, "wrong", now=now)
    assert locked.value.retry_after == 30


def test_the_right_password_is_refused_while_the_account_is_locked(now: dt.datetime) -> None:
    make_person("anna@example.com")
    for _ in range(FREE_TRIES):
        with pytest.raises(login.InvalidCredentials):
            begin("anna@example.com", "wrong", now=now)
    with pytest.raises(Locked):
        begin("anna@example.com", now=now)
    assert begin("anna@example.com", now=now + dt.timedelta(seconds=31))


def test_address_and_user_name_share_one_counter(now: dt.datetime) -> None:
    make_person("anna@example.com", username="anna")
    for n in range(FREE_TRIES):
        with pytest.raises(login.InvalidCredentials):
            begin(["anna@example.com", "ANNA", "ａｎｎａ"][n % 3], "wrong", now=now)
    with pytest.raises(Locked):
        begin("anna", "wrong", now=now)


def test_strangers_never_lock_the_owner_out_of_her_known_device(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    token = devices.token_of(signed_in.session.device)
    for n in range(FREE_TRIES + 5):
        with pytest.raises((login.InvalidCredentials, Locked)):
            begin(signed_in.user.email, f"wrong {n}", now=now)
    assert begin(signed_in.user.email, device_token=token, now=now)


def test_anothers_device_token_is_a_strangers(now: dt.datetime) -> None:
    other = sign_in(now=now)
    user = make_person("anna@example.com")
    for _ in range(FREE_TRIES):
        with pytest.raises(login.InvalidCredentials):
            begin(user.email, "wrong", now=now)
    with pytest.raises(Locked):
        begin(user.email, device_token=devices.token_of(other.session.device), now=now)


def test_what_is_no_device_token_is_a_strangers(now: dt.datetime) -> None:
    result = begin(make_person().email, device_token="ghd_?", now=now)
    assert the_entry("accounts.login.succeeded").details["known_device"] is False
    assert result.session.device == Device.objects.get()


def test_a_device_whose_key_is_gone_has_no_token_to_keep(now: dt.datetime) -> None:
    device = sign_in(now=now).session.device
    assert device is not None
    device.key_id = "gone"
    assert devices.token_of(device) == devices.token_of(None) == ""


def test_a_known_device_stays_the_same_device_and_is_seen_again(now: dt.datetime) -> None:
    first = sign_in(now=now)
    token = devices.token_of(first.session.device)
    later = now + dt.timedelta(days=1)
    again = begin(first.user.email, device_token=token, now=later)
    device = Device.objects.get()
    assert again.session.device == first.session.device == device
    assert device.last_seen_at == later


def test_an_oversize_password_is_refused_before_it_is_hashed(now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    done = hashes(monkeypatch)
    with pytest.raises(Invalid):
        begin("anna@example.com", "x" * 1025, now=now)
    assert done == []


@pytest.mark.usefixtures("production_hashes")
def test_an_old_hash_is_upgraded_at_sign_in(now: dt.datetime) -> None:
    user = make_person("anna@example.com")
    user.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    user.save()
    begin(user.email, now=now)
    user.refresh_from_db()
    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_too_many_hashes_at_once_are_told_to_come_back_and_nothing_is_counted(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_HASH_WAIT = 0.01
    turns = hashing._turns()
    held = [turns.acquire() for _ in range(turns._initial_value)]  # type: ignore[attr-defined]
    try:
        with pytest.raises(Unavailable):
            begin("anna@example.com", now=now)
    finally:
        for _ in held:
            turns.release()
    assert not Guess.objects.exists()


def test_each_sign_in_and_each_refusal_leaves_one_entry(now: dt.datetime) -> None:
    user = make_person("anna@example.com")
    begin(user.email, now=now)
    with pytest.raises(login.InvalidCredentials):
        begin(user.email, "wrong", now=now)
    assert len(entries("accounts.login.succeeded")) == 1
    (refused,) = entries("accounts.login.refused")
    assert (refused.target, refused.details["reason"]) == (str(user.pk), "credentials")


def test_the_admins_door_is_for_staff(now: dt.datetime) -> None:
    make_person("anna@example.com")
    with pytest.raises(login.InvalidCredentials):
        begin("anna@example.com", door=Session.Door.ADMIN, now=now)
    make_person("staff@example.com", is_staff=True)
    assert begin("staff@example.com", door=Session.Door.ADMIN, now=now).session.door == Session.Door.ADMIN


@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_parallel_guesses_ten_are_checked(now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_person("anna@example.com")
    done = hashes(monkeypatch)
    results = races.run(100, lambda: begin(user.email, "wrong", now=now))
    assert len(done) == FREE_TRIES
    assert sum(isinstance(result, Locked) for result in results) == 100 - FREE_TRIES


STEPS = ("accounts.tests.house.AlwaysDue", "accounts.tests.house.ForStaff")


def test_a_due_step_gives_a_challenge_and_no_session(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = STEPS
    user = make_person()
    due = begin(user.email, now=now)
    assert (due.step, due.methods, due.expires_in) == ("token", ["totp", "recovery"], 300)
    assert not Session.objects.exists()


def test_completing_the_step_starts_the_session_once(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = STEPS
    due = begin(make_person().email, now=now, device_name="Phone")
    step = {"challenge": due.challenge, "step": "token", "methods": ("otp",), "now": now, "origin": ORIGIN}
    result = login.complete_step(**step)
    assert isinstance(result, login.StartedSession)
    assert (result.session.amr, result.session.device_name) == (["pwd", "otp"], "Phone")
    with pytest.raises(InvalidToken):
        login.complete_step(**step)


def test_each_due_step_is_asked_for(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = STEPS
    due = begin(make_person(is_staff=True).email, now=now)
    second = login.complete_step(challenge=due.challenge, step="token", methods=("otp",), now=now, origin=ORIGIN)
    assert isinstance(second, login.StepDue)
    assert second.step == "badge"
    done = login.complete_step(challenge=second.challenge, step="badge", methods=("hwk",), now=now, origin=ORIGIN)
    assert isinstance(done, login.StartedSession)


def test_a_challenge_is_for_the_step_that_is_due(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = STEPS
    due = begin(make_person(is_staff=True).email, now=now)
    with pytest.raises(InvalidToken):
        login.find_attempt(challenge=due.challenge, step="badge", now=now)
    with pytest.raises(InvalidToken):
        login.complete_step(challenge=due.challenge, step="badge", methods=("hwk",), now=now, origin=ORIGIN)
    assert LoginAttempt.objects.get().spent_at is None


def test_five_answers_end_a_challenge(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = STEPS
    due = begin(make_person().email, now=now)
    attempt = login.find_attempt(challenge=due.challenge, step="token", now=now)
    for _ in range(5):
        login.count_answer(attempt)
    with pytest.raises(InvalidToken):
        login.count_answer(attempt)


def test_somebody_without_a_way_to_complete_the_step_can_only_enrol(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = ("accounts.tests.house.NothingEnrolled",)
    due = begin(make_person().email, now=now)
    assert (due.enrols, due.methods, due.expires_in) == (True, [], 900)
    with pytest.raises(InvalidToken):
        login.complete_step(challenge=due.challenge, step="token", methods=("otp",), now=now, origin=ORIGIN)
    with pytest.raises(InvalidToken):
        login.find_attempt(challenge=due.challenge, step="token", now=now)
    attempt = login.find_attempt(challenge=due.challenge, step="token", enrols=True, now=now)
    login.spend(attempt, now=now)
    with pytest.raises(InvalidToken):
        login.spend(attempt, now=now)
    assert not Session.objects.exists()


def test_a_challenge_ends_after_five_minutes(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = STEPS
    due = begin(make_person().email, now=now)
    assert login.find_attempt(challenge=due.challenge, step="token", now=now) == LoginAttempt.objects.get()
    with pytest.raises(InvalidToken):
        login.find_attempt(challenge=due.challenge, step="token", now=now + dt.timedelta(seconds=300))
    assert LoginAttempt.objects.get().spent_at is None


def test_an_account_stopped_meanwhile_gets_no_session(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = STEPS
    user = make_person()
    due = begin(user.email, now=now)
    User.objects.filter(pk=user.pk).update(is_active=False)  # a stop through the front door ends the attempt as well
    with pytest.raises(login.InvalidCredentials):
        login.complete_step(challenge=due.challenge, step="token", methods=("otp",), now=now, origin=ORIGIN)
    assert LoginAttempt.objects.get().spent_at == now
    assert the_entry("accounts.login.refused").details["reason"] == "stopped"


@pytest.mark.django_db(transaction=True)
def test_a_step_completed_in_parallel_starts_one_session(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = STEPS
    due = begin(make_person().email, now=now)
    step = {"challenge": due.challenge, "step": "token", "methods": ("otp",), "now": now, "origin": ORIGIN}
    results = races.run(12, lambda: login.complete_step(**step))
    assert sum(isinstance(result, login.StartedSession) for result in results) == 1
    assert sum(isinstance(result, InvalidToken) for result in results) == 11
    assert Session.objects.count() == 1
