"""What the calls about grants look like on the wire, for the published schema."""

from kit.examples import answer, body
from roles.api.examples import COLLEAGUE, USER

_ASSIGNMENT = {
    "user": USER,
    "role": "notifier",
    "resource": "org:7",
    "expires_at": "2026-12-31T22:00:00Z",
    "reason": "Sends the newsletter till the end of the year.",
}
_TO_GROUP = {"group": "newsroom", "role": "notifier"}
_GRANT = {
    "id": "0193a5cb-4d30-7f5e-8a7c-6b8d9eafb0c1",
    **_ASSIGNMENT,
    "group": None,
    "denies": False,
    "given_by": COLLEAGUE,
    "created_at": "2026-11-21T10:00:00Z",
}
_PROPOSED = {
    "id": "0193a5cc-5e41-7a6f-9b8d-7c9eafb0c1d2",
    **_ASSIGNMENT,
    "minutes": None,
    "state": "pending",
    "asked_by": COLLEAGUE,
    "asked_at": "2026-11-21T10:00:00Z",
    "lapses_at": "2026-11-28T10:00:00Z",
    "decided_by": None,
    "decided_at": None,
    "answer": "",
}
_HERE = "https://auth.example.com/api/v1/roles/grants"

ASSIGN = [
    body(_ASSIGNMENT, "to a person, on one resource, for a while"),
    body(_TO_GROUP, "to a group"),
    body({"user": USER, "role": "notifier", "resource": "org:8", "denies": True}, "a denial"),
    answer(_GRANT, status=201),
    answer(_GRANT, "given already"),
    answer(_PROPOSED, "a second person must agree", status=202),
]
REVOKE = [body({"user": USER, "role": "notifier", "resource": "org:7"})]
GRANTS = [answer({"next": f"{_HERE}?cursor=AQJr…", "previous": None, "results": [_GRANT]})]
