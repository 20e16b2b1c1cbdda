"""Event types: their names, and what their details may not hold."""

import pytest

from audit import vocabulary
from audit.permissions import PERMISSIONS
from audit.tests.event_types import DOOR_OPENED
from audit.vocabulary import EventType


@pytest.mark.parametrize(
    "name", ["opened", "testing.opened", "Testing.door.opened", "a.b.c.d", "testing.door.opened\n"]
)
def test_name_of_another_form_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="form"):
        EventType(name, "")


@pytest.mark.parametrize("field", ["password", "refresh_token", "client_secret", "otp", "set_cookie", "Reason"])
def test_field_for_a_secret_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match="may not be a field"):
        EventType("testing.field.refused", "", {field})


def test_one_name_with_two_contents_is_refused() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        EventType(DOOR_OPENED.name, "Another meaning")


def test_declared_types_are_found_by_name() -> None:
    assert vocabulary.find("testing.door.opened") is DOOR_OPENED
    assert vocabulary.find("testing.door.unknown") is None
    assert DOOR_OPENED in vocabulary.list_declared()


def test_permission_to_see_the_log_is_declared() -> None:
    assert set(PERMISSIONS) == {"audit.view_entry"}
