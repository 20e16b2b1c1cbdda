"""Whose words stand in our mails: a short name, a known program, and nothing that an intruder would have us say."""

import datetime as dt

import pytest

from accounts.message_kinds import wording
from accounts.models import Session
from accounts.testing import sign_in
from notifications.testing import deliver_all

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0"
LURES = (
    "Your account is locked: evil.example",
    "https://evil.example",
    "www evil example",
    "anna@evil.example",
    "Call 0900 123 4567",
    "Anna\u202egro.live",
    "Anna\u2028Your account will be closed",
    "Anna " * 9,
)


@pytest.mark.parametrize("name", ["Anna", "Anne-Marie", "O’Neil", "J. R.", "Ольга", "सीता", ""])
def test_a_name_is_told_as_it_is(name: str) -> None:
    assert wording.person(name) == name


@pytest.mark.parametrize("name", ["Work laptop", "Anna’s phone (blue)", "Pixel 8", "SM-G991B", "Рабочий ноутбук"])
def test_what_a_device_is_called_is_told_as_it_is(name: str) -> None:
    assert wording.device(name) == name


@pytest.mark.parametrize("text", LURES)
def test_a_text_that_is_more_than_a_name_is_not_told(text: str) -> None:
    assert (wording.person(text), wording.device(text)) == ("", "")


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        (FIREFOX, "Firefox on Linux"),
        (EDGE, "Edge on Windows"),
        ("Firefox/128.0", "Firefox"),
        ("python-requests/2.32", "python-requests"),
        ("pytest", "pytest"),
        ("www-evil", ""),
        ("evil.example/1", ""),
        ("", ""),
    ],
)
def test_of_a_program_what_we_know_or_one_word_is_told(agent: str, told: str) -> None:
    assert wording.program(agent) == told


@pytest.mark.django_db
def test_the_notice_of_a_new_device_says_nothing_that_whoever_signed_in_wrote(now: dt.datetime) -> None:
    user = sign_in(now=now).user
    user.first_name = "Anna, your account is locked, go to evil.example"
    user.save(update_fields=["first_name"])
    session = sign_in(user, now=now, device_name="Unlock it at https://evil.example").session
    Session.objects.filter(pk=session.pk).update(agent="Read https://evil.example")
    (mail,) = deliver_all(now)
    assert "evil" not in mail.text + mail.html
    assert "\nRead\n" in mail.text
