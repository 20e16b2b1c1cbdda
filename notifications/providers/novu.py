"""Novu, by its HTTP API: one workflow for each channel, which is given the finished words.

Its yes promises nothing: it answers 201 also when no message will go out, and tries each channel once. So only
`processed` counts as taken, and what became of a message its signed reports say, or the list of what it has sent.
"""

import base64
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from kit import canonical
from notifications import conf
from notifications.channels import Channel
from notifications.providers import http
from notifications.providers.base import (
    Ambiguous,
    Doubt,
    Email,
    Guarantees,
    Misconfigured,
    Outgoing,
    Permanent,
    Push,
    RateLimited,
    Receipt,
    SendingFailed,
    Text,
    Transient,
    check,
)
from vault import digests

URL = "https://api.novu.co"
PROCESSED = "processed"
# What its answer to a trigger may say besides, and what that means.
STATUSES: dict[str, type[SendingFailed]] = {
    "error": Transient,
    "trigger_not_active": Misconfigured,
    "no_workflow_active_steps_defined": Misconfigured,
    "no_workflow_steps_defined": Misconfigured,
    "no_tenant_found": Misconfigured,
    "invalid_recipients": Permanent,
}
# Statuses of its messages that say that one has left Novu.
GONE_OUT = frozenset({"sent", "delivered"})
MOST_LISTED = 100  # its own limit of recipients in a trigger


class NovuProvider:
    """Sends by Novu. Every recipient is a subscriber of her own there, under a digest that only we can make."""

    channels: frozenset[str] = frozenset({Channel.EMAIL, Channel.SMS, Channel.WHATSAPP, Channel.TELEGRAM, Channel.PUSH})
    guarantees = Guarantees(keys=True, looks_up=True, reports=True, taking_is_sending=False)

    def __init__(self, config: Mapping[str, Any] | None = None, *, name: str = "novu") -> None:
        given = conf.credentials_of("novu") if config is None else config
        self.name = name
        self._workflows: Mapping[str, str] = given.get("workflows") or {}
        self._key = str(given.get("api_key", ""))
        self._client = http.Client(
            url=given.get("url") or URL, headers={"Authorization": f"ApiKey {self._key}", "Accept": "application/json"}
        )

    def send_email(self, message: Email) -> Receipt:
        """Trigger the workflow of mails, once for all recipients."""
        payload: dict[str, Any] = {"subject": message.subject, "text": message.text, "html": message.html}
        if message.files:
            payload["attachments"] = [
                {"file": base64.b64encode(file.open()).decode(), "name": file.filename, "mime": file.content_type}
                for file in message.files
            ]
        overrides: dict[str, Any] = {"headers": dict(message.headers)} if message.headers else {}
        if message.reply_to:
            overrides["replyTo"] = message.reply_to
        to = [{"subscriberId": subscriber_of(address), "email": address} for address in message.to]
        return self._trigger(message, Channel.EMAIL, to, payload, {"email": overrides} if overrides else {})

    def send_sms(self, message: Text) -> Receipt:
        """Trigger the workflow of the message's channel."""
        reached = {"data": {"chat": message.to}} if message.channel == Channel.TELEGRAM else {"phone": message.to}
        to = [{"subscriberId": subscriber_of(message.to), **reached}]
        return self._trigger(message, message.channel, to, {"text": message.text})

    def send_push(self, message: Push) -> Receipt:
        """Trigger the workflow of pushes for a subscriber that has registered devices with Novu."""
        payload = {"title": message.title, "body": message.body, "data": dict(message.data)}
        return self._trigger(message, Channel.PUSH, [{"subscriberId": message.to}], payload)

    def find(self, message: Outgoing, _doubt: Doubt, /) -> Receipt | None:
        """Return the receipt of a message that has left Novu, None of one that it holds, has failed with or lacks.

        Of a mail those are deferred for whom it has not left, where Novu says whom it has left for.
        """
        answer, rows = self._gone_out(message)
        reached = _reached(rows)
        if not rows or not isinstance(message, Email) or "" in reached or answer.document.get("hasMore") is True:
            return Receipt(provider_id=message.key) if rows else None
        missed = tuple(one for one in message.to if canonical.fold(one) not in reached)
        return Receipt(provider_id=message.key, deferred=missed) if len(missed) < len(message.to) else None

    def health(self) -> str:
        """Say whether there is a key and a workflow, and an address that may be called."""
        return self._client.fault or ("ok" if self._key and self._workflows else "not_configured")

    def _gone_out(self, message: Outgoing) -> tuple[http.Answer, list[Any]]:
        """Return what Novu answers, and lists, of a message that has left it: a row for each recipient."""
        asked = {"transactionId": message.key, "limit": str(MOST_LISTED)}
        answer = self._client.get("/v1/messages", timeouts=http.timeouts_of(message), **asked)
        if not answer.is_good:
            raise _refused(answer)
        rows = answer.document.get("data")
        if not isinstance(rows, list):
            raise Transient("look_up_failed", http.told(answer))
        # Compared here too: a server that does not know the filter lists everything.
        ours = [row for row in rows if http.inner(row, "transactionId") == message.key]
        return answer, [row for row in ours if http.inner(row, "status") in GONE_OUT]

    def _trigger(
        self,
        message: Outgoing,
        channel: str,
        to: list[dict[str, Any]],
        payload: Mapping[str, Any],
        overrides: Mapping[str, Any] | None = None,
    ) -> Receipt:
        workflow = self._workflows.get(channel)
        if not workflow or not self._key:
            raise Misconfigured("not_configured")
        check(message)
        body = {"name": workflow, "to": to, "payload": payload, "transactionId": message.key}
        answer = self._client.post(
            "/v1/events/trigger",
            timeouts=http.timeouts_of(message),
            headers={"Idempotency-Key": message.key},
            json=body | ({"overrides": overrides} if overrides else {}),
        )
        if answer.is_good:
            return _taken(answer, message.key)
        if _is_repeat(answer) and self._has_gone_out(message):
            return Receipt(provider_id=message.key)
        raise _refused(answer)

    def _has_gone_out(self, message: Outgoing) -> bool:
        """Tell whether a message is known to have left Novu: one that it may be at is in doubt, whatever it answers."""
        try:
            return bool(self._gone_out(message)[1])
        except SendingFailed:
            return False


def subscriber_of(address: str) -> str:
    """Return under which name Novu knows a recipient: the same each time, and nothing to guess it from."""
    return digests.keyed("notifications.novu.subscriber", address)


def _reached(rows: list[Any]) -> set[str]:
    """Return to whom the rows of a list say that they went."""
    return {canonical.fold(str(http.inner(row, "email") or "")) for row in rows}


def _taken(answer: http.Answer, key: str) -> Receipt:
    status = http.inner(answer.document, "data", "status")
    acknowledged = http.inner(answer.document, "data", "acknowledged")
    if status == PROCESSED and acknowledged is True:
        return Receipt(provider_id=key)
    if status == PROCESSED:
        raise Transient("not_acknowledged", http.told(answer, status))
    if isinstance(status, str) and status in STATUSES:
        raise STATUSES[status](status, http.told(answer, status))
    raise Ambiguous("answer_unreadable", http.told(answer))


def _is_repeat(answer: http.Answer) -> bool:
    """Tell whether the key has been seen: a request under it is under way, or was made with other words."""
    if answer.status == HTTPStatus.CONFLICT:
        return True
    said = str(answer.document.get("message", "")).lower()
    return answer.status == HTTPStatus.UNPROCESSABLE_ENTITY and "idempotency" in said


def _refused(answer: http.Answer) -> SendingFailed:
    said = str(answer.document.get("message", ""))
    if answer.is_replay and answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # It keeps its errors for a day as well: under this key it will say nothing else, and do nothing.
        return Transient("failed_before", http.told(answer))
    if _is_repeat(answer):
        return Ambiguous("in_progress", http.told(answer))
    if answer.status == HTTPStatus.UNPROCESSABLE_ENTITY and "workflow_not_found" in said:
        return Misconfigured("workflow_not_found", http.told(answer, "workflow_not_found"))
    return _by_status(answer)


def _by_status(answer: http.Answer) -> SendingFailed:
    if answer.status == HTTPStatus.PAYMENT_REQUIRED:
        return RateLimited("quota_used_up", http.told(answer), retry_after=answer.retry_after or 3600)
    if answer.status == HTTPStatus.NOT_FOUND:
        return Misconfigured("bad_url", http.told(answer))
    return http.refused(answer)
