"""Mail by any service that django-anymail knows, where a project has installed it: `pip install django-anymail`.

NOTIFICATIONS_MAIL_BACKEND names its backend (`anymail.backends.mailgun.EmailBackend`), ANYMAIL its credentials. Nothing
of it is imported before a mail is sent by it.
"""

import threading
from http import HTTPStatus
from typing import Any

import requests
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives, get_connection

from notifications import conf
from notifications.providers import http, mime
from notifications.providers.base import (
    Ambiguous,
    Email,
    Misconfigured,
    Permanent,
    Receipt,
    SendingFailed,
    Transient,
    Unsupported,
    check,
)

# Its words for recipients who will not be reached.
REFUSED = frozenset({"invalid", "rejected", "failed"})
# Its errors that are the message's own fault, by their names, and our words for them.
ERRORS = {
    "AnymailRecipientsRefused": "recipient_refused",
    "AnymailInvalidAddress": "recipient_refused",
    "AnymailUnsupportedFeature": "not_supported",
    "AnymailSerializationError": "not_supported",
    "BadHeaderError": "refused",
}


class AnymailProvider(Unsupported):
    """Sends mail by a backend of django-anymail."""

    name = "anymail"
    channels = frozenset({"email"})

    def __init__(self) -> None:
        self._kept = threading.local()

    def send_email(self, message: Email) -> Receipt:
        """Hand the mail over, to all its recipients at once."""
        check(message)
        backend = self._opened()
        mail = _mail(message)
        http.begin()
        try:
            sent = backend.send_messages([mail])
        except Exception as error:
            self._kept.backend = None
            raise _failure(error) from error
        if not sent:
            raise Transient("not_sent")
        return _receipt(mail, message)

    def health(self) -> str:
        """Say whether a backend is named; whether it is installed and answers is told by the attempts."""
        return "ok" if conf.mail_backend() else "not_configured"

    def _opened(self) -> Any:
        """Return this thread's backend, open. Raises Misconfigured."""
        backend = getattr(self._kept, "backend", None)
        if backend is not None:
            return backend
        if not conf.mail_backend():
            raise Misconfigured("not_configured")
        try:
            made: Any = get_connection(conf.mail_backend())
            made.open()
        except ImportError as error:
            raise Misconfigured("not_installed") from error
        except ImproperlyConfigured as error:
            raise Misconfigured("not_configured") from error
        if isinstance(getattr(made, "session", None), requests.Session):
            http.fitted(made.session)
            made.timeout = conf.http_timeouts("email")
        self._kept.backend = made
        return made


def _mail(message: Email) -> EmailMultiAlternatives:
    headers = {"Message-ID": mime.message_id(message), **dict(message.headers)}
    if message.automatic:
        headers["Auto-Submitted"] = "auto-generated"
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=conf.sender(),
        to=list(message.to),
        reply_to=[message.reply_to] if message.reply_to else None,
        headers=headers,
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    for file in message.files:
        mail.attach(file.filename, file.open(), file.content_type)
    return mail


def _receipt(mail: Any, message: Email) -> Receipt:
    status = getattr(mail, "anymail_status", None)
    told = getattr(status, "message_id", None)
    recipients = getattr(status, "recipients", {})
    refused = tuple(one for one in message.to if getattr(recipients.get(one), "status", "") in REFUSED)
    return Receipt(provider_id=told[:255] if isinstance(told, str) else "", refused=refused)


def _failure(error: Exception) -> SendingFailed:
    """Return what an error of anymail stands for. Its text is not kept: it holds the message."""
    name = next((kind.__name__ for kind in type(error).__mro__ if kind.__name__ in ERRORS), "")
    if name:
        return Permanent(ERRORS[name])
    response = getattr(error, "response", None)
    if isinstance(response, requests.Response):
        if response.status_code < HTTPStatus.MULTIPLE_CHOICES:
            return Ambiguous("answer_unreadable", str(response.status_code))
        rest = http.seconds(response.headers.get("Retry-After", ""))
        return http.refused(http.Answer(response.status_code, {}, rest))
    if isinstance(error, requests.RequestException | OSError):
        return http.broken(error)
    if isinstance(error, ImproperlyConfigured):
        return Misconfigured("not_configured")
    return Ambiguous("provider_fault", type(error).__name__)
