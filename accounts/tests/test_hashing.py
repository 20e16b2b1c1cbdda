"""One check of a password: what it costs, and what it makes of hashes of other systems."""

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import bcrypt
import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.db import connection

from accounts import hashing, login
from accounts.foreign_hashes import recipes, stored
from accounts.models import Session, User
from accounts.testing import ORIGIN, PASSWORD, client_of, make_person
from kit.errors import Unavailable

pytestmark = pytest.mark.usefixtures("production_hashes")

DECOMPOSED = "Gru\u0308n wie Gras im Mai"
OLD = "pbkdf2_sha256$1000$v20fa6bJ99eJdqTuONXsTb$92ofluoEajB6Ve729SJBkma1rYVrTrRgEzrSA3v2AcE="


@pytest.fixture
def argon2s(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect the hashes of our own kind that are checked from here on, and those around foreign ones."""
    done: list[str] = []
    derive = recipes.Recipe.derive

    def checked(password: str, encoded: str) -> bool:
        done.append(encoded)
        return bool(check_password(password, encoded))

    def derived(recipe: recipes.Recipe, password: str) -> bytes | None:
        if recipe.scheme == "argon2id":
            done.append(str(recipe))
        return derive(recipe, password)

    monkeypatch.setattr(hashing, "check_password", checked)
    monkeypatch.setattr(recipes.Recipe, "derive", derived)
    return done


def foreign(password: str = PASSWORD) -> stored.Stored:
    made = bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()
    found = stored.find(made)
    assert found is not None
    return found


@pytest.mark.parametrize("kind", ["ours", "foreign", "wrapped", "nobody", "unusable", "malformed", "costly"])
def test_a_wrong_password_costs_one_argon2_whatever_is_stored(kind: str, argon2s: list[str]) -> None:
    encoded = {
        "ours": hashing.make(PASSWORD),
        "foreign": str(foreign()),
        "wrapped": str(foreign().wrapped()),
        "nobody": None,
        "unusable": make_password(None),
        "malformed": "argon2$argon2id$v=19$m=19456,t=2,p=1$nonsense",
        "costly": "$2b$31$" + "a" * 53,
    }[kind]
    argon2s.clear()
    assert not hashing.matches("wrong", encoded)
    assert len(argon2s) == 1


def test_a_foreign_hash_takes_the_text_as_it_was_typed() -> None:
    assert hashing.normalised(DECOMPOSED) != DECOMPOSED
    assert hashing.matches(DECOMPOSED, str(foreign(DECOMPOSED)))
    assert hashing.matches(DECOMPOSED, str(foreign(hashing.normalised(DECOMPOSED))))
    assert hashing.matches(DECOMPOSED, str(foreign(DECOMPOSED).wrapped()))
    assert hashing.matches(DECOMPOSED, hashing.make(hashing.normalised(DECOMPOSED)))


@pytest.mark.parametrize("encoded", ["", "!x", "md5$", OLD, str("x" * 32), "argon2$argon2id$broken"])
def test_all_but_a_present_hash_of_ours_is_outdated(encoded: str) -> None:
    assert hashing.is_outdated(encoded)


def test_a_hash_of_ours_costs_what_owasp_asks_for() -> None:
    assert hashing.make(PASSWORD).startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_present_hash_of_ours_is_not_outdated() -> None:
    assert not hashing.is_outdated(hashing.make(PASSWORD))


@pytest.mark.django_db
@pytest.mark.parametrize("wrap", [False, True])
def test_the_first_sign_in_makes_a_foreign_hash_ours(now: dt.datetime, *, wrap: bool) -> None:
    user = make_person(now=now)
    encoded = foreign()
    User.objects.filter(pk=user.pk).update(password=str(encoded.wrapped() if wrap else encoded))
    for _ in range(2):
        credentials = login.Credentials(name=user.email, password=PASSWORD)
        begun: Any = login.begin(credentials=credentials, door=Session.Door.API, now=now, origin=ORIGIN)
        assert isinstance(begun, login.StartedSession)
        user.refresh_from_db()
        assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.fixture
def one_waits(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    """A house that hashes one password at a time and lets one wait, with both places taken."""
    settings.ACCOUNTS_HASH_WAIT = 30
    line, place = threading.BoundedSemaphore(2), threading.BoundedSemaphore(1)
    monkeypatch.setattr(hashing, "_line", lambda: line)
    monkeypatch.setattr(hashing, "_turns", lambda: place)
    with ThreadPoolExecutor(1) as pool:
        with hashing.turn():
            waiting = pool.submit(hashing.make, PASSWORD)
            while line._value:  # until the other thread has taken the last place
                time.sleep(0.001)
            yield
        assert check_password(PASSWORD, waiting.result())


@pytest.mark.usefixtures("one_waits")
@pytest.mark.parametrize("ask", [hashing.require_room, lambda: hashing.make(PASSWORD)], ids=["room", "turn"])
def test_who_would_be_one_too_many_to_wait_is_told_so_at_once(ask: Callable[[], object]) -> None:
    with pytest.raises(Unavailable) as refused:
        ask()
    assert refused.value.retry_after == 1


def test_asking_for_room_takes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    line = threading.BoundedSemaphore(1)
    monkeypatch.setattr(hashing, "_line", lambda: line)
    for _ in range(2):
        hashing.require_room()
    assert hashing.make(PASSWORD)


@pytest.mark.django_db
@pytest.mark.usefixtures("one_waits")
@pytest.mark.parametrize("path", ["login", "register", "password/reset", "invitations/accept"])
def test_a_call_that_finds_no_room_to_hash_costs_no_statement(path: str, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        answer = client_of().post(f"/api/v1/auth/{path}", {"email": "anna@example.com", "password": PASSWORD})
    assert (answer.status_code, answer["Retry-After"], answer.json()["code"]) == (503, "1", "unavailable")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kept", [0, None])
def test_who_waits_gives_back_a_connection_that_the_thread_does_not_keep(
    monkeypatch: pytest.MonkeyPatch, settings: Any, kept: int | None
) -> None:
    settings.ACCOUNTS_HASH_WAIT = 0
    none_left = threading.Semaphore(0)
    monkeypatch.setattr(hashing, "_turns", lambda: none_left)
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", kept)
    assert not User.objects.exists()
    with pytest.raises(Unavailable):
        hashing.make(PASSWORD)
    assert (connection.connection is None) is (kept == 0)
