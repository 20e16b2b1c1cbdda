"""Twilio's reports of messages, and the answers of those who got them: forms, signed over the address and the fields.

The signature holds no moment, so an old report cannot be told from a late one: it counts once, by its message and
status, and moves nothing back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from notifications.callbacks import signatures
from notifications.callbacks.reports import Call, Event, NotTheirs, Report, Wish, secrets_in, word
from notifications.channels import Channel

HEADER = "X-Twilio-Signature"
RECEIVED = "received"
# The statuses of its messages.
STATUSES: dict[str, Event] = {
    "accepted": Event.ACCEPTED,
    "scheduled": Event.ACCEPTED,
    "queued": Event.ACCEPTED,
    "sending": Event.ACCEPTED,
    "sent": Event.SENT,
    "partially_delivered": Event.DELIVERED,
    "delivered": Event.DELIVERED,
    "read": Event.READ,
    "undelivered": Event.FAILED,
    "failed": Event.FAILED,
    "canceled": Event.FAILED,
}
# Codes of failures that say something about the number; after all others another provider may try.
CODES: dict[str, Event] = {
    "21211": Event.BOUNCED,
    "21614": Event.BOUNCED,
    "30005": Event.BOUNCED,  # there is no such number
    "30006": Event.BOUNCED,  # a line that takes no short messages
    "63003": Event.BOUNCED,  # nobody at WhatsApp
    "63024": Event.BOUNCED,
}
STOPPED = "21610"  # she has told the number to stop: the message is lost, and so would be the next
STOP = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
START = {"START", "UNSTOP", "YES"}


class TwilioReports:
    """Reads what Twilio reports."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._account = str(config.get("account_sid", ""))
        self._tokens = (*secrets_in(config.get("auth_token")), *secrets_in(config.get("webhook_secret")))
        self.is_configured = bool(self._account and self._tokens)

    def read(self, call: Call, now: datetime) -> Sequence[Report | Wish]:
        """Return what a call reports. Raises NotTheirs."""
        fields = signatures.form_of(call.body)
        given = call.headers.get(HEADER, "")
        if not signatures.holds_twilio(tokens=self._tokens, url=call.url, fields=fields, given=given):
            raise NotTheirs
        form = dict(fields)
        sid = word(form.get("MessageSid") or form.get("SmsSid"))
        if form.get("AccountSid") != self._account:
            raise NotTheirs
        if not sid:
            return []
        if "MessageStatus" not in form:
            return _wish_in(form, sid, now)
        return _report_in(form, sid, now)


def _report_in(form: Mapping[str, str], sid: str, now: datetime) -> Sequence[Report]:
    status, code = word(form["MessageStatus"]), word(form.get("ErrorCode"))
    event = STATUSES.get(status)
    if event is None:
        return []
    report = Report(
        event=CODES.get(code, event) if event is Event.FAILED else event,
        event_id=f"{sid}:{status}",
        provider_id=sid,
        recipient=_number(form.get("To", "")),
        detail=code,
        occurred_at=now,
    )
    if event is Event.FAILED and code == STOPPED:
        stop = replace(report, event=Event.STOPPED, event_id=f"{sid}:{STOPPED}")
        return [stop, replace(report, event=Event.BOUNCED)]
    return [report]


def _wish_in(form: Mapping[str, str], sid: str, now: datetime) -> Sequence[Wish]:
    """Return what somebody wishes who wrote STOP or START; Twilio says so itself where it looks after that."""
    if form.get("SmsStatus") != RECEIVED:
        return []
    said = (form.get("OptOutType") or form.get("Body", "")).strip(" .!\r\n\t").upper()
    if said not in STOP | START:
        return []
    sender = form.get("From", "")
    channel = Channel.WHATSAPP if sender.startswith("whatsapp:") else Channel.SMS
    wish = Wish(
        stops=said in STOP,
        event_id=f"{sid}:{RECEIVED}",
        channel=channel,
        address=_number(sender),
        occurred_at=now,
    )
    return [wish]


def _number(text: str) -> str:
    return word(text.removeprefix("whatsapp:"), 254)
