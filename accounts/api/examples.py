"""What the account calls look like on the wire: one example for each body and answer of the published schema."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

USER = "0193a5c8-7c1e-7b2a-9d4f-3e5a6b7c8d9e"
SESSION = "0193a5ca-10f4-7c55-8a21-6b0c9d8e7f61"
ACCESS = "eyJhbGciOiJFUzI1NiIsImtpZCI6IjRfZ…Q1In0.eyJpc3MiOiJodHRwczovL2F1dGgu…In0.MEUCIQDx…9w"
REFRESH = "kT3wXyLq0m1ZbVh8sR2uJf5dNc7aPe9gGi4oYtBvMxs"
DEVICE = "n0F6aV8yQkZ3cT1hWb5uRj2pEx7mLd9sKg4iYoXrUqI"
LINK = "Zk3l0vWc2yJ1n7mQ5tRr8xUuB4aD6eFgH9iJkLmNoPq"
PASSWORD = "correct horse battery staple"  # noqa: S105 - of nobody


def body(value: dict[str, Any], name: str = "request") -> OpenApiExample:
    """Return an example of what is sent."""
    return OpenApiExample(name, value, request_only=True)


def answer(value: dict[str, Any], name: str = "answer", *, status: int = 200) -> OpenApiExample:
    """Return an example of what comes back."""
    return OpenApiExample(name, value, response_only=True, status_codes=[str(status)])


ON_ITS_WAY = answer({"detail": "If this address can be used, a mail is on its way to it."}, status=202)
TOKENS = answer(
    {
        "access": ACCESS,
        "refresh": REFRESH,
        "token_type": "Bearer",
        "expires_in": 1800,
        "refresh_expires_in": 604800,
        "session_id": SESSION,
        "device_token": DEVICE,
    }
)
_PROFILE = {
    "id": USER,
    "email": "anna@example.com",
    "username": "anna",
    "first_name": "Anna",
    "last_name": "Berg",
    "phone": "+4915112345678",
    "locale": "de-AT",
    "time_zone": "Europe/Vienna",
    "created_at": "2026-11-21T10:00:00Z",
}

REGISTER = [
    body({"email": "anna@example.com", "password": PASSWORD, "first_name": "Anna", "last_name": "Berg"}),
    ON_ITS_WAY,
]
VERIFY_EMAIL = [body({"token": LINK}), answer({"detail": "The address is confirmed. You can sign in now."})]
RESEND = [body({"email": "anna@example.com"}), ON_ITS_WAY]
LOGIN = [
    body({"email": "anna@example.com", "password": PASSWORD, "device_name": "Anna's phone"}, "by address"),
    body({"username": "anna", "password": PASSWORD, "device_token": DEVICE}, "by user name"),
    TOKENS,
]
REFRESHED = [body({"refresh": REFRESH}), TOKENS]
LOGOUT = [body({"refresh": REFRESH}, "this session"), body({"refresh": REFRESH, "all": True}, "every session")]
VERIFY = [
    body({"token": ACCESS}),
    answer(
        {
            "active": True,
            "sub": USER,
            "sid": SESSION,
            "iss": "https://auth.example.com",
            "aud": "gatehouse",
            "jti": "0193a5ca-2b3c-7d4e-8f50-617283940a1b",
            "iat": 1795255200,
            "exp": 1795257000,
            "auth_time": 1795255200,
            "amr": ["pwd"],
        },
        "good",
    ),
    answer({"active": False}, "not good"),
]
PROFILE = [answer(_PROFILE)]
PROFILE_CHANGE = [body({"locale": "de-AT", "time_zone": "Europe/Vienna"}), answer(_PROFILE)]
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
