"""Limits that are set up wrongly do not start."""

import pytest
from django.test import override_settings

from limits import checks


def _ids() -> list[str | None]:
    return [message.id for message in checks.check_settings()]


def test_settings_of_the_tests_are_sound() -> None:
    assert _ids() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("LIMITS_BY_ADDRESS", {"login": 5}, "limits.E001"),
        ("LIMITS_BY_ADDRESS", {"login": (5,)}, "limits.E001"),
        ("LIMITS_BY_ADDRESS", {"login": (5, 0)}, "limits.E001"),
        ("LIMITS_BY_ADDRESS", {"login": (5, "60")}, "limits.E001"),
        ("RATE_LIMIT_SCALE", 0, "limits.E002"),
        ("RATE_LIMIT_SCALE", "much", "limits.E002"),
        ("RATE_LIMIT_SCALE", None, "limits.E002"),
        ("RATE_LIMIT_SCALE", float("nan"), "limits.E002"),
        ("REDIS_URL", "http://localhost", "limits.E003"),
    ],
)
def test_wrong_setting_is_an_error(name: str, value: object, expected: str) -> None:
    with override_settings(**{name: value}):
        assert _ids() == [expected]


def test_sound_settings_are_no_error() -> None:
    with override_settings(LIMITS_BY_ADDRESS={"login": (5, 60)}, REDIS_URL="redis://localhost", RATE_LIMIT_SCALE="2"):
        assert _ids() == []
