"""A real SMTP server on the loopback, which answers as a test tells it to."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.test import override_settings


class Sink:
    """Keeps what it accepts. `rcpt` maps a recipient to its reply; `data` is the reply to the data, or "drop"."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.rcpt: dict[str, str] = {}
        self.data = "250 2.0.0 Kept"
        self.sessions: set[int] = set()

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.sessions.add(id(session))
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self.rcpt.get(address, "250 OK")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        if self.data.startswith("250") or self.data == "drop":
            self.envelopes.append(envelope)
        if self.data == "drop":
            connection: Any = server.transport
            connection.abort()
        return self.data

    def bodies(self) -> list[bytes]:
        """Return the accepted messages, whole."""
        return [envelope.content for envelope in self.envelopes if isinstance(envelope.content, bytes)]


@contextmanager
def smtp_sink(port: int | None = None, **tls: Any) -> Iterator[Sink]:
    """Run a sink, with the settings pointing at it. `ssl_context` of TLS from the start, `tls_context` on request."""
    sink, port = Sink(), port or free_port()
    controller = Controller(sink, hostname="127.0.0.1", port=port, **tls)
    controller.start()
    try:
        with override_settings(**smtp_settings(port)):
            yield sink
    finally:
        controller.stop()


def smtp_settings(port: int, **more: Any) -> dict[str, Any]:
    """Return the settings of a server on the loopback without TLS."""
    return {
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": port,
        "EMAIL_USE_TLS": False,
        "EMAIL_USE_SSL": False,
        "EMAIL_HOST_USER": "",
        "EMAIL_HOST_PASSWORD": "",
        "EMAIL_TIMEOUT": 3,
        **more,
    }


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
