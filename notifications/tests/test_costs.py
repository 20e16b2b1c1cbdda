"""What messages cost by the price list."""

from datetime import datetime
from typing import Any

import pytest

from notifications import costs
from notifications.tests.guarding import draft_to

PRICES = {"sms": {"": 100_000, "49": 75_000, "4915": 70_000}, "email": {"": 400}}


@pytest.mark.parametrize(
    ("channel", "recipient", "price"),
    [
        ("sms", "+4915112345678", 70_000),
        ("sms", "+493012345678", 75_000),
        ("sms", "+442071838750", 100_000),
        ("email", "anna@example.com", 400),
        ("whatsapp", "+4915112345678", 0),
    ],
)
def test_the_longest_prefix_of_the_list_counts(settings: Any, channel: str, recipient: str, price: int) -> None:
    settings.NOTIFICATIONS_PRICES = PRICES
    assert costs.price_of(channel=channel, recipient=recipient) == price


def test_every_part_is_paid(settings: Any, now: datetime) -> None:
    settings.NOTIFICATIONS_PRICES = PRICES
    draft = draft_to(now=now, kind="", text="я" * 71)
    costs.gate([draft], now)
    assert (draft.message.segments, draft.message.cost) == (2, 140_000)
    assert [(note.word, note.detail) for note in draft.notes] == [("costs", "0.1400 EUR, 2 parts")]


def test_what_is_not_listed_costs_nothing_and_a_mail_has_no_parts(settings: Any, now: datetime) -> None:
    settings.NOTIFICATIONS_PRICES = {}
    draft = draft_to("anna@example.com", now=now, text="x" * 500)
    draft.message.channel = "email"
    costs.gate([draft], now)
    assert (draft.message.segments, draft.message.cost, draft.notes) == (0, 0, [])
