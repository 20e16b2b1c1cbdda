"""Examples of sessions."""

from accounts.api.examples import SESSION, answer

PHONE = {
    "id": SESSION,
    "device_name": "Anna's phone",
    "device_type": "mobile",
    "ip_address": "203.0.113.7",
    "place": "Berlin, Germany",
    "user_agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X)",
    "created_at": "2026-11-21T10:00:00Z",
    "last_seen_at": "2026-11-21T10:25:00Z",
}
SESSIONS = [
    answer(
        {
            "count": 1,
            "next": None,
            "previous": None,
            "results": [
                {**PHONE, "verdict": "", "evidence": None, "by_staff": False, "current": True},
            ],
        }
    )
]
ENDED_SESSIONS = [
    answer(
        {
            "count": 1,
            "next": None,
            "previous": None,
            "results": [
                {
                    **PHONE,
                    "verdict": "theft",
                    "evidence": {
                        "first": {
                            "at": "2026-11-21T10:25:00Z",
                            "ip_address": "203.0.113.7",
                            "place": "Berlin, Germany",
                            "user_agent": PHONE["user_agent"],
                        },
                        "again": {
                            "at": "2026-11-21T10:31:40Z",
                            "ip_address": "198.51.100.9",
                            "place": "",
                            "user_agent": "curl/8.14",
                        },
                        "spent_seconds_ago": 400,
                        "same_address": False,
                        "same_agent": False,
                        "successor_used": False,
                    },
                    "by_staff": False,
                    "ended_at": "2026-11-21T10:31:40Z",
                    "end_reason": "refresh_reuse",
                },
            ],
        }
    )
]
