"""What this app's tests share: settings of their own, whichever project they run in, and an empty post-box."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kit.clock import utcnow
from notifications import testing

TEMPLATES = Path(__file__).parent / "tests" / "templates"
LAYOUTS = Path(__file__).parents[1] / "templates"


@pytest.fixture(autouse=True)
def _own_settings(settings: Any) -> None:
    """Send by the recording provider, know the kinds of these tests alone, and ring no bell."""
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**engine, "DIRS": [*engine.get("DIRS", ()), TEMPLATES, LAYOUTS]}]
    settings.NOTIFICATIONS_KINDS = ("notifications.testing",)
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = ["notifications.testing.RecordingProvider"]
    settings.NOTIFICATIONS_SMS_PROVIDERS = ["notifications.testing.RecordingProvider"]
    settings.NOTIFICATIONS_BELL = ""
    settings.DEFAULT_FROM_EMAIL = "Gatehouse <gatehouse@example.com>"
    settings.PUBLIC_URL = "http://testserver"


@pytest.fixture(autouse=True)
def _empty_post_box() -> Iterator[None]:
    yield
    testing.forget_mail()
    testing.greetings.clear()


@pytest.fixture
def now() -> datetime:
    """Return the moment at which everything in a test happens."""
    return utcnow()
