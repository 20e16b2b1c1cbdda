"""The steps of a person through the service over HTTP, which every journey repeats."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import requests

from config.testing.mailbox import token_in
from config.testing.processes import Gatehouse

BUSY = 503
MOST_REPEATS = 60
PASSWORD = "Correct-Horse-7-Battery"


@dataclass(frozen=True)
class Person:
    """Somebody who has confirmed her address and signed in."""

    email: str
    password: str
    tokens: dict[str, Any]

    @property
    def access(self) -> str:
        """Return her access token."""
        token: str = self.tokens["access"]
        return token


def new_address() -> str:
    """Return an address that nobody has had."""
    return f"p{uuid4().hex[:12]}@example.org"


def patiently(call: Callable[[], requests.Response]) -> requests.Response:
    """Make a call as a client should: again after the wait that it is told, while the house is too busy to hash."""
    for _ in range(MOST_REPEATS):
        answer = call()
        if answer.status_code != BUSY:
            break
        time.sleep(int(answer.headers["Retry-After"]))
    return answer


def register(house: Gatehouse, email: str) -> str:
    """Ask for an account and return the token in the mail that came of it."""
    answer = house.post("/auth/register", {"email": email, "password": PASSWORD})
    assert answer.status_code == 202, answer.text
    return token_in(house.mailbox.wait(to=email))


def confirm(house: Gatehouse, email: str) -> None:
    """Register an address and open its account."""
    answer = house.post("/auth/verify-email", {"token": register(house, email)})
    assert answer.status_code == 200, answer.text


def sign_in(house: Gatehouse, email: str) -> Person:
    """Sign in with the password that `register` uses."""
    answer = house.post("/auth/login", {"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return Person(email, PASSWORD, answer.json())


def new_person(house: Gatehouse) -> Person:
    """Return somebody who has just registered, confirmed and signed in."""
    email = new_address()
    confirm(house, email)
    return sign_in(house, email)


def change_account(house: Gatehouse, email: str, changes: str) -> None:
    """Write columns of a person's row past the service, as no call can: `is_active=False`."""
    script = (
        "from django.utils import timezone; from accounts.models import User; "
        f"print('changed:', User.objects.filter(email={email!r}).update({changes}))"
    )
    assert "changed: 1" in house.inside(script)


def new_staff(house: Gatehouse) -> Person:
    """Return a member of staff with every permission, made on the command line; not signed in."""
    email = new_address()
    house.command("accounts_create", email, "--password-stdin", "--staff", "--superuser", stdin=PASSWORD + "\n")
    return Person(email, PASSWORD, {})


def new_encryptor(house: Gatehouse) -> Person:
    """Return somebody who may encrypt and decrypt."""
    person = new_person(house)
    house.command("roles_grant", person.email, "encryptor")
    return person


def new_notifier(house: Gatehouse) -> Person:
    """Return somebody who may send messages."""
    person = new_person(house)
    house.command("roles_grant", person.email, "notifier")
    return person
