"""What each report of a provider means, and that nobody else is believed."""

import json
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from kit.clock import utcnow
from kit.ids import uuid7
from kit.testing import races
from notifications import provider_accounts, suppressions
from notifications.callbacks import novu, resend, signatures, twilio
from notifications.callbacks.reports import Call, Event, NotTheirs
from notifications.models import Attempt, Message, ProviderAccount, Receipt, Suppression
from notifications.testing import make_message
from notifications.tests.fakes.novu import SECRET as NOVU
from notifications.tests.fakes.resend import SECRET as RESEND
from notifications.tests.fakes.twilio import ACCOUNT, TOKEN

PATH = "/api/v1/notify/callbacks/"
NUMBER = "+4915112345678"
MOMENT = "2026-01-02T03:04:05.678Z"
KEY = "01a20000-0000-7000-8000-000000000000-0"


@pytest.fixture(autouse=True)
def _configured(settings: Any) -> None:
    settings.NOVU_WEBHOOK_SECRET, settings.RESEND_WEBHOOK_SECRET = NOVU, RESEND
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN


def signed(document: Any, *, secret: str, prefix: str, at: float | None = None, name: str = "") -> Call:
    """Return a report as it comes that is signed by Standard Webhooks."""
    body, name, stamp = json.dumps(document).encode(), name or uuid4().hex, int(at or time.time())
    signature = signatures.sign_standard(secret=secret, name=name, stamp=stamp, body=body)
    headers = {f"{prefix}-id": name, f"{prefix}-timestamp": str(stamp), f"{prefix}-signature": signature}
    return Call(headers, body, "")


def of_novu(event: str, **message: Any) -> Call:
    """Return a report of Novu."""
    document = {"type": f"messages.{event}", "data": {"object": {"transactionId": KEY, **message}}}
    return signed(document | {"timestamp": MOMENT}, secret=NOVU, prefix="webhook")


def of_resend(event: str, **data: Any) -> Call:
    """Return a report of Resend."""
    data = {"email_id": "re-1", "to": ["anna@example.com"], "tags": {"message": KEY[:36]}, **data}
    return signed({"type": event, "created_at": MOMENT, "data": data}, secret=RESEND, prefix="svix")


def of_twilio(token: str = TOKEN, **form: str) -> Call:
    """Return a report of Twilio."""
    fields = list(({"AccountSid": ACCOUNT, "MessageSid": "SM1", "To": NUMBER} | form).items())
    url = f"http://testserver{PATH}twilio"
    body = "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in fields).encode()
    return Call({twilio.HEADER: signatures.sign_twilio(token=token, url=url, fields=fields)}, body, url)


def read_novu(call: Call) -> list[Any]:
    return list(novu.NovuReports({"webhook_secret": NOVU}).read(call, utcnow()))


def read_resend(call: Call) -> list[Any]:
    return list(resend.ResendReports({"webhook_secret": RESEND}).read(call, utcnow()))


def read_twilio(call: Call, **config: str) -> list[Any]:
    return list(twilio.TwilioReports({"account_sid": ACCOUNT, "auth_token": TOKEN, **config}).read(call, utcnow()))


def report(provider: str, call: Call, address: str = "127.0.0.1") -> Any:
    """Make a report to the service from a network address."""
    kind = "application/x-www-form-urlencoded" if provider == "twilio" else "application/json"
    return Client(REMOTE_ADDR=address).post(
        f"{PATH}{provider}", call.body, content_type=kind, headers=dict(call.headers)
    )


@pytest.mark.parametrize(("name", "event"), novu.EVENTS.items())
def test_each_event_of_novu(name: str, event: Event) -> None:
    [told] = read_novu(of_novu(name, email="anna@example.com", errorId="unreachable"))
    assert (told.event, told.provider_id, str(told.message_id)) == (event, KEY, KEY[:36])
    assert (told.recipient, told.detail) == ("anna@example.com", "unreachable")
    assert told.occurred_at == datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)


@pytest.mark.parametrize(
    "document",
    [
        {"type": "message.sent", "object": {"transactionId": KEY}},
        {"type": "messages.sent", "data": {"transactionId": KEY}, "timestamp": "yesterday"},
    ],
)
def test_the_forms_that_novu_has_had(document: Any) -> None:
    [told] = read_novu(signed(document, secret=NOVU, prefix="webhook"))
    assert (told.event, told.provider_id) == (Event.SENT, KEY)


@pytest.mark.parametrize("document", [{}, {"type": 7}, {"type": "messages.archived"}, {"type": "workflow.sent"}, []])
def test_what_else_novu_reports_is_of_no_use(document: Any) -> None:
    assert read_novu(signed(document, secret=NOVU, prefix="webhook")) == []


def test_a_body_of_theirs_that_is_no_document_is_of_no_use() -> None:
    stamp = int(time.time())
    signature = signatures.sign_standard(secret=NOVU, name="m", stamp=stamp, body=b"[" * 9999)
    headers = {"webhook-id": "m", "webhook-timestamp": str(stamp), "webhook-signature": signature}
    assert read_novu(Call(headers, b"[" * 9999, "")) == []


def test_a_report_of_novu_of_which_we_know_nothing_names_nothing() -> None:
    [told] = read_novu(signed({"type": "messages.sent", "data": "x"}, secret=NOVU, prefix="webhook"))
    assert (told.provider_id, told.message_id, told.recipient, told.detail) == ("", None, "", "")


@pytest.mark.parametrize(("name", "event"), resend.EVENTS.items())
def test_each_event_of_resend(name: str, event: Event) -> None:
    [told] = read_resend(of_resend(name, bounce={"type": "Permanent", "subType": "General"}))
    assert (told.event, told.provider_id, str(told.message_id)) == (event, "re-1", KEY[:36])
    assert (told.recipient, told.detail) == ("anna@example.com", "Permanent General")


@pytest.mark.parametrize("kind", resend.PASSING)
def test_a_passing_bounce_says_nothing_about_the_address(kind: str) -> None:
    [told] = read_resend(of_resend("email.bounced", bounce={"type": kind}))
    assert told.event == Event.FAILED


def test_a_report_of_several_recipients_is_of_none_in_particular() -> None:
    [told] = read_resend(of_resend("email.delivered", to=["a@example.com", "b@example.com"]))
    assert told.recipient == ""


@pytest.mark.parametrize("tags", [[{"name": "message", "value": KEY[:36]}], [{"name": "x"}], None, "x"])
def test_the_tag_of_a_mail_of_resend_may_be_listed_or_missing(tags: Any) -> None:
    [told] = read_resend(of_resend("email.sent", tags=tags))
    assert str(told.message_id) == (KEY[:36] if isinstance(tags, list) and "value" in tags[0] else "None")


@pytest.mark.parametrize("name", ["email.received", "contact.created", "domain.updated", ""])
def test_what_else_resend_reports_is_of_no_use(name: str) -> None:
    assert read_resend(of_resend(name)) == []


@pytest.mark.parametrize(("status", "event"), twilio.STATUSES.items())
def test_each_status_of_twilio(status: str, event: Event) -> None:
    [told] = read_twilio(of_twilio(MessageStatus=status))
    assert (told.event, told.event_id, told.provider_id) == (event, f"SM1:{status}", "SM1")
    assert told.recipient == NUMBER


@pytest.mark.parametrize(("code", "event"), twilio.CODES.items())
def test_each_code_of_twilio_that_says_something_about_the_number(code: str, event: Event) -> None:
    [told] = read_twilio(of_twilio(MessageStatus="undelivered", ErrorCode=code, To=f"whatsapp:{NUMBER}"))
    assert (told.event, told.detail, told.recipient) == (event, code, NUMBER)
    [well] = read_twilio(of_twilio(MessageStatus="delivered", ErrorCode=code))
    assert well.event == Event.DELIVERED


def test_a_failure_by_a_stop_is_both() -> None:
    told = read_twilio(of_twilio(MessageStatus="failed", ErrorCode=twilio.STOPPED))
    assert [one.event for one in told] == [Event.STOPPED, Event.BOUNCED]
    assert len({one.event_id for one in told}) == 2


@pytest.mark.parametrize(
    ("form", "stops"),
    [
        *[({"Body": word}, True) for word in twilio.STOP],
        *[({"Body": word.lower() + "."}, False) for word in twilio.START],
        ({"Body": "Halt", "OptOutType": "STOP"}, True),
    ],
)
def test_an_answer_says_whether_somebody_wants_more(form: dict[str, str], stops: bool) -> None:
    [wish] = read_twilio(of_twilio(SmsStatus="received", From=NUMBER, **form))
    assert (wish.stops, wish.channel, wish.address) == (stops, "sms", NUMBER)


def test_an_answer_by_whatsapp_is_about_whatsapp() -> None:
    [wish] = read_twilio(of_twilio(SmsStatus="received", From=f"whatsapp:{NUMBER}", Body="stop"))
    assert (wish.channel, wish.address) == ("whatsapp", NUMBER)


@pytest.mark.parametrize(
    "form",
    [
        {"SmsStatus": "received", "From": NUMBER, "Body": "Please stop by tomorrow"},
        {"SmsStatus": "received", "From": NUMBER, "Body": "STOP", "OptOutType": "HELP"},
        {"Body": "STOP", "From": NUMBER},
        {"MessageStatus": "never heard of"},
        {"MessageSid": "", "MessageStatus": "sent"},
    ],
)
def test_what_else_twilio_reports_is_of_no_use(form: dict[str, str]) -> None:
    assert read_twilio(of_twilio(**form)) == []


def test_a_token_that_takes_the_other_s_place_holds_for_twilio() -> None:
    assert read_twilio(of_twilio(token="next", MessageStatus="sent"), webhook_secret="last, next")


def test_a_report_of_another_account_is_not_ours() -> None:
    with pytest.raises(NotTheirs):
        read_twilio(of_twilio(MessageStatus="sent", AccountSid="ACother"))


FORGED = {
    "unsigned": ("novu", Call({}, b"{}", "")),
    "by another secret": ("novu", signed({"type": "messages.sent"}, secret=RESEND, prefix="webhook")),
    "by another provider": ("resend", of_novu("sent")),
    "as of another provider": ("resend", signed({"type": "email.sent"}, secret=NOVU, prefix="svix")),
    "old": ("novu", signed({}, secret=NOVU, prefix="webhook", at=time.time() - 301)),
    "from the future": ("novu", signed({}, secret=NOVU, prefix="webhook", at=time.time() + 86_400)),
    "of twilio, by another token": ("twilio", of_twilio(token="other", MessageStatus="sent")),
    "of twilio, unsigned": ("twilio", Call({}, b"MessageSid=SM1", "")),
    "no form": ("twilio", Call({twilio.HEADER: "AAAA"}, b"\xff", "")),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", FORGED)
def test_what_is_not_theirs_is_refused_and_writes_nothing(name: str) -> None:
    provider, call = FORGED[name]
    answer = report(provider, call)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert not Receipt.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("provider", ["nobody", "smtp", "NOVU", "novu%00", "account:x"])
def test_a_provider_that_is_none_is_not_found(provider: str) -> None:
    assert report(provider, of_novu("sent")).status_code in {400, 404}


@pytest.mark.django_db
def test_a_provider_that_signs_nothing_is_not_found(settings: Any) -> None:
    settings.NOVU_WEBHOOK_SECRET = ""
    assert report("novu", of_novu("sent")).status_code == 404


@pytest.mark.django_db
def test_an_account_that_staff_set_up_signs_with_its_own_secret(now: datetime) -> None:
    wish = provider_accounts.Wish(driver="novu", settings={}, credentials={"api_key": "k", "webhook_secret": RESEND})
    provider_accounts.save(name="second", wish=wish, actor=uuid7(), now=now)
    theirs = signed({"type": "messages.sent"}, secret=RESEND, prefix="webhook")
    assert report("account:second", theirs).status_code == 200
    assert report("account:second", of_novu("sent")).status_code == 401
    assert report("account:third", theirs).status_code == 404
    ProviderAccount.objects.update(credentials=None)
    assert report("account:second", theirs).status_code == 404


@pytest.mark.django_db
def test_an_account_whose_credentials_cannot_be_opened_is_not_found(now: datetime) -> None:
    credentials = {"api_key": "k", "webhook_secret": RESEND}
    wish = provider_accounts.Wish(driver="novu", settings={}, credentials=credentials)
    provider_accounts.save(name="second", wish=wish, actor=uuid7(), now=now)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE notifications_provideraccount SET credentials = %s", [b"spoilt"])
    assert report("account:second", signed({}, secret=RESEND, prefix="webhook")).status_code == 404


@pytest.mark.django_db
def test_no_more_than_a_minute_s_worth_of_forgeries_is_looked_at(settings: Any) -> None:
    settings.LIMITS_BY_ADDRESS = {"callback": (3, 60)}
    address = "198.51.100.162"  # nobody else's: Redis counts for all tests together
    answers = [report("novu", FORGED["unsigned"][1], address).status_code for _ in range(4)]
    assert answers == [401, 401, 401, 429]
    assert report("novu", of_novu("sent"), address).status_code == 200


def taken_by(provider: str, provider_id: str, **fields: Any) -> Message:
    """Return a message that a provider has taken and has yet to report on."""
    message = make_message(status=Message.Status.SENDING, awaiting=provider, **fields)
    Attempt.objects.create(
        message=message,
        claim=1,
        provider=provider,
        provider_id=provider_id,
        outcome=Attempt.Outcome.ACCEPTED,
        started_at=message.created_at,
    )
    return message


@pytest.mark.django_db
def test_a_report_moves_the_message_on_once() -> None:
    message = taken_by("novu", KEY)
    call = of_novu("delivered")
    assert [report("novu", call).status_code for _ in range(2)] == [200, 200]
    message.refresh_from_db()
    assert message.status == Message.Status.DELIVERED
    assert Receipt.objects.count() == 1


@pytest.mark.django_db
def test_reports_that_come_in_the_wrong_order_move_nothing_back() -> None:
    message = taken_by("resend", "re-1")
    for name in ("email.delivered", "email.sent", "email.delivery_delayed"):
        assert report("resend", of_resend(name)).status_code == 200
    message.refresh_from_db()
    assert message.status == Message.Status.DELIVERED
    assert Receipt.objects.count() == 3


@pytest.mark.django_db
def test_a_bounce_is_learned_of(now: datetime) -> None:
    taken_by("resend", "re-1")
    report("resend", of_resend("email.bounced", bounce={"type": "Permanent"}))
    assert Suppression.objects.get().reason == Suppression.Reason.BOUNCED


@pytest.mark.django_db
def test_who_answers_stop_is_let_alone_until_she_answers_start() -> None:
    held = suppressions.find(channel="sms", address=NUMBER)
    stop = of_twilio(SmsStatus="received", From=NUMBER, Body="STOP", MessageSid="SM1")
    start = of_twilio(SmsStatus="received", From=NUMBER, Body="START", MessageSid="SM2")
    again = of_twilio(SmsStatus="received", From=NUMBER, Body="STOP", MessageSid="SM3")
    states = []
    for call in (stop, start, again, start, stop):  # the last two are old, sent again by somebody who kept them
        assert report("twilio", call).status_code == 200
        states.append(held.all().exists())
    assert states == [True, False, True, True, True]


@pytest.mark.django_db(transaction=True)
def test_a_report_that_comes_many_times_at_once_counts_once() -> None:
    message = taken_by("novu", KEY)
    call = of_novu("delivered")
    answers = races.run(12, lambda: report("novu", call).status_code)
    assert set(answers) == {200}
    assert Receipt.objects.count() == 1
    message.refresh_from_db()
    assert message.status == Message.Status.DELIVERED


@pytest.mark.django_db
def test_a_report_costs_few_statements(django_assert_max_num_queries: Any) -> None:
    taken_by("novu", KEY)
    call = of_novu("delivered")
    with django_assert_max_num_queries(14):
        report("novu", call)
    with django_assert_max_num_queries(8):
        report("novu", call)


def test_a_report_shows_no_body_and_no_secret() -> None:
    call = Call({"webhook-signature": "v1,secret"}, b"secret", "https://x")
    assert "secret" not in repr(call)


@pytest.mark.django_db
@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "x", 1])
def test_moment_that_no_database_could_keep_counts_as_now(client: Client, moment: Any) -> None:
    before = utcnow()
    data = {"email_id": "re-1", "to": ["anna@example.com"]}
    call = signed({"type": "email.bounced", "created_at": moment, "data": data}, secret=RESEND, prefix="svix")
    answer = client.post(f"{PATH}resend", call.body, content_type="application/json", headers=dict(call.headers))
    assert answer.status_code == 200
    assert Receipt.objects.get().occurred_at >= before
