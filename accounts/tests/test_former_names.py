"""What lies under a name that a person has given up is erased with her, and nothing of who has it now."""

import datetime as dt
from typing import Any

import pytest

from accounts import addresses, codes, erasure, handles, phones, records
from accounts.models import FormerName, Handle, RefusedSignIn, Registration, SentCode, User
from accounts.testing import ORIGIN, make_person, register
from audit.models import Personal
from kit.clock import utcnow
from kit.origin import Origin
from notifications.models import Message
from notifications.testing import make_message

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
OLD = "anna@example.com"


def moved(now: dt.datetime) -> User:
    """Return a person who gave an address up long before `now`, when it stopped being held."""
    user = make_person("anna.berg@example.com")
    handles.claim(user=user, kind=Handle.Kind.EMAIL, name=OLD, now=now - 20 * DAY)
    handles.give_up(handle=Handle.objects.get(canonical=OLD), now=now - 10 * DAY)
    handles.purge(now=now)
    assert not Handle.objects.filter(canonical=OLD).exists()
    return user


def erase(user: User, now: dt.datetime) -> None:
    User.objects.filter(pk=user.pk).update(erase_at=now)
    erasure.erase(user=user, now=now)
    assert not User.objects.filter(pk=user.pk).exists()


def note(name: str, at: dt.datetime, address: str) -> None:
    """Have a sign-in refused for a name that nobody holds."""
    records.note(door="api", user=None, name=name, now=at, origin=Origin(address=address))


def test_messages_to_it_are_emptied_up_to_the_day_it_was_free(now: dt.datetime) -> None:
    user = moved(now)
    both: dict[str, Any] = {"to": ["bert@example.com", "Anna@example.com"], "recipient": "bert@example.com"}
    for at in (now - 4 * DAY, now - 2 * DAY):
        make_message(to=[OLD], recipient=OLD, created_at=at, status="sent", due_at=None, text="Dear Anna")
        make_message(created_at=at, due_at=now + DAY, text="Dear both", **both)
    erase(user, now)
    kept = Message.objects.exclude(text="").order_by("created_at", "text")
    assert [(message.to, message.created_at) for message in kept] == [
        (["bert@example.com"], now - 4 * DAY),
        ([OLD], now - 2 * DAY),
        (both["to"], now - 2 * DAY),
    ]


def test_refused_sign_ins_and_registrations_under_it_go_with_her(now: dt.datetime) -> None:
    user = moved(now)
    note(OLD, now - 4 * DAY, "203.0.113.7")
    note(OLD, now - 2 * DAY, "198.51.100.9")
    for at in (now - 4 * DAY, now - 2 * DAY):
        register(OLD, now=at)
    erase(user, now)
    left = list(RefusedSignIn.objects.values_list("ip_address", flat=True))
    assert left == ["198.51.100.9"]
    assert list(Registration.objects.values_list("created_at", flat=True)) == [now - 2 * DAY]


def test_the_log_forgets_what_was_noted_beside_it(now: dt.datetime) -> None:
    user = moved(now)
    for at in (now - 4 * DAY, now - 2 * DAY):
        register(OLD, now=at)
    erase(user, now)
    assert Personal.objects.exclude(name="").get().entry.at == now - 2 * DAY


def test_who_has_the_name_now_keeps_all_of_hers(now: dt.datetime) -> None:
    user = moved(now)
    other = make_person(OLD)
    erase(user, now)
    assert User.objects.find_by_name(OLD) == other


def test_a_name_taken_back_is_hers_whatever_it_was(now: dt.datetime) -> None:
    user = moved(now)
    handles.claim(user=user, kind=Handle.Kind.EMAIL, name=OLD, now=now)
    make_message(to=[OLD], recipient=OLD, created_at=now, status="sent", due_at=None)
    erase(user, now + DAY)
    assert Message.objects.get().to == []


def test_of_what_was_sent_to_what_was_never_confirmed_nothing_is_left(now: dt.datetime) -> None:
    user = make_person(phone="+43660123456")
    phones.send_code(user=user, now=now, origin=ORIGIN)
    addresses.add(user=user, email=OLD, now=now, origin=ORIGIN)
    make_message(to=["+43660123456"], recipient="+43660123456", created_at=now, status="sent", due_at=None)
    codes.purge(now=now + 2 * DAY)
    assert not SentCode.objects.exists()
    erase(user, now + 2 * DAY)
    assert [message.to for message in Message.objects.exclude(recipient="")] == [["+43660123456"]]


def test_a_number_that_gave_way_to_another_is_remembered(now: dt.datetime) -> None:
    user = make_person(phone="+43660123456", phone_confirmed_at=now)
    phones.replace(user=user, phone="+43660654321", confirmed_at=now, now=now, origin=ORIGIN)
    assert erasure.subject_of(user).former == {"+43660123456": now}


def test_thousands_of_names_are_more_than_one_statement(now: dt.datetime) -> None:
    user = make_person()
    FormerName.objects.bulk_create(FormerName(user=user, canonical=f"{n}@example.com", until=now) for n in range(3000))
    make_message(to=["2999@example.com"], recipient="2999@example.com", created_at=now - DAY, due_at=None)
    erase(user, utcnow())
    assert Message.objects.get().to == []
