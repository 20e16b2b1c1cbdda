"""Codes by message: what the message says, and that it is not sent once the code is good no more."""

import datetime as dt
from typing import Any

import pytest
from django.template.loader import render_to_string

from accounts.models import SentCode
from accounts.testing import ORIGIN, make_person
from kit.errors import Throttled
from mfa import message_factors
from mfa.message_kinds.codes import KIND_OF
from mfa.testing import make_contact, newest_code
from notifications.channels import Channel, ChannelUnavailable
from notifications.models import Message

pytestmark = pytest.mark.django_db

MINUTE = dt.timedelta(minutes=1)


@pytest.mark.parametrize("channel", list(KIND_OF))
def test_the_message_says_the_code_and_what_it_is_for(now: dt.datetime, channel: Channel) -> None:
    user = make_person(now=now)
    make_contact(user, channel.value)
    row = message_factors.send(user=user, method=channel.value, now=now, origin=ORIGIN)
    kind, message = KIND_OF[channel], Message.objects.get()
    assert (message.channel, message.reference, message.text) == (channel.value, row.pk, "")
    content = kind.content(row.pk, now)
    assert content is not None
    text = render_to_string(f"{kind.template}.txt", dict(content.context))
    assert newest_code(user) in text
    assert "testserver" in text
    assert (ORIGIN.address in text) == (channel == Channel.EMAIL)


def test_a_message_for_setting_up_says_so(now: dt.datetime) -> None:
    user = make_person(now=now)
    sent = message_factors.send_code(
        purpose=SentCode.Purpose.ENROL, user=user, channel=Channel.SMS, to="+3725550123", now=now
    )
    content = KIND_OF[Channel.SMS].content(sent.pk, now)
    assert content is not None
    assert "to set up codes" in render_to_string("mfa/messages/short_code.txt", dict(content.context))


def test_a_code_that_gave_way_to_a_newer_one_is_not_sent(now: dt.datetime) -> None:
    user = make_person(now=now)
    make_contact(user)
    old = message_factors.send(user=user, method="email", now=now)
    message_factors.send(user=user, method="email", now=now + MINUTE)
    assert KIND_OF[Channel.EMAIL].content(old.pk, now + MINUTE) is None
    assert KIND_OF[Channel.EMAIL].content(user.pk, now) is None


def test_a_code_is_good_for_ten_minutes(now: dt.datetime) -> None:
    user = make_person(now=now)
    make_contact(user)
    message_factors.send(user=user, method="email", now=now)
    code = newest_code(user)
    assert not message_factors.is_right(user=user, channel="email", code=code, now=now + 10 * MINUTE)
    assert message_factors.is_right(user=user, channel="email", code=code, now=now + 9 * MINUTE)
    assert not message_factors.is_right(user=user, channel="email", code=code, now=now + 9 * MINUTE)


def test_ten_codes_a_day_go_out(now: dt.datetime) -> None:
    user = make_person(now=now)
    make_contact(user)
    for turn in range(10):
        message_factors.send(user=user, method="email", now=now + turn * 11 * MINUTE)
    with pytest.raises(Throttled) as refusal:
        message_factors.send(user=user, method="email", now=now + 121 * MINUTE)
    assert refusal.value.retry_after > 20 * 3600


def test_where_no_provider_carries_it_nothing_is_written(now: dt.datetime, settings: Any) -> None:
    settings.NOTIFICATIONS_WHATSAPP_PROVIDERS = []
    user = make_person(now=now)
    make_contact(user, "whatsapp")
    with pytest.raises(ChannelUnavailable):
        message_factors.send(user=user, method="whatsapp", now=now)
    assert not SentCode.objects.exists()
