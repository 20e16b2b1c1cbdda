"""What a request costs in SQL: the hot calls keep to their number of statements, however many rows there are."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.testing import PASSWORD, SignedIn, act_for, make_person, sign_in
from kit.clock import utcnow
from kit.origin import NOWHERE
from mfa.testing import code_of, make_totp
from mfa.tests.soft_key import SoftKey
from mfa.tests.soft_key import give as give_passkey
from roles import grants
from vault import signing_keys

# What frames a transaction is not counted.
FRAMES = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")

pytestmark = pytest.mark.django_db


def give(user: User, role: str, resource: str = "") -> None:
    """Give a role, as the command line does."""
    grants.give(holder=user, role=role, resource=resource, actor=None, now=utcnow(), origin=NOWHERE)


@pytest.fixture(params=["few rows", "many rows"])
def caller(request: pytest.FixtureRequest) -> SignedIn:
    """A sender; with many rows she has thirty sessions and grants, among thirty other people."""
    user = make_person("caller@example.org")
    give(user, "notifier")
    give(user, "encryptor")
    if request.param == "many rows":
        for number in range(30):
            give(user, "auditor", f"invoice:{number}")
            make_person(f"other-{number}@example.org")
        for _ in range(5):
            sign_in(user)
    return sign_in(user)


@contextmanager
def at_most(number: int) -> Iterator[None]:
    """Fail when more statements are run, and show them."""
    signing_keys.held_set.forget()
    signing_keys.active()  # read anew every half minute: not in the middle of this
    with CaptureQueriesContext(connection) as captured:
        yield
    run = [query["sql"] for query in captured.captured_queries if not query["sql"].upper().startswith(FRAMES)]
    assert len(run) <= number, "\n".join(run)


def post(caller: SignedIn, path: str, body: dict[str, Any], expected: int) -> Callable[[], None]:
    """Return a call that must be answered as expected."""

    def call() -> None:
        answer = Client().post(f"/api/v1{path}", body, content_type="application/json", headers=caller.headers)
        assert answer.status_code == expected, answer.content

    return call


def test_reading_the_profile_takes_one_statement(caller: SignedIn) -> None:
    with at_most(1):
        assert Client().get("/api/v1/auth/profile", headers=caller.headers).status_code == 200


def test_reading_the_profile_for_another_person_takes_five_statements_more(caller: SignedIn) -> None:
    staff = sign_in(make_person("staff@example.org", is_superuser=True))
    acting = act_for(caller.user, staff=staff)
    for _ in range(2):  # not yet known what either may do, and known
        with at_most(6):
            assert Client().get("/api/v1/auth/profile", headers=acting.headers).status_code == 200


def test_beginning_to_act_for_another_person_takes_fifteen_statements(caller: SignedIn) -> None:
    staff = sign_in(make_person("staff@example.org", is_superuser=True))
    with at_most(15):
        post(staff, f"/users/{caller.user.pk}/impersonate", {"reason": "She asked for help"}, 200)()


def test_listing_second_factors_takes_three_statements(caller: SignedIn) -> None:
    for number in range(5):
        make_totp(caller.user, name=f"{number}")
    with at_most(3):
        assert Client().get("/api/v1/auth/mfa", headers=caller.headers).status_code == 200


def test_proving_a_second_factor_takes_22_statements_after_the_13_of_the_password(caller: SignedIn) -> None:
    device = make_totp(caller.user)
    body = {"email": caller.user.email, "password": PASSWORD}
    with at_most(13):
        answer = Client().post("/api/v1/auth/login", body, content_type="application/json")
    code = {"challenge": answer.json()["challenge"], "method": "totp", "code": code_of(device, utcnow())}
    with at_most(22):
        post(caller, "/auth/mfa/challenge", code, 200)()


def test_signing_in_with_a_passkey_takes_two_statements_and_19(caller: SignedIn) -> None:
    key = give_passkey(caller.user, utcnow())
    for _ in range(4):
        give_passkey(caller.user, utcnow())
    with at_most(2):
        asked = Client().post("/api/v1/auth/passkey/options", {}, content_type="application/json")
    with at_most(19):
        post(caller, "/auth/passkey", {"credential": key.answer(asked.json())}, 200)()


def test_setting_up_a_further_passkey_takes_4_statements_and_20_and_18(caller: SignedIn) -> None:
    key = give_passkey(caller.user, utcnow())
    with at_most(4):
        answer = Client().post(
            "/api/v1/auth/mfa/send", {"method": "webauthn"}, content_type="application/json", headers=caller.headers
        )
    credential = key.answer(answer.json())
    with at_most(20):
        answer = Client().post(
            "/api/v1/auth/mfa/webauthn/options",
            {"credential": credential},
            content_type="application/json",
            headers=caller.headers,
        )
    with at_most(18):
        post(caller, "/auth/mfa/webauthn", {"credential": SoftKey().make(answer.json())}, 200)()


def test_checking_a_permission_takes_two_statements(caller: SignedIn) -> None:
    cache.clear()
    call = post(caller, "/auth/permissions/check", {"permission": "notifications.send_message"}, 200)
    with at_most(2):
        call()
    with at_most(2):
        call()


def test_refreshing_takes_five_statements(caller: SignedIn) -> None:
    with at_most(5):
        post(caller, "/auth/refresh", {"refresh": caller.refresh}, 200)()


@pytest.mark.parametrize(
    ("key", "most"), [({}, 7), ({"Idempotency-Key": "k1"}, 9)], ids=["without a key", "with a key"]
)
def test_accepting_an_email_takes_so_many_statements(caller: SignedIn, key: dict[str, str], most: int) -> None:
    """Who asks and what she may, the quota, who wants no mail, the message, and two for the log; a key takes two."""
    body = {"to": "to@example.org", "subject": "S", "text": "T"}
    with at_most(most):
        answer = Client().post(
            "/api/v1/notify/email", body, content_type="application/json", headers=caller.headers | key
        )
    assert answer.status_code == 202, answer.content


@pytest.mark.parametrize("path", ["inbox", "inbox/unread-count"])
def test_inbox_that_has_not_changed_takes_two_statements(caller: SignedIn, path: str) -> None:
    etag = Client().get(f"/api/v1/{path}", headers=caller.headers)["ETag"]
    with at_most(2):
        answer = Client().get(f"/api/v1/{path}", headers=caller.headers | {"If-None-Match": etag})
    assert answer.status_code == 304


def test_encrypting_and_decrypting_take_five_statements_each(caller: SignedIn) -> None:
    with at_most(5):
        answer = Client().post(
            "/api/v1/encrypt", {"plaintext": "P"}, content_type="application/json", headers=caller.headers
        )
    with at_most(5):
        post(caller, "/decrypt", {"ciphertext": answer.json()["ciphertext"]}, 200)()
