"""Where people are reached, as `notifications` asks."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import recipients
from accounts.models import User
from accounts.testing import make_person
from kit.clock import utcnow
from kit.ids import uuid7
from notifications.recipients import Contact
from notifications.recipients import resolve as resolved

pytestmark = pytest.mark.django_db


def contact(user: User) -> Contact:
    return recipients.resolve([user.pk])[user.pk]


def test_contact_has_her_address_language_and_zone() -> None:
    user = make_person(locale="de", time_zone="Europe/Berlin")
    assert contact(user) == Contact(email=user.email, locale="de", time_zone="Europe/Berlin")


def test_number_counts_once_it_is_confirmed() -> None:
    user = make_person(phone="+4915112345678")
    assert contact(user).phone == ""
    User.objects.filter(pk=user.pk).update(phone_confirmed_at=utcnow())
    assert (contact(user).phone, contact(user).whatsapp) == ("+4915112345678", "+4915112345678")


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"frozen_at": datetime.fromisoformat("2026-01-01T00:00:00Z")}]
)
def test_whoever_may_not_act_is_as_unknown_as_nobody(settings: Any, change: dict[str, Any]) -> None:
    settings.NOTIFICATIONS_RECIPIENTS = "accounts.recipients.resolve"
    stopped, other = make_person(), make_person()
    User.objects.filter(pk=stopped.pk).update(**change)
    assert set(resolved([stopped.pk, uuid7(), other.pk])) == {other.pk}


@pytest.mark.parametrize(("count", "statements"), [(1, 1), (100, 1), (101, 2)])
def test_people_are_read_a_hundred_in_a_statement(settings: Any, count: int, statements: int) -> None:
    settings.NOTIFICATIONS_RECIPIENTS = "accounts.recipients.resolve"
    with CaptureQueriesContext(connection) as queries:
        resolved([uuid7() for _ in range(count)])
    assert len(queries) == statements
