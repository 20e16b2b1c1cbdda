"""Walks at random over all calls that could lead to somebody else's password, in any order, with no link of hers.

`GATEHOUSE_CALLS=10000` makes so many; without it, a thousand.
"""

import os
import random
from typing import Any

import pytest
from django.test import Client

from accounts import links, password_changes
from accounts.models import Session, User
from accounts.testing import PASSWORD, make_person, new_address, sign_in
from accounts.tests.calls import AUTH
from kit.clock import utcnow

pytestmark = pytest.mark.django_db
CALLS = int(os.environ.get("GATEHOUSE_CALLS", "1000"))  # and a sequence begins at each of them
INTRUDERS = 20
ANNA = "anna@example.com"
NEW = "purple elephants dance at midnight"
PATHS = [
    *(f"{AUTH}/{call}" for call in ("register", "verify-email", "resend-verification", "refresh", "logout", "verify")),
    *(f"{AUTH}/{call}" for call in ("login", "reauthenticate", "profile", "me", "sessions", "undo", "unlock")),
    *(f"{AUTH}/password/{call}" for call in ("change", "reset-request", "reset")),
    *(f"{AUTH}/{call}" for call in ("sign-in-link/request", "sign-in-link", "sign-in-code")),
    *(f"{AUTH}/{call}" for call in ("addresses/confirm", "email/change", "phone/confirm", "account/keep")),
    *("/reset-password", "/undo", "/verify-email", "/unlock", "/confirm-address"),
]


class Intruder:
    """Somebody with an account of her own, and the links that are mailed to her, who wants Anna's."""

    def __init__(self, anna: User, seed: int) -> None:
        now = utcnow()
        self.anna = anna
        self.random = random.Random(seed)
        self.client = Client(REMOTE_ADDR=new_address(), raise_request_exception=False)
        self.own = sign_in(now=now)
        spent = links.text_of(password_changes.send_link(user=anna, address=ANNA, now=now))
        password_changes.send_link(user=anna, address=ANNA, now=now)
        hers = links.text_of(password_changes.send_link(user=self.own.user, address=self.own.user.email, now=now))
        self.tokens = ["", "x", "a" * 43, spent, hers, self.own.access, self.own.refresh, None, [hers], {"a": 1}]

    def body(self) -> dict[str, Any]:
        """Return whatever fields, each with something that may be meant for it."""
        pick = self.random.choice
        fields = {
            "token": pick(self.tokens),
            "challenge": pick(self.tokens),
            "refresh": pick(self.tokens),
            "email": pick([ANNA, self.own.user.email, "ANNA@example.com", "nobody@example.com"]),
            "new_password": NEW,
            "current_password": pick(["", PASSWORD[:5], NEW]),
            "password": pick(["", "wrong", NEW]),
            "code": pick(["", "12345", "000000x"]),
            "user": pick([ANNA, str(self.anna.pk)]),
        }
        return {name: value for name, value in fields.items() if self.random.random() < 0.7}

    def step(self) -> int:
        """Make one call, as herself or as nobody; return the status."""
        headers = self.own.headers if self.random.random() < 0.3 else {}
        method = self.random.choices(["POST", "PATCH", "PUT", "GET", "DELETE"], [12, 1, 1, 1, 1])[0]
        path = self.random.choice(PATHS)
        send = getattr(self.client, method.lower())
        if path.startswith("/api/") and method != "GET":
            return int(send(path, self.body(), headers=headers, content_type="application/json").status_code)
        form = {name: str(value) for name, value in self.body().items()}
        return int(send(path, form if method in {"GET", "POST"} else "", headers=headers).status_code)


def test_calls_in_any_order_without_a_link_change_no_password(settings: Any) -> None:
    settings.ACCOUNTS_SIGN_IN_BY_MAIL = True
    anna = make_person(ANNA)
    statuses: set[int] = set()
    for seed in range(INTRUDERS):
        intruder = Intruder(anna, seed)
        statuses.update(intruder.step() for _ in range(CALLS // INTRUDERS))
    assert User.objects.get(pk=anna.pk).password == anna.password
    assert not Session.objects.filter(user=anna).exists()
    assert max(statuses) < 500
    assert {200, 202, 204, 400, 401} <= statuses
