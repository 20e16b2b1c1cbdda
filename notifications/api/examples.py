"""What the notification calls look like on the wire, for the published schema."""

from drf_spectacular.utils import OpenApiExample

_MESSAGE = {
    "id": "0193a5d0-4b7e-7f10-b3c2-9a8b7c6d5e4f",
    "channel": "email",
    "status": "queued",
    "to": "berta@example.com",
    "created_at": "2026-11-21T10:00:00Z",
}

EMAIL = [
    OpenApiExample(
        "one recipient",
        {"to": "berta@example.com", "subject": "Your invoice", "text": "Dear Berta,\n\nit is attached.\n"},
        request_only=True,
    ),
    OpenApiExample(
        "several recipients, later",
        {
            "to": ["berta@example.com", "carl@example.com"],
            "subject": "The week's numbers",
            "text": "They are up.",
            "html": "<p>They are <strong>up</strong>.</p>",
            "reply_to": "numbers@example.com",
            "category": "newsletter",
            "metadata": {"week": 47},
            "send_at": "2030-11-22T06:00:00Z",
        },
        request_only=True,
    ),
    OpenApiExample("accepted", _MESSAGE, response_only=True, status_codes=["202"]),
]
MESSAGE = [
    OpenApiExample(
        "sent",
        {
            **_MESSAGE,
            "status": "sent",
            "sent_at": "2026-11-21T10:00:02Z",
            "expires_at": "2026-11-23T10:00:00Z",
            "kind": "",
            "category": "",
            "subject": "Your invoice",
            "metadata": {},
            "failure": "",
            "attempts": [
                {
                    "provider": "smtp",
                    "outcome": "accepted",
                    "error": "",
                    "detail": "",
                    "started_at": "2026-11-21T10:00:01Z",
                    "finished_at": "2026-11-21T10:00:02Z",
                }
            ],
        },
        response_only=True,
    )
]
