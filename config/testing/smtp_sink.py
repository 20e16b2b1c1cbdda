"""A real SMTP server that keeps every message it accepts: one file each, written before it says 250.

A process of its own (`python -m config.testing.smtp_sink --port P --directory D`), so that killing the service
loses no mail. A file `answer` in the directory holding e.g. `451 4.3.0 Try later` is what it replies instead of
accepting, from the next message on, until the file is deleted. With `--delay` it takes that many seconds to say yes
after keeping a message: the moment in which a killed sender cannot know.
"""

import argparse
import asyncio
import signal
import threading
from pathlib import Path
from uuid import uuid4

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

ANSWER = "answer"


class Keeper:
    """The handler: writes each accepted message whole, with its envelope in two X- headers."""

    def __init__(self, directory: Path, delay: float) -> None:
        self._directory = directory
        self._delay = delay

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the message, or answer what the file `answer` says."""
        told = self._directory / ANSWER
        if told.exists():
            return told.read_text().strip()
        content = envelope.original_content or b""
        headers = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n"
        keep(self._directory, headers.encode() + content)
        await asyncio.sleep(self._delay)
        return "250 2.0.0 Kept"


def keep(directory: Path, content: bytes) -> None:
    """Write a message so that a reader sees it whole or not at all, and a kill after this returns loses nothing.

    No machine loses power during a test, and waiting for its disk would hold up every sender alike.
    """
    name = uuid4().hex
    unfinished = directory / f".{name}"
    unfinished.write_bytes(content)
    unfinished.rename(directory / f"{name}.eml")


def main() -> None:
    """Serve until a signal comes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--delay", type=float, default=0)
    arguments = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    controller = Controller(Keeper(arguments.directory, arguments.delay), hostname="127.0.0.1", port=arguments.port)
    controller.start()
    stop.wait()
    controller.stop()


if __name__ == "__main__":
    main()
