"""Examples of what a person sees of what is kept of her."""

from accounts.api.examples import LINK, PASSWORD, USER, answer, body

ACTIVITY = [
    answer(
        {
            "next": None,
            "previous": None,
            "results": [
                {
                    "id": "0193a5ca-2b3c-7d4e-8f50-617283940a1b",
                    "at": "2026-11-21T10:00:00Z",
                    "action": "accounts.login.succeeded",
                    "meaning": "Somebody signed in",
                    "outcome": "done",
                    "by": "you",
                    "ip_address": "203.0.113.7",
                    "user_agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X)",
                }
            ],
        }
    )
]
EXPORT = [
    answer(
        {
            "exported_at": "2026-11-21T10:00:00Z",
            "user": USER,
            "left_out": {"messages.messages_to_you": 120},
            "account": {"person": [{"id": USER, "email": "anna@example.com", "first_name": "Anna"}], "devices": []},
            "permissions": {"roles": []},
            "messages": {"messages_to_you": [], "messages_you_sent": []},
            "history": {"done_by_you": [], "done_to_you": []},
            "admin": {"changes": []},
        }
    )
]
DELETION = [body({"password": PASSWORD})]
KEEP = [body({"token": LINK}), answer({"detail": "The account is kept. You can sign in again."})]
