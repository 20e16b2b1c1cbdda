"""What the start says of the guard's settings."""

from typing import Any

import pytest

from notifications.guard_checks import check_countries

SENDS = ["notifications.testing.RecordingProvider"]


@pytest.mark.parametrize(
    ("production", "countries", "providers", "found"),
    [
        (True, [], SENDS, ["notifications.E021"]),
        (True, ["DE"], SENDS, []),
        (True, ["*"], SENDS, []),
        (True, [], [], []),
        (False, [], SENDS, []),
        (False, ["DE", "XX"], SENDS, ["notifications.E020"]),
    ],
)
def test_short_messages_that_reach_nobody_stop_the_start(
    settings: Any, production: bool, countries: list[str], providers: list[str], found: list[str]
) -> None:
    settings.PRODUCTION, settings.SMS_COUNTRIES = production, countries
    settings.NOTIFICATIONS_SMS_PROVIDERS, settings.NOTIFICATIONS_WHATSAPP_PROVIDERS = providers, []
    assert [error.id for error in check_countries(None)] == found
