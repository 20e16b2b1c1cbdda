"""Examples of signing in by mail."""

from accounts.api.examples import DEVICE, LINK, ON_ITS_WAY, TOKENS, body

REQUEST = [
    body({"email": "anna@example.com"}, "a code"),
    body({"email": "anna@example.com", "link_url": "https://app.example.com/sign-in"}, "a code and a link"),
    ON_ITS_WAY,
]
BY_LINK = [body({"token": LINK, "device_name": "Anna's phone"}), TOKENS]
BY_CODE = [body({"email": "anna@example.com", "code": "492039", "device_token": DEVICE}), TOKENS]
