"""A server that behaves like Twilio's: no keys, a list of what it has taken, reports as forms."""

import base64
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, ClassVar
from uuid import uuid4

from notifications.callbacks import signatures
from notifications.tests.fakes.base import Fake, Reply, Seen

ACCOUNT = "ACfakefakefakefakefakefakefakefake"
TOKEN = "twilio-token"
SENDER = "+15005550006"


class FakeTwilio(Fake):
    name: ClassVar[str] = "twilio"
    good: ClassVar[int] = 201

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"secret": TOKEN} | {name: value for name, value in options.items() if value})

    @property
    def config(self) -> dict[str, Any]:
        """Return what a provider needs to know of it."""
        keys = {"account_sid": ACCOUNT, "auth_token": TOKEN, "url": self.url}
        return {**keys, "from": SENDER, "whatsapp_from": SENDER}

    def is_message(self, seen: Seen) -> bool:
        return seen.method == "POST"

    def refusal(self, seen: Seen) -> Reply | None:
        credentials = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if seen.headers.get("Authorization") != f"Basic {credentials}":
            return Reply(401, {"code": 20003, "message": "Authenticate", "status": 401})
        return None

    def deliver(self, seen: Seen) -> tuple[dict[str, Any], Any]:
        row = {
            "sid": f"SM{uuid4().hex}",
            "to": seen.form["To"],
            "body": seen.form.get("Body") or seen.form.get("ContentVariables"),
            "status": "queued",
            "direction": "outbound-api",
            "date_created": format_datetime(datetime.now(UTC)),
        }
        return {"provider_id": row["sid"], "form": seen.form, **row}, row

    def look_up(self, seen: Seen) -> Reply:
        wanted = seen.queried("To")
        return Reply(document={"messages": [one for one in reversed(self.delivered) if one["to"] == wanted]})

    def report(self, provider_id: str, event: str, **more: Any) -> int:
        [message] = [one for one in self.delivered if one["provider_id"] == provider_id]
        return self.post_form({"MessageSid": provider_id, "MessageStatus": event, "To": message["to"], **more})

    def post_form(self, form: dict[str, str], *, token: str = "") -> int:
        """Post a report with a signature; of another token where one is given."""
        fields = list(({"AccountSid": ACCOUNT} | form).items())
        signature = signatures.sign_twilio(token=token or self.secret, url=self.callback, fields=fields)
        return self.post(data=fields, headers={"X-Twilio-Signature": signature})
