"""People over HTTP, for staff: each call with its permission, and what nobody may see or change."""

from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from accounts.models import Session, User
from accounts.testing import client_of, make_person, sign_in
from accounts.tests import test_stewardship as stewardship_tests
from accounts.tests.calls import code_of
from kit.ids import uuid7
from notifications.models import Message

pytestmark = pytest.mark.django_db

USERS = "/api/v1/users"
NOBODY = UUID("00000000-0000-7000-8000-000000000000")
ACTIONS = ("activate", "deactivate", "unlock", "sign-out", "reset-mfa", "send-password-reset")
STAFF_MANAGE = ["accounts.tests.house.StaffManagePeople"]


@pytest.fixture
def root() -> APIClient:
    """Somebody who may do everything."""
    return client_of(sign_in(make_person("root@example.com", is_superuser=True)))


@pytest.fixture
def manager(settings: Any) -> APIClient:
    """Staff who see and change people."""
    settings.AUTHENTICATION_BACKENDS = STAFF_MANAGE
    return client_of(sign_in(make_person("manager@example.com", is_staff=True)))


def emails(answer: Any) -> list[str]:
    return [person["email"] for person in answer.json()["results"]]


def test_list_shows_people_newest_first_and_no_secret(root: APIClient) -> None:
    anna = make_person("anna@example.com", first_name="Anna", phone="+4915112345678")
    answer = root.get(USERS)
    assert answer.status_code == 200
    assert emails(answer) == ["anna@example.com", "root@example.com"]
    shown = answer.json()["results"][0]
    assert (shown["id"], shown["state"], shown["erase_at"]) == (str(anna.pk), "active", None)
    assert not {"password", "is_superuser"} & set(shown)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=ANNA@", ["anna@example.com"]),
        ("search=berg", ["anna@example.com"]),
        ("search=Anna B", ["anna@example.com"]),
        ("search=%25", []),
        ("search=%E3%80%80&page_size=1", ["carla@example.com"]),
        ("search=_", []),
        ("search=zed", ["bert@example.com"]),
        ("is_staff=true", ["bert@example.com"]),
        ("is_active=false", ["carla@example.com"]),
        ("state=inactive", ["carla@example.com"]),
        ("created_before=2000-01-01T00:00:00Z", []),
        ("ordering=email", ["anna@example.com", "bert@example.com", "carla@example.com", "root@example.com"]),
        ("ordering=-last_name&search=b", ["bert@example.com", "anna@example.com"]),
    ],
)
def test_list_is_searched_filtered_and_ordered(root: APIClient, query: str, found: list[str]) -> None:
    make_person("anna@example.com", first_name="Anna", last_name="Berg")
    make_person("bert@example.com", username="zed", first_name="Bert", last_name="Zorn", is_staff=True)
    make_person("carla@example.com", is_active=False)
    assert emails(root.get(f"{USERS}?{query}")) == found


@pytest.mark.parametrize(
    "query",
    [
        "ordering=password",
        "ordering=role__id",
        "ordering=--email",
        "is_staff=maybe",
        "state=x",
        "state=",
        "created_before=",
        "created_after=yesterday",
        "search=%01",
        "search=" + "a" * 255,
        "page_size=1e9",
        "cursor=x",
    ],
)
def test_question_that_means_nothing_is_told_at_its_name(root: APIClient, query: str) -> None:
    answer = root.get(f"{USERS}?{query}")
    assert code_of(answer) == (400, "validation_error")
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


def test_without_the_permission_a_person_answers_as_an_unknown_one(settings: Any) -> None:
    other, client = make_person(), client_of(sign_in())
    for method in ("get", "put", "patch", "delete"):
        known, unknown = (getattr(client, method)(f"{USERS}/{pk}") for pk in (other.pk, NOBODY))
        assert known.status_code == 404
        assert {**known.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}
    for action in ACTIONS:
        known, unknown = (client.post(f"{USERS}/{pk}/{action}") for pk in (other.pk, NOBODY))
        assert known.status_code == 404
        assert {**known.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}


def test_an_unknown_person_is_not_found(root: APIClient) -> None:
    assert code_of(root.get(f"{USERS}/{uuid7()}")) == (404, "not_found")
    assert code_of(root.post(f"{USERS}/{uuid7()}/activate")) == (404, "not_found")


def test_who_lacks_the_permission_is_refused_the_list(db: None) -> None:
    assert code_of(client_of(sign_in()).get(USERS)) == (403, "permission_denied")
    assert code_of(APIClient().get(USERS)) == (401, "not_authenticated")


def test_own_account_is_at_me(db: None) -> None:
    signed_in = sign_in()
    assert client_of(signed_in).get(f"{USERS}/me").json()["id"] == str(signed_in.user.pk)


def test_staff_change_names_and_language_and_nothing_else(manager: APIClient) -> None:
    anna = make_person("anna@example.com")
    before: dict[str, Any] = {**User.objects.filter(pk=anna.pk).values().get()}
    wanted = {"first_name": "Anna", "locale": "de", "email": "evil@example.com", "is_superuser": True, "id": 1}
    more = {"password": "x", "is_staff": True, "phone": "+4915112345678", "username": "evil", "is_active": False}
    answer = manager.patch(f"{USERS}/{anna.pk}", {**wanted, **more, "erase_at": None, "first_name__in": ["x"]})
    after: dict[str, Any] = {**User.objects.filter(pk=anna.pk).values().get()}
    assert answer.status_code == 200
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"first_name", "first_name_key", "locale"}


def test_put_needs_all_that_may_be_changed(manager: APIClient) -> None:
    anna = make_person(locale="de")
    assert code_of(manager.put(f"{USERS}/{anna.pk}", {"first_name": "Anna"})) == (400, "validation_error")
    whole = {"first_name": "Anna", "last_name": "", "locale": "", "time_zone": ""}
    assert manager.put(f"{USERS}/{anna.pk}", whole).json()["locale"] == ""


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method"])
def test_no_header_makes_one_method_another(root: APIClient, header: str) -> None:
    anna = make_person()
    root.get(f"{USERS}/{anna.pk}?_method=DELETE", headers={header: "DELETE"})
    anna.refresh_from_db()
    assert anna.erase_at is None


def test_deactivation_ends_sessions_and_activation_lets_in_again(manager: APIClient) -> None:
    anna = sign_in()
    assert manager.post(f"{USERS}/{anna.user.pk}/deactivate").status_code == 204
    assert client_of(anna).get(f"{USERS}/me").status_code == 401
    assert manager.get(f"{USERS}/{anna.user.pk}").json()["state"] == "inactive"
    assert manager.post(f"{USERS}/{anna.user.pk}/activate").status_code == 204
    assert sign_in(anna.user).session.ended_at is None


def test_sign_out_ends_every_session(manager: APIClient) -> None:
    anna = make_person()
    sign_in(anna)
    sign_in(anna)
    assert manager.post(f"{USERS}/{anna.pk}/sign-out").status_code == 204
    assert not Session.objects.filter(user=anna, ended_at=None).exists()


def test_password_reset_goes_to_her_own_address_and_is_not_shown(manager: APIClient) -> None:
    anna = make_person("anna@example.com")
    answer = manager.post(f"{USERS}/{anna.pk}/send-password-reset")
    assert (answer.status_code, answer.content) == (204, b"")
    assert Message.objects.get(kind="accounts.reset").to == ["anna@example.com"]


def test_password_reset_of_a_stopped_account_is_a_conflict(manager: APIClient) -> None:
    anna = make_person(is_active=False)
    assert code_of(manager.post(f"{USERS}/{anna.pk}/send-password-reset")) == (409, "conflict")


def test_password_resets_are_counted_with_all_mail_to_an_address(manager: APIClient) -> None:
    anna = make_person()
    codes = [manager.post(f"{USERS}/{anna.pk}/send-password-reset").status_code for _ in range(4)]
    assert codes == [204, 204, 204, 429]


def test_second_factors_are_a_conflict_where_there_are_none(root: APIClient) -> None:
    assert code_of(root.post(f"{USERS}/{make_person().pk}/reset-mfa")) == (409, "conflict")


def test_second_factors_are_reset_for_a_reason(root: APIClient, settings: Any) -> None:
    settings.ACCOUNTS_FACTOR_RESET = "accounts.tests.test_stewardship.take_factors"
    path = f"{USERS}/{make_person().pk}/reset-mfa"
    assert root.post(path, {"reason": "Lost"}).status_code == 204
    assert root.post(path).status_code == 204
    assert code_of(root.post(path, {"reason": "x" * 201})) == (400, "validation_error")
    assert [reason for _, reason in (stewardship_tests.taken.pop(), stewardship_tests.taken.pop())] == ["", "Lost"]


def test_delete_stops_at_once_and_says_when_it_erases(root: APIClient) -> None:
    anna = sign_in()
    assert root.delete(f"{USERS}/{anna.user.pk}").status_code == 204
    assert client_of(anna).get(f"{USERS}/me").status_code == 401
    shown = root.get(f"{USERS}/{anna.user.pk}").json()
    assert (shown["state"], shown["is_active"]) == ("deleted", False)
    assert shown["erase_at"] > shown["created_at"]


@pytest.mark.parametrize("action", ACTIONS)
def test_who_may_do_more_is_beyond_reach(manager: APIClient, action: str) -> None:
    root = make_person(is_superuser=True)
    assert code_of(manager.post(f"{USERS}/{root.pk}/{action}")) == (403, "permission_denied")
    assert code_of(manager.patch(f"{USERS}/{root.pk}", {"first_name": "x"})) == (403, "permission_denied")
    root.refresh_from_db()
    assert (root.is_active, root.first_name) == (True, "")


@pytest.mark.parametrize("action", ["deactivate", "reset-mfa"])
def test_nobody_does_to_herself_what_asks_for_proof(root: APIClient, action: str) -> None:
    me = User.objects.get(email="root@example.com")
    assert code_of(root.post(f"{USERS}/{me.pk}/{action}")) == (409, "conflict")
    assert code_of(root.delete(f"{USERS}/{me.pk}")) == (409, "conflict")


@pytest.mark.parametrize("spelled", ["{0}/", "{0}.json", "%2e%2e/{0}", "{1}", "-1", "*", "[{0}]", "{0}%00", "{2}"])
def test_other_spellings_of_an_id_open_nothing(spelled: str) -> None:
    other, client = make_person(), client_of(sign_in())
    path = spelled.format(other.pk, str(other.pk).upper(), other.pk.hex)
    assert client.get(f"{USERS}/{path}").status_code == 404


def test_adding_a_person_mails_her_an_invitation(root: APIClient) -> None:
    answer = root.post(USERS, {"email": "new@example.com", "first_name": "Nora", "password": "x", "is_superuser": True})
    assert (answer.status_code, answer.json()["email"]) == (201, "new@example.com")
    assert Message.objects.get(recipient="new@example.com").kind == "accounts.invitation"
    assert not User.objects.filter(email="new@example.com").exists()


def test_adding_a_person_needs_its_permission(manager: APIClient) -> None:
    assert code_of(manager.post(USERS, {"email": "new@example.com"})) == (403, "permission_denied")
    assert not Message.objects.exists()
