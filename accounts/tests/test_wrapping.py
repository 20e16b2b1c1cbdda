"""Wrapping weak hashes at once, by command."""

import io

import pytest
from django.core.management import call_command

from accounts import arrivals, hashing, wrapping
from accounts.foreign_hashes import stored
from accounts.models import User
from accounts.testing import make_person
from audit.testing import entries, the_entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("production_hashes")]

TYPED = "Grüße, Anna 7!"
WEAK = "{SSHA}t+/KvN/uEZB+47yBg6hjKueOVQMjZGyt"
STRONG = "$2b$10$abcdefghijklmnopqrstuuLDgFu3GeuRPzwn12h7Nr2Oj1nqmUsVG"
LONG = f"sha512${'s' * 60}${'0' * 128}"


def holder(written: str) -> User:
    user = make_person()
    User.objects.filter(pk=user.pk).update(password=stored.take_over(written, longest=200))
    user.refresh_from_db()
    return user


def wrap() -> str:
    said = io.StringIO()
    call_command("accounts_wrap_hashes", stdout=said)
    return said.getvalue()


def test_the_weak_ones_are_wrapped_and_fit_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrapping, "BATCH", 2)
    weak, ours = [holder(WEAK) for _ in range(3)], make_person()
    strong, before = holder(STRONG), ours.password
    assert "3 hashes wrapped" in wrap()
    for user in weak:
        user.refresh_from_db()
        assert user.password.startswith("wrapped$")
        assert hashing.matches(TYPED, user.password)
    ours.refresh_from_db()
    strong.refresh_from_db()
    assert (ours.password, strong.password.startswith("foreign$bcrypt")) == (before, True)
    assert sum(entry.details["count"] for entry in entries("accounts.hashes.wrapped")) == 3


def test_what_is_wrapped_is_passed_over_when_it_runs_again() -> None:
    user = holder(WEAK)
    wrap()
    user.refresh_from_db()
    assert "0 hashes wrapped" in wrap()
    assert User.objects.get(pk=user.pk).password == user.password
    assert the_entry("accounts.hashes.wrapped").details["first"] == str(user.pk)


def test_one_that_finds_no_room_is_told_and_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "ROOM", 100)
    holder("$pbkdf2-sha256$1000$qDXGGOPc23uPsRZizLnXug$YM1f210mVjrPbyxLTBDz1HJjhsUcfc4MZW9CqAvP.Fw")
    assert "1 have too long a salt" in wrap()


def test_a_sign_in_that_makes_the_hash_ours_meanwhile_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    user, store = holder(WEAK), wrapping._store
    fresh = hashing.make(TYPED)

    def raced(made: list[tuple[object, str, str]], now: object) -> int:
        User.objects.filter(pk=user.pk).update(password=fresh)
        return store(made, now)  # type: ignore[arg-type]

    monkeypatch.setattr(wrapping, "_store", raced)
    assert "0 hashes wrapped" in wrap()
    user.refresh_from_db()
    assert user.password == fresh
    assert not entries("accounts.hashes.wrapped")
