"""The rules of a caller's own e-mail, as an edge without a serializer meets them."""

from typing import Any

import pytest

from kit.errors import Invalid
from notifications.emails import EmailRequest, checked
from notifications.lanes import Lane


def a_request(**fields: Any) -> EmailRequest:
    return EmailRequest(**{"to": ("anna@example.com",), "subject": "S", "text": "T"} | fields)


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
    assert a_request(category=category).lane == lane


def test_equal_requests_have_one_fingerprint_and_others_another() -> None:
    assert a_request(metadata={"a": 1, "b": 2}).fingerprint == a_request(metadata={"b": 2, "a": 1}).fingerprint
    assert a_request().fingerprint != a_request(html="<p>").fingerprint
