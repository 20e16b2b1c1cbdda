"""The rules of a caller's own e-mail, as an edge without a serializer meets them."""

from typing import Any

import pytest

from kit.clock import utcnow
from kit.errors import Invalid, PermissionRefused
from kit.ids import uuid7
from notifications import accepting, drafting
from notifications.drafting import Sender
from notifications.filling import Filled
from notifications.idempotency import key_of
from notifications.lanes import Lane
from notifications.placing import Call
from notifications.requests.base import MessageRequest
from notifications.requests.checking import checked


def a_request(**fields: Any) -> MessageRequest:
    return MessageRequest(**{"to": ("anna@example.com",), "subject": "S", "text": "T"} | fields)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"subject": "a\r\nBcc: eve@example.com"}, "subject"),
        ({"subject": "\ud800"}, "subject"),
        ({"subject": "x" * 999}, "subject"),
        ({"subject": ""}, "subject"),
        ({"text": "\ud800"}, "text"),
        ({"html": "\x00"}, "html"),
        ({"html": "x" * 1_048_577}, "html"),
        ({"text": "", "html": ""}, "text"),
        ({"metadata": {"": 1}}, "metadata"),
        ({"metadata": {"a": ["b"]}}, "metadata.a"),
        ({"metadata": {"a": "\ud800"}}, "metadata.a"),
        ({"reply_to": "anna"}, "reply_to"),
        ({"to": ()}, "to"),
    ],
)
def test_rule_holds_at_every_edge(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        checked(a_request(**fields))
    assert refusal.value.field == field


def test_addresses_are_trimmed_and_otherwise_left_as_they_are() -> None:
    request = checked(a_request(to=(" Anna@Example.com ",), reply_to=" Desk@example.com"))
    assert (request.to, request.reply_to) == (("Anna@Example.com",), "Desk@example.com")


@pytest.mark.parametrize(
    ("category", "lane"),
    [("", Lane.NORMAL), ("newsletter", Lane.BULK), ("security", Lane.NORMAL), ("urgent", Lane.NORMAL)],
)
def test_no_category_puts_a_caller_in_front_of_others(category: str, lane: Lane) -> None:
    sender = Sender(caller=uuid7(), may_insist=True)
    draft = accepting.draft(Call(sender=sender, now=utcnow()), a_request(category=category))
    assert draft.message.lane == lane


@pytest.mark.parametrize(
    ("named", "kept"), [("news", "newsletter"), ("security", "newsletter"), ("marketing", "marketing")]
)
def test_template_of_a_mailing_stays_one_whatever_a_caller_calls_it(named: str, kept: str) -> None:
    filled = Filled(request=a_request(category=named), category="newsletter")
    draft = drafting.draft_of(filled, sender=Sender(caller=uuid7(), may_insist=True), now=utcnow())
    assert (draft.message.category, draft.message.lane, draft.must_arrive) == (kept, Lane.BULK, False)


def test_template_of_no_mailing_takes_the_category_of_the_caller() -> None:
    filled = Filled(request=a_request(category="news"), category="invoices")
    assert drafting.draft_of(filled, sender=Sender(caller=uuid7()), now=utcnow()).message.category == "news"


def test_category_that_nobody_can_switch_off_is_not_for_every_sender() -> None:
    with pytest.raises(PermissionRefused):
        accepting.draft(Call(sender=Sender(caller=uuid7()), now=utcnow()), a_request(category="security"))


def test_equal_requests_have_one_fingerprint_and_others_another() -> None:
    first, second = key_of("k", {"a": 1, "b": 2}), key_of("k", {"b": 2, "a": 1})
    assert first == second != key_of("k", {"a": 1})
    assert key_of(None, {"a": 1}) is None
