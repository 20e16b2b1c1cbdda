"""A server that behaves like Novu's. Its yes promises nothing, either: `sends` says whether a message goes out."""

import json
import time
from typing import Any, ClassVar
from uuid import uuid4

from notifications.callbacks import signatures
from notifications.tests.fakes.base import Fake, Reply, Seen

API_KEY = "novu-key"
WORKFLOWS = {channel: f"gatehouse-{channel}" for channel in ("email", "sms", "whatsapp", "telegram", "push")}
SECRET = "whsec_bm92dS1mYWtlLXNlY3JldC1ub3Z1LWZha2U="


class FakeNovu(Fake):
    name: ClassVar[str] = "novu"
    good: ClassVar[int] = 201
    replay_status: ClassVar[int] = 422
    keeps_errors: ClassVar[bool] = True

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"secret": SECRET} | {name: value for name, value in options.items() if value})
        self.status = "processed"
        self.sends = True
        self.unreached: set[str] = set()

    @property
    def config(self) -> dict[str, Any]:
        """Return what a provider needs to know of it."""
        return {"api_key": API_KEY, "url": self.url, "workflows": WORKFLOWS, "webhook_secret": self.secret}

    def is_message(self, seen: Seen) -> bool:
        return seen.path == "/v1/events/trigger"

    def refusal(self, seen: Seen) -> Reply | None:
        if seen.headers.get("Authorization") != f"ApiKey {API_KEY}":
            return Reply(401, {"statusCode": 401, "message": "API Key not found"})
        if self.is_message(seen) and seen.json["name"] not in WORKFLOWS.values():
            return Reply(422, {"statusCode": 422, "message": "workflow_not_found"})
        return None

    def deliver(self, seen: Seen) -> tuple[dict[str, Any], Any]:
        body = seen.json
        kept = {"provider_id": body["transactionId"], "to": body["to"], "workflow": body["name"]}
        answer = {"acknowledged": True, "status": self.status, "transactionId": body["transactionId"]}
        sent = self.sends and self.status == "processed"
        return kept | {"payload": body["payload"], "status": "sent" if sent else "error"}, {"data": answer}

    def look_up(self, seen: Seen) -> Reply:
        rows = [
            {"transactionId": one["provider_id"], "status": one["status"], "email": to.get("email")}
            for one in self.delivered
            for to in one["to"]
            if to.get("email") not in self.unreached
        ]
        wanted = seen.queried("transactionId")
        return Reply(document={"data": [row for row in rows if row["transactionId"] == wanted]})

    def other_words(self) -> Any:
        return {"statusCode": 422, "message": "Idempotency-Key is already being used for a different request"}

    def report(self, provider_id: str, event: str, **more: Any) -> int:
        message = {"transactionId": provider_id, "channel": "email", **more}
        document = {"type": f"messages.{event}", "data": {"object": message}}
        return self.post_signed(json.dumps(document).encode(), name=f"msg_{uuid4().hex}", stamp=int(time.time()))

    def post_signed(self, body: bytes, *, name: str, stamp: int, secret: str = "") -> int:
        """Post a report with a signature; of another secret where one is given."""
        signature = signatures.sign_standard(secret=secret or self.secret, name=name, stamp=stamp, body=body)
        headers = {"webhook-id": name, "webhook-timestamp": str(stamp), "webhook-signature": signature}
        return self.post(data=body, headers={**headers, "Content-Type": "application/json"})
