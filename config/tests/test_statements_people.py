"""What the calls about people cost in SQL, however many people and roles there are."""

import pytest
from django.test import Client

from accounts.testing import PASSWORD, SignedIn, make_person, sign_in
from config.tests.test_statements import at_most
from roles.testing import give_role

pytestmark = pytest.mark.django_db

USERS = "/api/v1/users"


@pytest.fixture
def manager() -> SignedIn:
    person = make_person("manager@example.org")
    give_role(person, "user-manager")
    for number in range(30):
        make_person(f"person-{number}@example.org", first_name="Anna", last_name="Berg")
    signed_in = sign_in(person)
    Client().get("/api/v1/auth/permissions", headers=signed_in.headers)  # what she may do is known from here on
    return signed_in


@pytest.mark.parametrize(
    ("path", "most"),
    [
        (USERS, 2),
        (f"{USERS}?page_size=30&ordering=email", 2),
        (f"{USERS}?is_staff=false&state=active", 2),
        (f"{USERS}?search=ber", 5),
        (f"{USERS}?search=anna+ber", 6),
        (f"{USERS}/me", 1),
        ("/api/v1/auth/activity", 3),
        ("/api/v1/auth/export", 38),
    ],
)
def test_reading_takes_so_many_statements(manager: SignedIn, path: str, most: int) -> None:
    with at_most(most):
        assert Client().get(f"{path}", headers=manager.headers).status_code == 200


@pytest.mark.parametrize(
    ("action", "most"),
    [("activate", 14), ("deactivate", 17), ("unlock", 12), ("sign-out", 12), ("send-password-reset", 14)],
)
def test_managing_takes_so_many_statements(manager: SignedIn, action: str, most: int) -> None:
    other = make_person()
    with at_most(most):
        assert Client().post(f"{USERS}/{other.pk}/{action}", headers=manager.headers).status_code == 204


def test_one_person_takes_two_statements_and_a_change_ten(manager: SignedIn) -> None:
    path = f"{USERS}/{make_person().pk}"
    with at_most(2):
        Client().get(path, headers=manager.headers)
    with at_most(10):
        Client().patch(path, {"first_name": "Anna"}, content_type="application/json", headers=manager.headers)


def test_without_the_permission_a_known_and_an_unknown_id_cost_the_same(manager: SignedIn) -> None:
    stranger = sign_in()
    Client().get("/api/v1/auth/permissions", headers=stranger.headers)
    for pk in (manager.user.pk, "00000000-0000-7000-8000-000000000000"):
        with at_most(6):
            assert Client().get(f"{USERS}/{pk}", headers=stranger.headers).status_code == 404


def test_deleting_ones_own_account_takes_so_many_statements() -> None:
    anna = sign_in()
    body = {"password": PASSWORD}
    with at_most(26):
        Client().delete("/api/v1/auth/account", body, content_type="application/json", headers=anna.headers)
