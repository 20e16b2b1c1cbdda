"""What stops the start."""

from typing import Any

import pytest

from notifications import checks

SMTP = {"NOTIFICATIONS_EMAIL_PROVIDERS": ["smtp"], "EMAIL_HOST": "mail.example.com", "EMAIL_USE_TLS": True}


def ids(settings: Any, **values: Any) -> list[str | None]:
    for name, value in values.items():
        setattr(settings, name, value)
    found = [check(None) for check in (checks.check_kinds, checks.check_providers, checks.check_mail)]
    return [message.id for messages in found for message in messages]


def test_sound_settings_pass(settings: Any) -> None:
    assert ids(settings) == []
    assert ids(settings, PRODUCTION=True, **SMTP) == []


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"NOTIFICATIONS_KINDS": ("no.such.module",)}, "notifications.E001"),
        ({"NOTIFICATIONS_KINDS": ("notifications.lanes",)}, "notifications.E001"),
        ({"NOTIFICATIONS_EMAIL_PROVIDERS": ["pigeon"]}, "notifications.E003"),
        ({"PRODUCTION": True, "NOTIFICATIONS_EMAIL_PROVIDERS": ["file"]}, "notifications.E004"),
        ({"PRODUCTION": True, "NOTIFICATIONS_EMAIL_PROVIDERS": []}, "notifications.E004"),
        ({"DEFAULT_FROM_EMAIL": "nobody"}, "notifications.E005"),
        ({"DEFAULT_FROM_EMAIL": "A <a@example.com>\nBcc: e@example.com"}, "notifications.E005"),
        ({"PRODUCTION": True, **SMTP, "EMAIL_USE_TLS": False}, "notifications.E006"),
    ],
)
def test_mistake_in_the_settings_is_found(settings: Any, values: dict[str, Any], found: str) -> None:
    assert ids(settings, **values) == [found]


def test_kind_without_its_templates_is_found(settings: Any) -> None:
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": []}]
    assert ids(settings) == ["notifications.E002"] * 3
