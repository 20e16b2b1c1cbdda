"""Messages in the admin: found, read with their attempts, never written."""

from typing import Any

import pytest
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.test import RequestFactory

from notifications.admin import MessageAdmin
from notifications.models import Message
from notifications.testing import deliver_all, make_message
from notifications.tests.callers import VIEW, Caller

pytestmark = [pytest.mark.django_db, pytest.mark.urls("notifications.tests.urls")]

STAFF = Caller(frozenset({VIEW}))
ALL = ("add", "change", "delete")
EVERYTHING = Caller(
    frozenset({VIEW, *(f"notifications.{verb}_{row}" for verb in ALL for row in ("message", "attempt"))})
)


def view(name: str, *arguments: str, query: str = "", user: Caller = STAFF, post: bool = False) -> TemplateResponse:
    """Return what a view of the messages' admin answers, rendered."""
    request: Any = (RequestFactory().post if post else RequestFactory().get)(f"/?{query}")
    request.user = user
    request._dont_enforce_csrf_checks = True
    response: TemplateResponse = getattr(MessageAdmin(Message, AdminSite()), name)(request, *arguments)
    response.render()
    return response


def test_message_is_shown_with_its_attempts_and_not_what_it_says() -> None:
    message = make_message(text="Between you and me.", subject="Hello there")
    deliver_all()
    page = view("change_view", str(message.pk)).content.decode()
    assert "Hello there" in page
    assert "recording" in page
    assert "Between you and me." not in page
    assert 'name="_save"' not in page


@pytest.mark.parametrize("name", ["add_view", "change_view", "delete_view"])
def test_nothing_can_be_written(name: str) -> None:
    message = make_message(subject="As it was")
    with pytest.raises(PermissionDenied):
        view(name, *([] if name == "add_view" else [str(message.pk)]), user=EVERYTHING, post=True)
    assert Message.objects.get().subject == "As it was"


def test_message_is_found_by_its_whole_address_its_id_or_its_caller() -> None:
    make_message()
    message = make_message(recipient="berta@example.com")
    for word in ("BERTA@example.com", message.pk, message.caller):
        context = view("changelist_view", query=f"q={word}").context_data or {}
        assert list(context["cl"].result_list) == [message]


def test_list_costs_the_same_whatever_its_length(django_assert_max_num_queries: Any) -> None:
    for _ in range(60):
        make_message()
    with django_assert_max_num_queries(3):
        view("changelist_view")


def test_staff_without_the_permission_sees_nothing() -> None:
    with pytest.raises(PermissionDenied):
        view("changelist_view", user=Caller())
