"""What a channel without anybody to carry it means for health and for other channels."""

from datetime import datetime, timedelta

import pytest

from notifications import breakers
from notifications.models import Message
from notifications.providers.base import Transient
from notifications.testing import deliver_all, make_message
from notifications.tests.scripted import delivered, down

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("chain_of_two")]

MINUTE = timedelta(minutes=1)


def test_health_is_bad_while_a_channel_in_use_has_nobody(now: datetime) -> None:
    breakers.check_health(now)
    breakers.switch("plain", off=True, actor=None, now=now)
    breakers.check_health(now)
    breakers.switch("second", off=True, actor=None, now=now)
    with pytest.raises(breakers.NoProvider):
        breakers.check_health(now)


@pytest.mark.usefixtures("alone")
def test_health_is_good_again_once_one_message_has_come_through(now: datetime) -> None:
    down["plain"] = Transient("connection_failed")
    for _ in range(5):
        make_message(now=now)
    deliver_all(now)
    with pytest.raises(breakers.NoProvider):
        breakers.check_health(now + MINUTE)
    del down["plain"]
    Message.objects.exclude(pk=Message.objects.first().pk).update(due_at=None)  # type: ignore[union-attr]
    deliver_all(now + 2 * MINUTE)
    assert len(delivered["plain"]) == 1
    breakers.check_health(now + 2 * MINUTE)


@pytest.mark.usefixtures("alone")
def test_channel_that_is_down_holds_no_other_up(now: datetime) -> None:
    breakers.switch("plain", off=True, actor=None, now=now)
    for _ in range(100):
        make_message(now=now)
    text = make_message(now=now, channel="sms", to=["+4915112345678"])
    deliver_all(now)
    assert Message.objects.get(pk=text.pk).status == "sent"
    assert Message.objects.get(pk=text.pk).fence == 1
    assert not Message.objects.filter(channel="email").exclude(fence=0).exists()
