"""What the question "why?" and its answer look like on the wire, for the published schema."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

_REASON: dict[str, Any] = {
    "roles": [],
    "permission": "",
    "resource": "",
    "line": [],
    "group": "",
    "grant": None,
    "expires_at": None,
    "given_by": None,
    "reason": "",
}
_GIVEN = _REASON | {
    "kind": "grant",
    "detail": "The role editor was given on org:7 (project:12 lies below org:7), until 2030-01-01 00:00 UTC. "
    "It inherits author, which holds letters.*.",
    "roles": ["editor", "author"],
    "permission": "letters.*",
    "resource": "org:7",
    "line": ["project:12", "org:7"],
    "grant": "0197a1c2-5b1e-7c3a-9f60-6f1f1c8f2a10",
    "expires_at": "2030-01-01T00:00:00Z",
    "given_by": "0197a1c2-5b1e-7c3a-9f60-6f1f1c8f2a11",
    "reason": "She leads the project",
}
_MISSING = _REASON | {
    "kind": "nothing",
    "detail": "No role that was given holds notifications.send_message there.",
    "permission": "notifications.send_message",
}
_NOTIFIER = {
    "name": "notifier",
    "description": "Sends messages and sees what became of them",
    "requestable": False,
    "sensitive": False,
}

EXPLAIN = [
    OpenApiExample(
        "about another person",
        {
            "permission": "notifications.send_message",
            "resource": "project:12",
            "user": "0197a1c2-5b1e-7c3a-9f60-6f1f1c8f2a12",
        },
        request_only=True,
    ),
    OpenApiExample("yes", {"allowed": True, "because": [_GIVEN], "needed": []}, response_only=True),
    OpenApiExample("no", {"allowed": False, "because": [_MISSING], "needed": [_NOTIFIER]}, response_only=True),
]
