"""Twilio, by its HTTP API: short messages and WhatsApp.

It keeps no keys: a message whose fate is unknown is looked for in its list before it is sent again.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from notifications import conf
from notifications.channels import Channel
from notifications.providers import http
from notifications.providers.base import (
    Ambiguous,
    Deferred,
    Doubt,
    Guarantees,
    Misconfigured,
    Outgoing,
    Permanent,
    RateLimited,
    Receipt,
    SendingFailed,
    Text,
    Transient,
    Unsupported,
    check,
)

URL = "https://api.twilio.com"
SKEW = timedelta(minutes=1)
LISTED = "100"  # how many messages to one number are looked through, the newest first
REST = 1.0
FAILED = frozenset({"failed", "undelivered", "canceled"})  # of a message that it has made and will not send
# Its codes of errors: the word that the ledger keeps, and what it means. The status decides about all others.
CODES: dict[int, tuple[str, type[SendingFailed]]] = {
    **dict.fromkeys((21211, 21214, 21217, 21401, 21407, 21421, 21614, 63003, 63024), ("invalid_recipient", Permanent)),
    21610: ("stopped", Permanent),
    **dict.fromkeys((21408, 21612), ("region_not_carried", Deferred)),  # by this account; another may carry it
    **dict.fromkeys((21602, 21617, 21619, 63013, 63032), ("refused", Permanent)),
    63016: ("outside_window", Permanent),
    **dict.fromkeys((14107, 20429, 21611, 30001, 63018), ("rate_limited", RateLimited)),
    **dict.fromkeys((20003, 20005, 20006, 20404), ("credentials_refused", Misconfigured)),
    **dict.fromkeys((21212, 21603, 21606, 21659, 21660, 63007), ("sender_refused", Misconfigured)),
    **dict.fromkeys((21701, 21702, 21703, 21704, 21705), ("messaging_service_refused", Misconfigured)),
    **dict.fromkeys((21609, 63027), ("refused", Misconfigured)),
    21608: ("trial_account", Misconfigured),
    20500: ("provider_error", Ambiguous),
    20503: ("provider_error", Transient),
}


class TwilioProvider(Unsupported):
    """Sends by an account at Twilio, from a number or by a messaging service."""

    channels: frozenset[str] = frozenset({Channel.SMS, Channel.WHATSAPP})
    guarantees = Guarantees(looks_up=True, reports=True)

    def __init__(self, config: Mapping[str, Any] | None = None, *, name: str = "twilio") -> None:
        self._given = given = conf.credentials_of("twilio") if config is None else config
        self.name = name
        self._account = str(given.get("account_sid", ""))
        self._path = f"/2010-04-01/Accounts/{quote(self._account, safe='')}/Messages.json"
        self._client = http.Client(url=given.get("url") or URL, auth=(self._account, str(given.get("auth_token", ""))))

    def send_sms(self, message: Text) -> Receipt:
        """Hand a short message over, by SMS or WhatsApp."""
        check(message)
        form = self._form(message)
        answer = self._client.post(self._path, timeouts=http.timeouts_of(message), data=form)
        if not answer.is_good:
            raise _refused(answer)
        if answer.document.get("status") in FAILED:
            raise _refused(answer, Deferred("refused", http.told(answer, answer.document.get("error_code") or "")))
        return _receipt(answer.document) or _unreadable(answer)

    def find(self, message: Outgoing, doubt: Doubt, /) -> Receipt | None:
        """Return the receipt of a message with these words to this number, made since the doubtful try began.

        None where there is none that is not another's.
        """
        if not isinstance(message, Text):
            return None
        query = {"To": _addressed(message, message.to), "PageSize": LISTED}
        answer = self._client.get(self._path, timeouts=http.timeouts_of(message), **query)
        if not answer.is_good:
            raise _refused(answer)
        listed = answer.document.get("messages")
        if not isinstance(listed, list):
            raise Transient("look_up_failed", http.told(answer))
        names = _names_of(listed, message, doubt.since - SKEW)
        name = doubt.claim(names) if names else ""
        return Receipt(provider_id=name) if name else None

    def health(self) -> str:
        """Say whether there is an account to send by, and an address that may be called."""
        if fault := self._client.fault:
            return fault
        senders = ("from", "messaging_service_sid", "whatsapp_from")
        usable = self._account and self._given.get("auth_token") and any(self._given.get(name) for name in senders)
        return "ok" if usable else "not_configured"

    def _form(self, message: Text) -> dict[str, str]:
        given = self._given
        sender = str(given.get("whatsapp_from" if message.channel == Channel.WHATSAPP else "from", ""))
        form = {"To": _addressed(message, message.to)}
        if sender:
            form["From"] = _addressed(message, sender)
        elif given.get("messaging_service_sid"):
            form["MessagingServiceSid"] = str(given["messaging_service_sid"])
        else:
            raise Misconfigured("not_configured")
        if message.channel == Channel.WHATSAPP and given.get("content_sid"):
            # Outside of the 24 hours after somebody has written, WhatsApp takes approved templates alone.
            form["ContentSid"] = str(given["content_sid"])
            form["ContentVariables"] = json.dumps({str(given.get("content_variable") or "1"): message.text})
        else:
            form["Body"] = message.text
        callback = conf.callback_url(self.name)
        if urlsplit(callback).hostname not in http.LOOPBACK or urlsplit(self._client.url).hostname in http.LOOPBACK:
            form["StatusCallback"] = callback  # an address of this machine alone would be refused
        return form


def _addressed(message: Text, number: str) -> str:
    """Return a number as Twilio writes it for the message's channel."""
    bare = number.removeprefix("whatsapp:")
    return f"whatsapp:{bare}" if message.channel == Channel.WHATSAPP else bare


def _names_of(listed: list[Any], message: Text, since: datetime) -> list[str]:
    """Return the names of those of a list that may be ours, the earliest first."""
    to = _addressed(message, message.to)
    rows = [row for row in listed if isinstance(row, dict) and row.get("to") == to]
    found = [_receipt(row) for row in reversed(rows) if _is_same(row, message, since)]
    return [receipt.provider_id for receipt in found if receipt is not None]


def _is_same(row: Mapping[str, Any], message: Text, since: datetime) -> bool:
    """Tell whether a message of its list is ours. A template of WhatsApp has words of its own around ours."""
    body = str(row.get("body", ""))
    equal = message.text in body if message.channel == Channel.WHATSAPP else message.text == body
    if not equal or not str(row.get("direction", "")).startswith("outbound"):
        return False
    try:
        made = parsedate_to_datetime(str(row.get("date_created", "")))
    except ValueError:
        return False
    return made.astimezone(UTC) >= since


def _receipt(row: Mapping[str, Any]) -> Receipt | None:
    sid = row.get("sid")
    return Receipt(provider_id=sid[:255]) if sid and isinstance(sid, str) else None


def _unreadable(answer: http.Answer) -> Receipt:
    raise Ambiguous("answer_unreadable", http.told(answer))


def _refused(answer: http.Answer, otherwise: SendingFailed | None = None) -> SendingFailed:
    """Return the failure that an answer tells of by its code; of a code that is not known by its status."""
    code = answer.document.get("code") or answer.document.get("error_code")
    word, kind = CODES.get(code, ("", None)) if isinstance(code, int) else ("", None)
    said = http.told(answer, code or "")
    if kind is RateLimited:
        return RateLimited(word, said, retry_after=answer.retry_after or REST)
    if kind is not None:
        return kind(word, said)
    if otherwise is not None:
        return otherwise
    if answer.status == HTTPStatus.NOT_FOUND:
        return Misconfigured("bad_url", said)
    return http.refused(answer, code=str(code or ""))
