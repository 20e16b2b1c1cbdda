"""A server that behaves like Resend's."""

import json
import time
from typing import Any, ClassVar
from uuid import uuid4

from notifications.callbacks import signatures
from notifications.tests.fakes.base import Fake, Reply, Seen

API_KEY = "re_fake"
SECRET = "whsec_cmVzZW5kLWZha2Utc2VjcmV0LXJlc2VuZA=="


class FakeResend(Fake):
    name: ClassVar[str] = "resend"

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"secret": SECRET} | {name: value for name, value in options.items() if value})

    @property
    def config(self) -> dict[str, Any]:
        """Return what a provider needs to know of it."""
        return {"api_key": API_KEY, "url": self.url, "webhook_secret": self.secret}

    def is_message(self, seen: Seen) -> bool:
        return seen.path == "/emails"

    def refusal(self, seen: Seen) -> Reply | None:
        if seen.headers.get("Authorization") != f"Bearer {API_KEY}":
            return Reply(403, {"statusCode": 403, "name": "invalid_api_key", "message": "API key is invalid"})
        return None

    def deliver(self, seen: Seen) -> tuple[dict[str, Any], Any]:
        taken = str(uuid4())
        return {"provider_id": taken, **seen.json}, {"id": taken}

    def look_up(self, seen: Seen) -> Reply:
        return Reply(404, {"statusCode": 404, "name": "not_found", "message": "The requested endpoint does not exist"})

    def report(self, provider_id: str, event: str, **more: Any) -> int:
        [mail] = [one for one in self.delivered if one["provider_id"] == provider_id]
        tags = {one["name"]: one["value"] for one in mail["tags"]}
        data = {"email_id": provider_id, "to": mail["to"], "tags": tags, **more}
        return self.post_signed(json.dumps({"type": f"email.{event}", "data": data}).encode())

    def post_signed(self, body: bytes) -> int:
        """Post a report with a signature."""
        name, stamp = f"msg_{uuid4().hex}", int(time.time())
        signature = signatures.sign_standard(secret=self.secret, name=name, stamp=stamp, body=body)
        headers = {"svix-id": name, "svix-timestamp": str(stamp), "svix-signature": signature}
        return self.post(data=body, headers={**headers, "Content-Type": "application/json"})
