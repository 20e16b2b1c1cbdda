"""Examples of sessions."""

from accounts.api.examples import SESSION, answer

SESSIONS = [
    answer(
        {
            "count": 1,
            "next": None,
            "previous": None,
            "results": [
                {
                    "id": SESSION,
                    "device_name": "Anna's phone",
                    "device_type": "mobile",
                    "ip_address": "203.0.113.7",
                    "user_agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X)",
                    "created_at": "2026-11-21T10:00:00Z",
                    "last_seen_at": "2026-11-21T10:25:00Z",
                    "current": True,
                }
            ],
        }
    )
]
