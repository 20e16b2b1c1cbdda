"""Examples of the second step of a sign-in."""

from accounts.api.examples import TOKENS, answer, body

CHALLENGE = "ghc_kT3wXyLq0m1ZbVh8sR2uJf5dNc7aPe9gGi4oYtBvMxs"
ANSWER = [
    body({"challenge": CHALLENGE, "method": "totp", "code": "492039", "trust_device": True}, "authenticator"),
    body({"challenge": CHALLENGE, "method": "sms", "code": "170364"}, "by message"),
    TOKENS,
]
SENT = answer({"detail": "A code is on its way."}, status=202)
CHALLENGE_SEND = [body({"challenge": CHALLENGE, "method": "sms"}), SENT]
SEND = [body({"method": "email"}), SENT]
