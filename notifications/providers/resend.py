"""Resend, by its HTTP API: mail, under a key by which a repeat is answered as the first time."""

import base64
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from notifications import conf
from notifications.providers import http, mime
from notifications.providers.base import (
    Ambiguous,
    Email,
    Guarantees,
    Misconfigured,
    Permanent,
    RateLimited,
    Receipt,
    SendingFailed,
    Unsupported,
    check,
)

URL = "https://api.resend.com"
DAY = 86_400.0
# Its names of errors, and what they mean; the status decides about all others.
ERRORS: dict[str, type[SendingFailed]] = {
    "missing_api_key": Misconfigured,
    "invalid_api_key": Misconfigured,
    "restricted_api_key": Misconfigured,
    "invalid_from_address": Misconfigured,
    "invalid_access": Misconfigured,
    "not_found": Misconfigured,
    "method_not_allowed": Misconfigured,
    "invalid_idempotency_key": Misconfigured,
    "validation_error": Permanent,
    "missing_required_field": Permanent,
    "invalid_parameter": Permanent,
    "invalid_attachment": Permanent,
    "security_error": Permanent,
    "concurrent_idempotent_requests": Ambiguous,  # the first is still under way
    "invalid_idempotent_request": Ambiguous,  # one with other words was taken under this key
    "application_error": Ambiguous,
    "internal_server_error": Ambiguous,
}
QUOTAS = {"daily_quota_exceeded": DAY / 24, "monthly_quota_exceeded": DAY}


class ResendProvider(Unsupported):
    """Sends mail by Resend."""

    channels = frozenset({"email"})
    guarantees = Guarantees(keys=True, reports=True)

    def __init__(self, config: Mapping[str, Any] | None = None, *, name: str = "resend") -> None:
        given = conf.credentials_of("resend") if config is None else config
        self.name = name
        self._key = str(given.get("api_key", ""))
        self._client = http.Client(url=given.get("url") or URL, headers={"Authorization": f"Bearer {self._key}"})

    def send_email(self, message: Email) -> Receipt:
        """Hand the mail over, to all its recipients at once."""
        if not self._key:
            raise Misconfigured("not_configured")
        check(message)
        answer = self._client.post(
            "/emails",
            timeouts=http.timeouts_of(message),
            headers={"Idempotency-Key": message.key},
            json=_document(message),
        )
        if not answer.is_good:
            raise _refused(answer)
        taken = answer.document.get("id")
        if not taken or not isinstance(taken, str):
            raise Ambiguous("answer_unreadable", http.told(answer))
        return Receipt(provider_id=taken[:255])

    def health(self) -> str:
        """Say whether there is a key, and an address that may be called."""
        return self._client.fault or ("ok" if self._key else "not_configured")


def _document(message: Email) -> dict[str, Any]:
    headers = {"Message-ID": mime.message_id(message), **dict(message.headers)}
    if message.automatic:
        headers["Auto-Submitted"] = "auto-generated"
    document: dict[str, Any] = {
        "from": conf.sender(),
        "to": list(message.to),
        "subject": message.subject,
        "headers": headers,
        "tags": [{"name": "message", "value": str(message.id)}],  # comes back with each report
    }
    document |= {name: body for name, body in (("text", message.text), ("html", message.html)) if body}
    if message.reply_to:
        document["reply_to"] = message.reply_to
    if message.files:
        document["attachments"] = [
            {
                "filename": file.filename,
                "content_type": file.content_type,
                "content": base64.b64encode(file.open()).decode(),
            }
            for file in message.files
        ]
    return document


def _refused(answer: http.Answer) -> SendingFailed:
    name = str(answer.document.get("name", ""))
    said = http.told(answer, name)
    if name in QUOTAS:
        return RateLimited("quota_used_up", said, retry_after=answer.retry_after or QUOTAS[name])
    # What it calls a mistake of ours may be one of our set-up: a domain that is not verified is answered 403.
    if name in ERRORS and answer.status not in {HTTPStatus.FORBIDDEN, HTTPStatus.UNAUTHORIZED}:
        return ERRORS[name](name, said)
    if answer.status == HTTPStatus.CONFLICT:
        return Ambiguous("in_progress", said)
    return http.refused(answer, code=name)
