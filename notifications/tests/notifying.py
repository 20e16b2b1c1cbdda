"""What the tests of sending by the API share: calls, bodies, and a template to fill."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from notifications.testing import make_template, publish_wording
from notifications.tests import people
from notifications.wording.defaults import Sources

API = "/api/v1/notify"
SMS = {"to": "+4915112345678", "text": "Your parcel is here."}
NOTICE = {"template": "parcel", "context": {"number": 4711}}


@pytest.fixture(autouse=True)
def carried(settings: Any) -> Iterator[None]:
    """Carry every channel, and know the people of these tests."""
    settings.NOTIFICATIONS_RECIPIENTS = people.RESOLVER
    for channel in ("WHATSAPP", "PUSH"):
        setattr(settings, f"NOTIFICATIONS_{channel}_PROVIDERS", ["notifications.testing.RecordingProvider"])
    yield
    people.contacts.clear()


def post(client: Client, path: str, body: dict[str, Any], **headers: str) -> Any:
    """Make a call, and return its answer."""
    return client.post(API + path, body, format="json", headers=headers)


def mistake(answer: Any) -> tuple[int, str]:
    """Return the status of an answer, and the first field that it names."""
    return answer.status_code, answer.json()["errors"][0]["field"]


def worded(now: datetime, *channels: str, category: str = "") -> None:
    """Publish a template with a wording for each of these channels."""
    make_template("parcel", {"number": "7"}, now=now, category=category)
    for channel in channels:
        title = "" if channel in {"sms", "whatsapp"} else "Parcel {{ number }}"
        publish_wording("parcel", Sources(subject=title, text="No. {{ number }}"), now=now, channel=channel)
