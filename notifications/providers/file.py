"""Mail into files, for development: one whole message each, to be read by a person, a test or a mail program.

Not for production (`notifications.E003`): these files hold links that open accounts.
"""

import json
import os
from datetime import datetime
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings

from notifications.providers import mime
from notifications.providers.base import Email, Push, Receipt, Text, Transient, Unsupported, check

log = structlog.get_logger(__name__)


class FileProvider(Unsupported):
    """Writes `$GATEHOUSE_HOME/mail/<time>-<message id>.eml`, and other channels as `.json` beside it."""

    name = "file"
    channels = frozenset({"email", "sms", "whatsapp", "telegram", "push"})

    def send_email(self, message: Email) -> Receipt:
        """Write the mail as mail is kept on a disk: eight bits, lines ended as this system ends them."""
        check(message)
        return self._write(message.id, message.at, "eml", mime.compose(message).replace(b"\r\n", b"\n"))

    def send_sms(self, message: Text) -> Receipt:
        """Write the text message."""
        return self._write_json(message, message.channel, message.text)

    def send_push(self, message: Push) -> Receipt:
        """Write the push message; its text is the title and the body."""
        return self._write_json(message, "push", f"{message.title}\n{message.body}")

    def health(self) -> str:
        """Say whether the directory can be written to."""
        home = Path(settings.GATEHOUSE_HOME)
        return "ok" if os.access(home if home.exists() else home.parent, os.W_OK) else "not_writable"

    def _write_json(self, message: Text | Push, channel: str, text: str) -> Receipt:
        check(message)
        document = {"channel": channel, "to": message.to, "text": text, "message_id": str(message.id)}
        return self._write(message.id, message.at, "json", json.dumps(document, ensure_ascii=False, indent=1).encode())

    def _write(self, id_: UUID, at: datetime, ending: str, content: bytes) -> Receipt:
        """Write a file that a reader sees whole or not at all, and that outlives a power cut."""
        directory = Path(settings.GATEHOUSE_HOME) / "mail"
        path = directory / f"{at:%Y%m%dT%H%M%S.%f}-{id_}.{ending}"
        draft = directory / f".{path.name}.part"  # matched by no reader that looks for *.eml
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(path)
        except OSError as error:
            raise Transient("not_writable", type(error).__name__) from error
        # The file's name and nothing of what it says: a line on the terminal outlives the link in the mail.
        log.info("message_written", file=str(path))
        return Receipt(provider_id=path.name)
