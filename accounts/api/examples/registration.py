"""Examples of registration."""

from accounts.api.examples import LINK, ON_ITS_WAY, PASSWORD, answer, body

REGISTER = [
    body({"email": "anna@example.com", "password": PASSWORD, "first_name": "Anna", "last_name": "Berg"}),
    ON_ITS_WAY,
]
VERIFY_EMAIL = [body({"token": LINK}), answer({"detail": "The address is confirmed. You can sign in now."})]
RESEND = [body({"email": "anna@example.com"}), ON_ITS_WAY]
ROBOT_CHALLENGE = [
    answer(
        {
            "kind": "proof-of-work",
            "purpose": "register",
            "challenge": "pow1.register.16.1795255800.q0nX7p1yTqC2cV5s8ZkLmA.9f2b…e1",
            "difficulty": 16,
            "expires_in": 600,
        },
        "work",
    ),
    answer({"kind": "off", "purpose": "register", "challenge": "", "difficulty": 0, "expires_in": 0}, "nothing to do"),
]
