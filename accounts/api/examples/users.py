"""Examples of people as staff see them."""

from accounts.api.examples import ACCESS, SESSION, USER, answer, body

_PERSON = {
    "id": USER,
    "email": "anna@example.com",
    "username": "anna",
    "first_name": "Anna",
    "last_name": "Berg",
    "phone": "+4915112345678",
    "locale": "de-AT",
    "time_zone": "Europe/Vienna",
    "is_active": True,
    "is_staff": False,
    "state": "active",
    "erase_at": None,
    "created_at": "2026-11-21T10:00:00Z",
}
_CHANGES = {"first_name": "Anna", "last_name": "Berg", "locale": "de-AT", "time_zone": "Europe/Vienna"}

PEOPLE = [
    answer({"next": "https://auth.example.com/api/v1/users?cursor=AQJr…", "previous": None, "results": [_PERSON]})
]
PERSON = [answer(_PERSON)]
CHANGED = [body({"last_name": "Berg"}), answer(_PERSON)]
FACTOR_RESET = [body({"reason": "Lost her telephone; called back at the number on file."})]
IMPERSONATION = [
    body({"reason": "Ticket 4711: her orders are not listed.", "minutes": 15}),
    answer({"access": ACCESS, "token_type": "Bearer", "expires_in": 900, "session_id": SESSION}),
]
REPLACED = [body(_CHANGES), answer(_PERSON)]
