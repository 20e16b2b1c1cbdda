from typing import Any

import pytest

from kit.clock import utcnow
from roles import access_requests
from roles.models import AccessRequest, Role
from roles.tests.office import said, staff
from roles.tests.people.making import make_person
from roles.tests.people.models import Person

pytestmark = pytest.mark.django_db

LIST = "/admin/roles/accessrequest/"


@pytest.fixture(autouse=True)
def offered() -> None:
    """The role of those who send messages is on offer."""
    Role.objects.filter(name="notifier").update(requestable=True)


def ask(user: Person, minutes: int = 60) -> AccessRequest:
    asked = access_requests.ask(user=user, role="notifier", minutes=minutes, reason="the newsletter", now=utcnow())
    return asked.request


def do(client: Any, row: AccessRequest, deed: str, **form: str) -> Any:
    return client.post(f"{LIST}{row.pk}/do/{deed}/", form, follow=True)


def test_request_is_approved_with_a_word() -> None:
    boss, client = staff("*")
    row = ask(anna := make_person())
    assert said(do(client, row, "approve", answer="until Monday")) == [
        "Agreed: anna@example.com has the role notifier."
    ]
    row.refresh_from_db()
    assert (row.state, row.decided_by, row.answer) == ("approved", boss.pk, "until Monday")
    assert anna.has_perm("notifications.send_message")


def test_request_is_refused() -> None:
    _, client = staff("*")
    row = ask(anna := make_person())
    do(client, row, "refuse")
    row.refresh_from_db()
    assert (row.state, anna.has_perm("notifications.send_message")) == ("refused", False)


def test_decided_request_is_not_decided_again() -> None:
    _, client = staff("*")
    row = ask(make_person())
    do(client, row, "refuse")
    assert "does not wait" in said(do(client, row, "approve"))[0]
    page = client.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "Approve" not in page
    assert "by staff@example.com" in page


def test_who_could_not_give_the_role_does_not_approve_it() -> None:
    _, client = staff("roles.add_grant", "roles.view_accessrequest")
    row = ask(anna := make_person())
    assert "more than you do" in said(do(client, row, "approve"))[0]
    assert not anna.has_perm("notifications.send_message")


def test_member_of_staff_asks_for_a_role_and_withdraws_that() -> None:
    person, client = staff()
    form = {"role": "notifier", "resource": "", "minutes": "90", "reason": "the newsletter"}
    assert client.post(f"{LIST}add/", form).status_code == 302
    row = AccessRequest.objects.get()
    assert (row.user_id, row.minutes) == (person.pk, 90)
    page = client.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "Approve" not in page
    assert said(do(client, row, "withdraw")) == ["The request is withdrawn."]


@pytest.mark.parametrize("wrong", [{"minutes": "0"}, {"minutes": ""}, {"role": "administrator"}, {"reason": " "}])
def test_wrong_request_is_told_beside_its_field(wrong: dict[str, str]) -> None:
    _, client = staff()
    form = {"role": "notifier", "resource": "", "minutes": "90", "reason": "the newsletter", **wrong}
    answer = client.post(f"{LIST}add/", form)
    assert set(answer.context["adminform"].form.errors) == set(wrong)
    assert not AccessRequest.objects.exists()


def test_requests_of_others_are_hidden_from_those_who_give_no_roles() -> None:
    _, client = staff()
    row = ask(make_person())
    assert client.get(LIST).context["cl"].result_count == 0
    assert client.get(f"{LIST}{row.pk}/change/").status_code == 404
    assert client.post(f"{LIST}{row.pk}/do/approve/").status_code == 404


@pytest.mark.parametrize(("permission", "found"), [("roles.add_grant", 1), ("roles.view_accessrequest", 2)])
def test_who_gives_roles_sees_what_waits_and_who_oversees_sees_all(permission: str, found: int) -> None:
    _, client = staff(permission)
    ask(make_person("anna"))
    row = ask(bert := make_person("bert"))
    access_requests.withdraw(request_id=row.pk, actor=bert, now=utcnow())
    assert client.get(LIST).context["cl"].result_count == found


@pytest.mark.parametrize(
    ("minutes", "said_so"), [(1, "1 minute"), (120, "2 hours"), (2880, "2 days"), (90, "90 minutes")]
)
def test_span_is_told_in_the_largest_unit_that_fits(minutes: int, said_so: str) -> None:
    _, client = staff("*")
    ask(make_person(), minutes=minutes)
    assert said_so in client.get(LIST, {"state": "pending"}).content.decode()
    assert client.get(LIST, {"state": "refused"}).context["cl"].result_count == 0


@pytest.mark.parametrize(
    ("permission", "is_told", "is_asked"),
    [("roles.view_accessrequest", False, False), ("roles.view_role", True, False), ("roles.add_grant", True, True)],
)
def test_what_the_role_holds_is_told_to_who_may_see_roles_or_decides(
    permission: str, is_told: bool, is_asked: bool
) -> None:
    _, client = staff(*{"roles.view_accessrequest", permission})
    page = client.get(f"{LIST}{ask(make_person('anna')).pk}/change/").content.decode()
    assert ("notifications.send_message" in page, "Approve" in page) == (is_told, is_asked)


def test_who_asks_is_not_told_what_the_role_holds() -> None:
    person, client = staff()
    page = client.get(f"{LIST}{ask(person).pk}/change/").content.decode()
    assert "notifications.send_message" not in page
    assert "Withdraw" in page
