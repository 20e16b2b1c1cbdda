"""Examples of addresses and of the telephone number."""

from accounts.api.examples import LINK, ON_ITS_WAY, PASSWORD, answer, body
from accounts.api.examples.profile import PROFILE

_ADDRESS = {
    "id": "0193a5c8-7c1e-7b2a-9d4f-3e5a6b7c8d9f",
    "email": "anna@example.com",
    "primary": True,
    "confirmed_at": "2026-11-21T10:00:00Z",
}

ADDRESS = answer(_ADDRESS)
ADDRESSES = [answer({"count": 1, "next": None, "previous": None, "results": [_ADDRESS]})]
PROOF = [body({"password": PASSWORD}, "with the password"), body({}, "after a sign-in of a moment ago")]
OFFER = [body({"email": "anna@example.org", "password": PASSWORD}), ON_ITS_WAY]
CONFIRM = [body({"token": LINK}), answer({"detail": "The address is confirmed."})]
PHONE_SEND = [
    body({}, "to the number of the profile"),
    body({"phone": "+4915112345678"}, "to another one"),
    answer({"detail": "A code is on its way."}, status=202),
]
PHONE_CONFIRM = [body({"code": "123456"}), *PROFILE]
