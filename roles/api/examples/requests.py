"""What the calls about requests for a role look like on the wire, for the published schema."""

from typing import Any

from kit.examples import answer, body
from roles.api.examples import COLLEAGUE, USER

_WISH: dict[str, Any] = {
    "role": "invoice-sender",
    "resource": "org:7",
    "minutes": 240,
    "reason": "Berta is ill, and the invoices go out today.",
}
_WAITING = {
    "id": "0193a5ca-3c2f-7e4d-9f6b-5a7c8d9eafb0",
    "user": USER,
    **_WISH,
    "expires_at": None,
    "state": "pending",
    "asked_by": USER,
    "asked_at": "2026-11-21T10:00:00Z",
    "lapses_at": "2026-11-28T10:00:00Z",
    "decided_by": None,
    "decided_at": None,
    "answer": "",
}
_DECIDED = {"decided_by": COLLEAGUE, "decided_at": "2026-11-21T10:05:00Z"}
_HERE = "https://auth.example.com/api/v1/access-requests"
_ROLE = {"name": "invoice-sender", "description": "Sends invoices", "sensitive": False}

ASK = [body(_WISH), answer(_WAITING, status=201), answer(_WAITING, "asked for already")]
REQUEST = [answer(_WAITING)]
REQUESTS = [answer({"next": f"{_HERE}?cursor=AQJr…", "previous": None, "results": [_WAITING]})]
APPROVE = [
    body({"answer": "Until the evening."}),
    answer({**_WAITING, **_DECIDED, "state": "approved", "answer": "Until the evening."}),
]
REFUSE = [
    body({"answer": "Carl does that today."}),
    answer({**_WAITING, **_DECIDED, "state": "refused", "answer": "Carl does that today."}),
]
WITHDRAW = [answer({**_WAITING, **_DECIDED, "decided_by": USER, "state": "withdrawn"})]
ROLES = [answer({"next": f"{_HERE}/roles?cursor=AQJr…", "previous": None, "results": [_ROLE]})]
