"""Examples of proving again who one is."""

from accounts.api.examples import ASSERTION, PASSWORD, TOKENS, body

REAUTHENTICATE = [
    body({"password": PASSWORD}, "by password"),
    body({"code": "492039"}, "by a factor"),
    body({"credential": ASSERTION}, "by a passkey"),
    TOKENS,
]
