"""accounts_create, as an operator runs it."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts import hashing
from accounts.models import User
from accounts.testing import PASSWORD, make_person
from audit.testing import the_entry

pytestmark = pytest.mark.django_db


def create(monkeypatch: pytest.MonkeyPatch, *args: str, password: str = PASSWORD) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    out = io.StringIO()
    call_command("accounts_create", *args, "--password-stdin", stdout=out)
    return out.getvalue()


def test_it_makes_a_confirmed_person(monkeypatch: pytest.MonkeyPatch) -> None:
    said = create(monkeypatch, "Anna@example.com")
    user = User.objects.get()
    assert (user.email, user.is_staff, said.count("\n")) == ("anna@example.com", False, 1)
    assert hashing.matches(PASSWORD, user.password)
    assert the_entry("accounts.user.created").actor_kind == "command"


def test_a_superuser_is_staff_too(monkeypatch: pytest.MonkeyPatch) -> None:
    create(monkeypatch, "anna@example.com", "--superuser")
    user = User.objects.get()
    assert (user.is_staff, user.is_superuser) == (True, True)


@pytest.mark.parametrize(
    ("email", "password"), [("no address", PASSWORD), ("new@example.com", "short"), ("taken@example.com", PASSWORD)]
)
def test_it_says_in_one_line_why_it_cannot(monkeypatch: pytest.MonkeyPatch, email: str, password: str) -> None:
    make_person("taken@example.com")
    with pytest.raises(CommandError) as refused:
        create(monkeypatch, email, password=password)
    assert email in str(refused.value)
    assert "\n" not in str(refused.value)


def test_it_asks_for_the_password_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: Any = iter([PASSWORD, PASSWORD, PASSWORD, "another"])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(answers))
    call_command("accounts_create", "anna@example.com", stdout=io.StringIO())
    with pytest.raises(CommandError, match="differ"):
        call_command("accounts_create", "berta@example.com")
    assert User.objects.count() == 1
