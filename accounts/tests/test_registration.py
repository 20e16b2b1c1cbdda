"""From a wish for an account to a person."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import login, registration
from accounts.message_kinds.registration import CONFIRMATION
from accounts.models import Registration, Session, User
from accounts.testing import ORIGIN, PASSWORD, make_person, register
from audit.testing import entries, the_entry
from kit.errors import Invalid
from kit.testing import races
from notifications.models import Message
from notifications.testing import deliver_all

pytestmark = pytest.mark.django_db


def test_a_confirmed_registration_makes_a_person_who_can_sign_in(now: dt.datetime) -> None:
    _row, token = register("Anna@Example.com", now=now, first_name="Anna")
    user = registration.confirm(token=token, now=now, origin=ORIGIN)
    credentials = login.Credentials(name="anna@example.com", password=PASSWORD)
    result = login.begin(credentials=credentials, door=Session.Door.API, now=now, origin=ORIGIN)
    assert isinstance(result, login.StartedSession)
    assert (result.session.user, user.first_name) == (user, "Anna")


def test_a_registration_alone_makes_no_person(now: dt.datetime) -> None:
    register(now=now)
    assert not User.objects.exists()


def test_a_link_works_once(now: dt.datetime) -> None:
    _row, token = register(now=now)
    registration.confirm(token=token, now=now, origin=ORIGIN)
    with pytest.raises(Invalid) as refused:
        registration.confirm(token=token, now=now, origin=ORIGIN)
    assert refused.value.field == "token"


def test_a_link_ends_after_a_day(now: dt.datetime) -> None:
    _row, token = register(now=now)
    with pytest.raises(Invalid):
        registration.confirm(token=token, now=now + dt.timedelta(hours=24), origin=ORIGIN)
    assert not User.objects.exists()


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 5000, "\x00" * 43])
def test_a_foreign_link_is_refused_and_recorded(token: str, now: dt.datetime) -> None:
    with pytest.raises(Invalid):
        registration.confirm(token=token, now=now, origin=ORIGIN)
    assert [entry.action for entry in entries()] == ["accounts.registration.refused"]


def test_the_password_is_the_one_of_the_request_whose_link_is_opened(now: dt.datetime) -> None:
    register("anna@example.com", now=now, password="planted by somebody else")
    _row, token = register("anna@example.com", now=now + dt.timedelta(seconds=1))
    user = registration.confirm(token=token, now=now + dt.timedelta(seconds=2), origin=ORIGIN)
    credentials = login.Credentials(name=user.email, password="planted by somebody else")
    with pytest.raises(login.InvalidCredentials):
        login.begin(credentials=credentials, door=Session.Door.API, now=now, origin=ORIGIN)


def test_the_second_link_of_one_address_makes_nobody(now: dt.datetime) -> None:
    _row, first = register("anna@example.com", now=now)
    _row, second = register("anna@example.com", now=now + dt.timedelta(seconds=1))
    registration.confirm(token=second, now=now, origin=ORIGIN)
    with pytest.raises(Invalid):
        registration.confirm(token=first, now=now, origin=ORIGIN)
    assert User.objects.count() == 1


def test_the_mail_to_a_taken_address_says_so_and_has_no_link(now: dt.datetime) -> None:
    make_person("anna@example.com")
    row, token = register("anna@example.com", now=now)
    content = CONFIRMATION.content(row.pk, now)
    assert content is not None
    assert content.template.endswith("already_registered")
    assert token not in str(content.context)


def test_the_mail_to_a_new_address_carries_the_link(now: dt.datetime) -> None:
    row, token = register(now=now)
    content = CONFIRMATION.content(row.pk, now)
    assert content is not None
    assert content.context["link"].endswith(f"/verify-email?token={token}")


def test_a_confirmed_registration_has_no_mail_left_to_send(now: dt.datetime) -> None:
    row, token = register(now=now)
    registration.confirm(token=token, now=now, origin=ORIGIN)
    assert CONFIRMATION.content(row.pk, now) is None


def test_neither_row_nor_message_holds_the_token(now: dt.datetime) -> None:
    row, token = register(now=now)
    values = [*Registration.objects.values_list(), *Message.objects.values_list()]
    assert token not in str(values)
    assert row.digest in str(values)


def test_an_address_gets_three_mails_an_hour_over_registering_and_resending(now: dt.datetime) -> None:
    register("anna@example.com", now=now)
    for _ in range(5):
        registration.resend(email="ANNA@example.com", now=now, origin=ORIGIN)
    assert Message.objects.count() == 3
    registration.resend(email="anna@example.com", now=now + dt.timedelta(hours=1), origin=ORIGIN)
    assert Message.objects.count() == 4


def test_a_fourth_request_within_the_hour_is_recorded_and_mails_nothing(now: dt.datetime) -> None:
    for _ in range(4):
        register("anna@example.com", now=now)
    assert Message.objects.count() == Registration.objects.count() == 3
    assert the_entry("accounts.registration.limited").personal.name == "anna@example.com"


def test_resending_without_a_registration_does_the_same_work_and_mails_nothing(now: dt.datetime) -> None:
    register("anna@example.com", now=now)
    with CaptureQueriesContext(connection) as pending:
        registration.resend(email="anna@example.com", now=now, origin=ORIGIN)
    with CaptureQueriesContext(connection) as unknown:
        registration.resend(email="nobody@example.com", now=now, origin=ORIGIN)
    assert len(unknown) == len(pending)
    message = Message.objects.get(recipient="nobody@example.com")
    assert CONFIRMATION.content(message.reference or message.pk, now) is None


def test_a_taken_address_costs_the_work_of_a_free_one(now: dt.datetime) -> None:
    make_person("taken@example.com")
    wishes = [registration.Wish(email=f"{name}@example.com", password=PASSWORD) for name in ("free", "taken")]
    counts = []
    for wish in wishes:
        with CaptureQueriesContext(connection) as queries:
            registration.request(wish=wish, now=now, origin=ORIGIN)
        counts.append([query["sql"].split()[:3] for query in queries if "SAVEPOINT" not in query["sql"]])
    assert counts[0] == counts[1]


def test_the_mail_to_an_unconfirmed_address_holds_no_word_of_who_asked(now: dt.datetime) -> None:
    typed = "Win at evil.example"
    row, _token = register(now=now, first_name=typed, last_name=typed)
    content = CONFIRMATION.content(row.pk, now)
    assert content is not None
    assert typed not in str(content.context)


def test_of_several_mails_each_tells_when_its_link_was_asked_for(now: dt.datetime) -> None:
    register("anna@example.com", now=now - dt.timedelta(minutes=2), password="planted by somebody else")
    register("anna@example.com", now=now)
    first, second = (mail.text for mail in deliver_all(now))
    assert f"When: {now - dt.timedelta(minutes=2):%-d %B %Y %H:%M} UTC" in first
    assert f"When: {now:%-d %B %Y %H:%M} UTC" in second


def test_a_taken_user_name_is_refused_on_its_field(now: dt.datetime) -> None:
    _row, token = register(now=now, username="Anna")
    registration.confirm(token=token, now=now, origin=ORIGIN)
    with pytest.raises(Invalid) as refused:
        register(now=now, username="anna")
    assert (refused.value.field, refused.value.reason) == ("username", "taken")


def test_a_user_name_taken_meanwhile_is_left_out(now: dt.datetime) -> None:
    _row, first = register(now=now, username="anna")
    _row, second = register(now=now, username="anna")
    registration.confirm(token=first, now=now, origin=ORIGIN)
    assert registration.confirm(token=second, now=now, origin=ORIGIN).username is None


def test_purging_keeps_what_can_still_be_confirmed(now: dt.datetime) -> None:
    register(now=now)
    assert registration.purge(now=now + dt.timedelta(hours=40)) == 0
    assert registration.purge(now=now + dt.timedelta(hours=49)) == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_confirmations_with_one_link_make_one_person(now: dt.datetime) -> None:
    _row, token = register(now=now)
    results = races.run(50, lambda: registration.confirm(token=token, now=now, origin=ORIGIN))
    assert sum(isinstance(result, User) for result in results) == 1
    assert sum(isinstance(result, Invalid) for result in results) == 49
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_links_of_one_address_make_one_person(now: dt.datetime) -> None:
    tokens = [register("anna@example.com", now=now + dt.timedelta(hours=n // 3))[1] for n in range(12)]
    waiting = iter(tokens * 4)
    results = races.run(
        48, lambda: registration.confirm(token=next(waiting), now=now + dt.timedelta(hours=4), origin=ORIGIN)
    )
    assert sum(isinstance(result, User) for result in results) == 1
    assert User.objects.count() == 1
