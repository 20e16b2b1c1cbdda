"""Messages of a kind that goes by SMS."""

from datetime import datetime
from typing import Any

import pytest

from kit.errors import Unavailable
from kit.ids import uuid7
from notifications import sending, testing
from notifications.channels import Channel, require_carried
from notifications.kinds import Content
from notifications.models import Attempt, Message
from notifications.testing import SHORT_GREETING, deliver_all, greetings

pytestmark = pytest.mark.django_db


def greet(now: datetime) -> Message:
    reference = uuid7()
    greetings[reference] = Content(context={"name": "<Anna>", "code": "987001"})
    return sending.send(kind=SHORT_GREETING, to="+4915112345678", reference=reference, now=now)


def test_a_kind_goes_by_its_channel(now: datetime) -> None:
    message = greet(now)
    assert deliver_all(now) == []
    [text] = testing.texts
    assert (text.id, text.channel, text.to) == (message.pk, "sms", "+4915112345678")


def test_its_text_is_rendered_when_it_is_sent_and_kept_nowhere(now: datetime) -> None:
    greet(now)
    deliver_all(now)
    [text] = testing.texts
    assert text.text == "Hello <Anna>, your code is 987001 & nothing else."
    assert "987001" not in str([*Message.objects.values_list(), *Attempt.objects.values_list()])


def test_what_has_nothing_to_say_any_more_is_not_sent(now: datetime) -> None:
    greet(now)
    greetings.clear()
    deliver_all(now)
    assert (testing.texts, Message.objects.get().status) == ([], Message.Status.SUPPRESSED)


def test_a_channel_that_nobody_carries_is_told_before_anything_is_written(settings: Any) -> None:
    require_carried(Channel.SMS)
    settings.NOTIFICATIONS_SMS_PROVIDERS = []
    with pytest.raises(Unavailable):
        require_carried(Channel.SMS)
