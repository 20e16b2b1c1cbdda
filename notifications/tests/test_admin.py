"""Messages in the admin."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from notifications.testing import deliver_all, make_message

pytestmark = pytest.mark.django_db

LIST = "/admin/notifications/message/"


@pytest.fixture
def staff() -> Client:
    client = Client()
    user: Any = User.objects.create_superuser("staff", password="Xk3!longenough")
    client.force_login(user)
    return client


def test_staff_reads_a_message_with_its_attempts_and_not_what_it_says(staff: Client) -> None:
    message = make_message(text="Between you and me.", subject="Hello there")
    deliver_all()
    page = staff.get(f"{LIST}{message.pk}/change/").content.decode()
    assert "Hello there" in page
    assert "recording" in page
    assert "Between you and me." not in page


def test_nothing_can_be_written(staff: Client) -> None:
    message = make_message()
    assert staff.get(f"{LIST}add/").status_code == 403
    assert staff.post(f"{LIST}{message.pk}/change/", {"subject": "x"}).status_code == 403
    assert staff.post(f"{LIST}{message.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("word", ["BERTA@example.com", "id"])
def test_message_is_found_by_its_whole_address_or_id(staff: Client, word: str) -> None:
    make_message(subject="not this one")
    message = make_message(recipient="berta@example.com")
    page = staff.get(LIST, {"q": str(message.pk) if word == "id" else word}).content.decode()
    assert "berta@example.com" in page
    assert "anna@example.com" not in page


def test_list_costs_the_same_whatever_its_length(staff: Client, django_assert_max_num_queries: Any) -> None:
    for _ in range(60):
        make_message()
    with django_assert_max_num_queries(8):
        assert staff.get(LIST).status_code == 200


def test_staff_without_the_permission_sees_nothing() -> None:
    client = Client()
    user: Any = User.objects.create_user("clerk", is_staff=True)
    client.force_login(user)
    assert client.get(LIST).status_code == 403
