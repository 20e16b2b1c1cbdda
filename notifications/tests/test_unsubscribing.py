"""Unsubscribing by RFC 8058: one click ends a category for one recipient; opening the link changes nothing."""

from datetime import datetime
from email import message_from_bytes, policy
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from audit.models import Entry
from kit.errors import InvalidToken
from kit.ids import uuid7
from notifications import preferences, suppressions, testing, unsubscribing
from notifications.models import Message, Preference, Suppression
from notifications.providers import mime
from notifications.testing import draft_for, make_message

pytestmark = pytest.mark.django_db


def newsletter(now: datetime, **columns: Any) -> Message:
    return make_message(now=now, **{"category": "newsletter"} | columns)


def headers_of(message: Message) -> dict[str, str]:
    return dict(unsubscribing.headers_of(message))


def still_comes(now: datetime, person: UUID | None = None) -> bool:
    """Tell whether the next newsletter to Anna would be sent."""
    draft = draft_for(person, now=now, category="newsletter")
    suppressions.gate([draft], now)
    preferences.gate([draft], now)
    return draft.is_open


def test_a_bulk_mail_carries_the_headers_to_the_mailbox(now: datetime) -> None:
    message = newsletter(now)
    [mail] = testing.deliver_all(now)
    parsed = message_from_bytes(mime.compose(mail), policy=policy.default)
    assert parsed["List-Unsubscribe"] == f"<{unsubscribing.link_of(message)}>"
    assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_links_are_written_whole_and_within_the_length_of_a_line(now: datetime, settings: Any) -> None:
    settings.NOTIFICATIONS_UNSUBSCRIBE_MAILTO = "unsubscribe@example.com"
    message = newsletter(now)
    [mail] = testing.deliver_all(now)
    lines = mime.compose(mail).decode().split("\r\n")
    [start] = [number for number, line in enumerate(lines) if line.startswith("List-Unsubscribe: ")]
    token = unsubscribing.token_of(message)
    assert lines[start] == f"List-Unsubscribe: <http://testserver/unsubscribe?token={token}>,"
    assert lines[start + 1] == f" <mailto:unsubscribe@example.com?subject=unsubscribe%20{token}>"


@pytest.mark.parametrize(
    "columns",
    [
        {"category": "security"},
        {"category": "invoices"},
        {"category": ""},
        {"channel": "sms"},
        {"to": ["anna@example.com", "berta@example.com"]},
    ],
)
def test_other_messages_carry_none(now: datetime, columns: dict[str, Any]) -> None:
    assert headers_of(newsletter(now, **columns)) == {}


@pytest.fixture
def link(now: datetime) -> str:
    """Return the path of the link in a newsletter to Anna."""
    return unsubscribing.link_of(newsletter(now)).removeprefix("http://testserver")


def test_opening_the_link_changes_nothing(client: Client, link: str, now: datetime) -> None:
    answer = client.get(link)
    assert (answer.status_code, b"Newsletter" in answer.content) == (200, True)
    assert (still_comes(now), Suppression.objects.count(), Entry.objects.count()) == (True, 0, 0)


def test_one_click_unsubscribes_without_signing_in(client: Client, link: str, now: datetime) -> None:
    client.handler.enforce_csrf_checks = True
    answer = client.post(link, {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.cookies, still_comes(now)) == (200, {}, False)
    entry = Entry.objects.get()
    assert (entry.action, entry.details["one_click"]) == ("notifications.address.unsubscribed", True)


def test_clicking_twice_is_as_good_as_once(client: Client, link: str) -> None:
    assert [client.post(link).status_code for _ in range(2)] == [200, 200]
    assert (Suppression.objects.count(), Entry.objects.count()) == (1, 1)


def test_the_button_of_the_page_works_and_so_does_the_way_back(client: Client, link: str, now: datetime) -> None:
    token = link.partition("token=")[2]
    assert b"You are unsubscribed" in client.post("/unsubscribe", {"token": token}).content
    assert b"You are unsubscribed" in client.get(link).content
    assert not still_comes(now)
    assert b"subscribed again" in client.post("/unsubscribe", {"token": token, "again": "1"}).content
    assert still_comes(now)


def test_subscribing_again_lifts_nothing_else(client: Client, link: str, now: datetime) -> None:
    client.post(link)
    suppressions.learn(
        tenant=Message().tenant,
        channel="email",
        address="anna@example.com",
        reason=Suppression.Reason.COMPLAINED,
        now=now,
    )
    client.post(link, {"again": "1"})
    assert [row.reason for row in Suppression.objects.all()] == ["complained"]


def test_what_waits_of_the_category_ends_with_the_click(client: Client, link: str, now: datetime) -> None:
    other = make_message(now=now, category="invoices")
    client.post(link)
    assert set(Message.objects.values_list("category", "status")) == {
        ("newsletter", "suppressed"),
        (other.category, "queued"),
    }


def test_the_choice_of_a_known_person_says_the_same(client: Client, now: datetime) -> None:
    person = uuid7()
    link = unsubscribing.link_of(newsletter(now, person=person))
    client.post(link)
    assert Preference.objects.get(person=person, category="newsletter").allowed is False
    client.post(link, {"again": "1"})
    assert still_comes(now, person)


def test_a_token_is_for_one_message_and_one_recipient(now: datetime) -> None:
    anna, berta = newsletter(now), newsletter(now, to=["berta@example.com"], recipient="berta@example.com")
    token, other = unsubscribing.token_of(anna), unsubscribing.token_of(berta)
    assert unsubscribing.read(token).place.address == "anna@example.com"
    swapped = other[:32] + token[32:]
    for wrong in (swapped, token[:-1], token + "0", token[:32], "", "x" * 96, "é" * 96, token.replace("-", "")[::-1]):
        with pytest.raises(InvalidToken):
            unsubscribing.read(wrong)


def test_a_message_that_was_erased_or_deleted_has_no_link_any_more(now: datetime) -> None:
    erased, deleted = newsletter(now), newsletter(now)
    tokens = [unsubscribing.token_of(message) for message in (erased, deleted)]
    Message.objects.filter(pk=erased.pk).update(recipient="", to=[])
    Message.objects.filter(pk=deleted.pk).delete()
    for token in tokens:
        with pytest.raises(InvalidToken):
            unsubscribing.read(token)


def test_a_wrong_link_gets_a_page_that_says_so(client: Client) -> None:
    for answer in (client.get("/unsubscribe?token=wrong"), client.post("/unsubscribe"), client.get("/unsubscribe")):
        assert (answer.status_code, b"not whole" in answer.content) == (400, True)


def test_too_many_at_once_have_to_wait(client: Client, link: str, settings: Any, now: datetime) -> None:
    settings.LIMITS_BY_ADDRESS = {"unsubscribe": (2, 60)}
    client.defaults["REMOTE_ADDR"] = "198.51.100.161"  # nobody else's: Redis counts for all tests together
    answers = [client.get(link), client.post("/unsubscribe"), client.post(link)]
    assert [answer.status_code for answer in answers] == [200, 400, 429]
    assert (int(answers[2]["Retry-After"]) > 0, still_comes(now)) == (True, True)


def test_opening_the_page_costs_three_statements(client: Client, link: str, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(3):  # Redis spares one, where there is one
        client.get(link)
