"""A new password: by the old one, and by a mailed link."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import hashing, links, login, password_changes
from accounts.models import Link, LoginAttempt, Session, User
from accounts.testing import ORIGIN, PASSWORD, make_person, newest_link, sign_in
from audit.testing import entries, the_entry
from kit.errors import Invalid
from kit.testing import races
from kit.testing.metrics import read
from limits.guesses import FREE_TRIES, Locked
from notifications.models import Message
from notifications.testing import deliver_all, link_in

pytestmark = pytest.mark.django_db
NEW = "purple elephants dance at midnight"


def change(session: Session, now: dt.datetime, *, current: str = PASSWORD, new: str = NEW) -> None:
    session = Session.objects.get(pk=session.pk)
    password_changes.change(session=session, current_password=current, new_password=new, now=now, origin=ORIGIN)


def reset(token: str, now: dt.datetime, new: str = NEW) -> User:
    return password_changes.reset(token=token, new_password=new, now=now, origin=ORIGIN)


def link_for(user: User, now: dt.datetime, email: str = "") -> str:
    password_changes.request_reset(email=email or user.email, now=now, origin=ORIGIN)
    return newest_link(user, Link.Purpose.RESET)


def has_password(user: User, password: str) -> bool:
    user.refresh_from_db()
    return hashing.matches(password, user.password)


def refused_field(error: pytest.ExceptionInfo[Invalid]) -> tuple[str, str]:
    return error.value.field, error.value.reason


def test_a_change_ends_every_other_session(now: dt.datetime) -> None:
    here = sign_in(now=now)
    there = sign_in(here.user, now=now)
    change(here.session, now)
    assert has_password(here.user, NEW)
    assert here.user.password_changed_at == now
    assert set(Session.objects.filter(ended_at=None)) == {here.session}
    there.session.refresh_from_db()
    assert there.session.end_reason == "password"


def test_a_change_is_recorded_and_told_to_the_owner(now: dt.datetime) -> None:
    here = sign_in(now=now)
    change(here.session, now)
    assert the_entry("accounts.password.changed").actor == here.user.pk
    assert Message.objects.get(kind="accounts.password_changed").to == [here.user.email]


def test_a_change_asks_for_the_right_password(now: dt.datetime) -> None:
    here = sign_in(now=now)
    with pytest.raises(Invalid) as error:
        change(here.session, now, current="wrong")
    assert refused_field(error) == ("current_password", "wrong")
    assert has_password(here.user, PASSWORD)


def test_wrong_passwords_at_a_change_count_as_at_a_sign_in(now: dt.datetime) -> None:
    here = sign_in(now=now)
    for _ in range(FREE_TRIES):
        with pytest.raises(Invalid):
            change(here.session, now, current="wrong")
    with pytest.raises(Locked):
        change(here.session, now)


@pytest.mark.parametrize(("new", "reason"), [("short", "password_weak"), (PASSWORD, "password_same")])
def test_a_change_holds_the_new_password_to_the_rules(now: dt.datetime, new: str, reason: str) -> None:
    with pytest.raises(Invalid) as error:
        change(sign_in(now=now).session, now, new=new)
    assert refused_field(error) == ("new_password", reason)


def test_what_rested_on_the_old_password_is_over(now: dt.datetime) -> None:
    here = sign_in(now=now)
    token = link_for(here.user, now)
    LoginAttempt.objects.create(
        user=here.user, digest="d", door="api", proofs={}, created_at=now, expires_at=now + dt.timedelta(minutes=5)
    )
    change(here.session, now)
    assert not LoginAttempt.objects.filter(spent_at=None).exists()
    with pytest.raises(Invalid):
        reset(token, now)


def test_of_two_changes_at_once_the_second_is_refused(now: dt.datetime) -> None:
    here = sign_in(now=now)
    session = Session.objects.select_related("user").get(pk=here.session.pk)
    User.objects.update(password=hashing.make(PASSWORD))
    with pytest.raises(password_changes.ChangedMeanwhile):
        password_changes.change(session=session, current_password=PASSWORD, new_password=NEW, now=now, origin=ORIGIN)


def test_a_link_sets_a_new_password_once(now: dt.datetime) -> None:
    user = make_person()
    token = link_for(user, now)
    assert reset(token, now).pk == user.pk
    assert has_password(user, NEW)
    with pytest.raises(Invalid) as error:
        reset(token, now, new="another fine password of mine")
    assert refused_field(error) == ("token", "invalid")
    assert has_password(user, NEW)


def test_a_link_ends_every_session_and_tells_the_owner(now: dt.datetime) -> None:
    here = sign_in(now=now)
    reset(link_for(here.user, now), now)
    assert Session.objects.get().end_reason == "reset"
    assert the_entry("accounts.password.reset").details == {"was_frozen": False}
    assert Message.objects.get(kind="accounts.password_changed").to == [here.user.email]


def test_a_link_is_good_for_thirty_minutes(now: dt.datetime) -> None:
    user = make_person()
    token = link_for(user, now)
    with pytest.raises(Invalid):
        reset(token, now + dt.timedelta(minutes=30))
    reset(token, now + dt.timedelta(minutes=30) - dt.timedelta(seconds=1))


def test_only_the_newest_link_is_good(now: dt.datetime) -> None:
    user = make_person()
    old, new = link_for(user, now), link_for(user, now)
    with pytest.raises(Invalid):
        reset(old, now)
    reset(new, now)


@pytest.mark.parametrize("purpose", [purpose for purpose in Link.Purpose if purpose != Link.Purpose.RESET])
def test_a_link_of_another_purpose_sets_no_password(now: dt.datetime, purpose: Link.Purpose) -> None:
    user = make_person()
    link = links.issue(purpose=purpose, address=user.email, user=user, now=now, lifetime=dt.timedelta(hours=1))
    with pytest.raises(Invalid):
        reset(links.text_of(link), now)
    assert the_entry("accounts.reset.refused").actor_kind == "stranger"


@pytest.mark.parametrize("spoiled", ["", "x", "a" * 43, "a" * 42, "a" * 44])
def test_a_spoiled_link_sets_no_password(now: dt.datetime, spoiled: str) -> None:
    link_for(make_person(), now)
    with pytest.raises(Invalid) as error:
        reset(spoiled, now)
    assert refused_field(error) == ("token", "invalid")


@pytest.mark.parametrize(("new", "reason"), [("short", "password_weak"), (PASSWORD, "password_same")])
def test_a_refused_password_leaves_the_link_good(now: dt.datetime, new: str, reason: str) -> None:
    token = link_for(make_person(), now)
    with pytest.raises(Invalid) as error:
        reset(token, now, new=new)
    assert refused_field(error) == ("new_password", reason)
    reset(token, now)


def test_nobody_learns_the_old_password_by_trying_it_as_the_new_one(now: dt.datetime) -> None:
    token = link_for(make_person(), now)
    for _ in range(password_changes.CHOICES_OF_A_LINK):
        with pytest.raises(Invalid, match="you have"):
            reset(token, now, new=PASSWORD)
    with pytest.raises(Invalid, match="expired"):
        reset(token, now, new=PASSWORD)


def test_a_link_gives_a_password_to_somebody_without_one(now: dt.datetime) -> None:
    user = make_person()
    User.objects.update(password=UNUSABLE_PASSWORD_PREFIX + "x" * 40)
    reset(link_for(user, now), now)
    assert has_password(user, NEW)


def test_a_link_frees_a_frozen_account(now: dt.datetime) -> None:
    user = make_person(frozen_at=now)
    reset(link_for(user, now), now)
    user.refresh_from_db()
    assert user.frozen_at is None
    assert the_entry("accounts.password.reset").details == {"was_frozen": True}


@pytest.mark.parametrize("stopped", [{"is_active": False}, {"erase_at": dt.datetime(2099, 1, 1, tzinfo=dt.UTC)}])
def test_an_account_that_was_stopped_meanwhile_gets_no_password(now: dt.datetime, stopped: dict[str, object]) -> None:
    user = make_person()
    token = link_for(user, now)
    User.objects.update(**stopped)
    with pytest.raises(Invalid) as error:
        reset(token, now)
    assert refused_field(error) == ("token", "invalid")


def test_a_second_factor_stays_due_after_a_reset(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = ["accounts.tests.house.AlwaysDue"]
    user = make_person()
    reset(link_for(user, now), now)
    credentials = login.Credentials(name=user.email, password=NEW)
    result = login.begin(credentials=credentials, door=Session.Door.API, now=now, origin=ORIGIN)
    assert isinstance(result, login.StepDue)
    assert not Session.objects.exists()


def test_a_link_for_nobody_is_written_and_opens_nothing(now: dt.datetime) -> None:
    password_changes.request_reset(email="nobody@example.com", now=now, origin=ORIGIN)
    with pytest.raises(Invalid):
        reset(newest_link(None, Link.Purpose.RESET), now)


def test_a_fourth_mail_in_an_hour_is_not_written(now: dt.datetime) -> None:
    user = make_person()
    for _ in range(5):
        link_for(user, now)
    assert Message.objects.count() == 3
    assert len(entries("accounts.reset.limited")) == 2


def ask_for(email: str, now: dt.datetime) -> None:
    password_changes.request_reset(email=email, now=now, origin=ORIGIN)


def make_all(now: dt.datetime) -> dict[str, str]:
    """Return an address of everybody whom a link could be asked for."""
    passwordless = make_person()
    User.objects.filter(pk=passwordless.pk).update(password=UNUSABLE_PASSWORD_PREFIX)
    unconfirmed = make_person()
    unconfirmed.handles.update(confirmed_at=None)
    return {
        "known": make_person().email,
        "unknown": "nobody@example.com",
        "passwordless": passwordless.email,
        "unconfirmed": unconfirmed.email,
        "inactive": make_person(is_active=False).email,
        "frozen": make_person(frozen_at=now).email,
        "to be erased": make_person(erase_at=now).email,
    }


def test_asking_for_a_link_costs_the_same_whoever_it_is_for(now: dt.datetime) -> None:
    costs: dict[str, tuple[list[list[str]], int]] = {}
    for who, email in make_all(now).items():
        messages = Message.objects.count()
        hashes = read("hashing_wait_seconds_count")
        with CaptureQueriesContext(connection) as queries:
            ask_for(email, now)
        statements = [query["sql"].split()[:3] for query in queries if "SAVEPOINT" not in query["sql"]]
        costs[who] = (statements, Message.objects.count() - messages)
        assert read("hashing_wait_seconds_count") == hashes
    assert all(cost == costs["known"] for cost in costs.values()), costs
    assert costs["known"][1] == 1


def test_a_link_is_mailed_to_those_alone_who_may_have_it(now: dt.datetime) -> None:
    everybody = make_all(now)
    for email in everybody.values():
        ask_for(email, now)
    reached = {mail.to[0] for mail in deliver_all(now)}
    assert reached == {everybody[who] for who in ("known", "passwordless", "frozen")}


def test_a_link_goes_to_the_address_in_our_books(now: dt.datetime) -> None:
    make_person("anna@example.com")
    ask_for("ANNA@Example.COM", now)
    [mail] = deliver_all(now)
    assert mail.to == ("anna@example.com",)
    assert "token=" in link_in(mail)


def test_a_name_that_was_given_up_gets_no_link(now: dt.datetime) -> None:
    user = make_person()
    user.handles.update(held_until=now + dt.timedelta(days=7))
    ask_for(user.email, now)
    assert deliver_all(now) == []


def test_a_link_to_a_name_that_was_given_up_meanwhile_is_good_no_more(now: dt.datetime) -> None:
    user = make_person()
    token = link_for(user, now)
    user.handles.update(held_until=now + dt.timedelta(days=7))
    with pytest.raises(Invalid) as error:
        reset(token, now)
    assert refused_field(error) == ("token", "invalid")
    user.handles.update(held_until=None)
    assert reset(token, now) == user


def test_a_link_leads_to_the_clients_own_page_if_that_is_allowed(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_LINK_URLS = ["https://app.example.com/reset"]
    email = make_person().email
    for bad in ("https://evil.example/", "//evil.example", "javascript:alert(1)", "https:evil"):
        with pytest.raises(Invalid):
            password_changes.request_reset(email=email, now=now, origin=ORIGIN, link_url=bad)
    url = "https://app.example.com/reset"
    password_changes.request_reset(email=email, now=now, origin=ORIGIN, link_url=url)
    [mail] = deliver_all(now)
    assert link_in(mail).startswith(f"{url}?token=")


@pytest.mark.django_db(transaction=True)
def test_of_fifty_uses_of_a_link_at_once_one_wins(now: dt.datetime) -> None:
    token = link_for(make_person(), now)
    outcomes = races.run(50, lambda: reset(token, now))
    won = [outcome for outcome in outcomes if isinstance(outcome, User)]
    assert len(won) == 1
    assert all(isinstance(outcome, Invalid) for outcome in outcomes if outcome not in won)
