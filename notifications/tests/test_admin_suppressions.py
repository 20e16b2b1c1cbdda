"""The list of addresses held back, in the admin: searched, added to, and lifted for a reason."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory

from kit.clock import utcnow
from kit.ids import uuid7
from notifications import suppressions
from notifications.admin import SuppressionAdmin
from notifications.models import Suppression
from notifications.suppressions import Place
from notifications.tests.admin_pages import Words
from notifications.tests.callers import Caller

pytestmark = pytest.mark.django_db

VIEW, ADD, LIFT = (f"notifications.{verb}_suppression" for verb in ("view", "add", "delete"))
LIST = "changelist_view"


def ask(
    name: str, query: str = "", form: dict[str, Any] | None = None, *, may: tuple[str, ...]
) -> tuple[Any, list[str]]:
    """Return what a page answers whoever holds some permissions, and what it says in passing."""
    factory, kind = RequestFactory(), "application/x-www-form-urlencoded"
    request: Any = (
        factory.get(f"/?{query}") if form is None else factory.post("/", urlencode(form, doseq=True), content_type=kind)
    )
    request.user = Caller(frozenset(may))
    request._dont_enforce_csrf_checks = True
    request._messages = Words(request)
    response: Any = getattr(SuppressionAdmin(Suppression, site), name)(request)
    if hasattr(response, "render"):
        response.render()
    return response, [str(told) for told in request._messages._queued_messages]


def hold(address: str = "anna@example.com") -> Suppression:
    return suppressions.add(place=Place("email", address), detail="By telephone.", actor=uuid7(), now=utcnow())


def test_an_address_is_found_by_its_whole_text() -> None:
    hold()
    hold("berta@example.com")
    text = ask(LIST, "q=ANNA%40example.com", may=(VIEW,))[0].content.decode()
    assert ("anna@example.com" in text, "berta@example.com" in text) == (True, False)
    assert "by staff" in text


def test_who_may_not_see_the_list_does_not() -> None:
    with pytest.raises(PermissionDenied):
        ask(LIST, may=(ADD, LIFT))


def test_staff_hold_an_address_back() -> None:
    form = {"channel": "email", "address": "Anna@Example.com", "category": "", "detail": "By telephone."}
    answer, _ = ask("add_view", form=form, may=(VIEW, ADD))
    assert (answer.status_code, Suppression.objects.get().address) == (302, "anna@example.com")
    with pytest.raises(PermissionDenied):
        ask("add_view", form=form, may=(VIEW, LIFT))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"address": "nobody"}, "Enter an e-mail address"), ({"detail": ""}, "required"), ({}, "held back already")],
)
def test_a_mistake_is_told_beside_its_field(wrong: dict[str, str], told: str) -> None:
    hold()
    form = {"channel": "email", "address": "anna@example.com", "category": "", "detail": "Why"} | wrong
    assert told in ask("add_view", form=form, may=(VIEW, ADD))[0].content.decode()
    assert Suppression.objects.count() == 1


def lift(row: Suppression, *may: str, reason: str = "She asked.") -> list[str]:
    form = {"action": "lift", "_selected_action": str(row.pk), "reason": reason, "index": "0"}
    return ask(LIST, form=form, may=may)[1]


def test_staff_let_an_address_be_written_to_again_for_a_reason() -> None:
    row = hold()
    assert lift(row, VIEW, LIFT, reason="") == ["1: Say why, in one line."]
    lift(row, VIEW, ADD)
    assert Suppression.objects.exists()
    assert lift(row, VIEW, LIFT) == ["1 may be written to again."]
    assert not Suppression.objects.exists()


def test_a_long_list_costs_as_much_as_a_short_one(django_assert_max_num_queries: Any) -> None:
    for number in range(120):
        hold(f"person{number}@example.com")
    with django_assert_max_num_queries(3):
        ask(LIST, may=(VIEW,))
