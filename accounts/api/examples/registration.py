"""Examples of registration."""

from accounts.api.examples import LINK, ON_ITS_WAY, PASSWORD, answer, body

REGISTER = [
    body({"email": "anna@example.com", "password": PASSWORD, "first_name": "Anna", "last_name": "Berg"}),
    ON_ITS_WAY,
]
VERIFY_EMAIL = [body({"token": LINK}), answer({"detail": "The address is confirmed. You can sign in now."})]
RESEND = [body({"email": "anna@example.com"}), ON_ITS_WAY]
