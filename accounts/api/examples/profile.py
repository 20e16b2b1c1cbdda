"""Examples of a person's own account."""

from accounts.api.examples import USER, answer, body

_PROFILE = {
    "id": USER,
    "email": "anna@example.com",
    "username": "anna",
    "first_name": "Anna",
    "last_name": "Berg",
    "phone": "+4915112345678",
    "phone_confirmed": True,
    "locale": "de-AT",
    "time_zone": "Europe/Vienna",
    "created_at": "2026-11-21T10:00:00Z",
}

PROFILE = [answer(_PROFILE)]
PROFILE_CHANGE = [body({"locale": "de-AT", "time_zone": "Europe/Vienna"}), answer(_PROFILE)]
