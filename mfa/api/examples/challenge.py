"""Examples of the second step of a sign-in."""

from accounts.api.examples import ASSERTION, TOKENS, answer, body

CHALLENGE = "ghc_kT3wXyLq0m1ZbVh8sR2uJf5dNc7aPe9gGi4oYtBvMxs"
ANSWER = [
    body({"challenge": CHALLENGE, "method": "totp", "code": "492039", "trust_device": True}, "authenticator"),
    body({"challenge": CHALLENGE, "method": "sms", "code": "170364"}, "by message"),
    body({"challenge": CHALLENGE, "method": "webauthn", "credential": ASSERTION}, "passkey"),
    TOKENS,
]
SENT = answer({"detail": "A code is on its way."}, status=202)
ASKED = answer(
    {
        "challenge_id": "0193a5cb-3c4d-7e5f-9061-728394a5b6c7",
        "publicKey": {
            "challenge": "m0oDcYzq2v7wVtqkq1t9bR4oJm3xW8aHfPzY6sLe5Ug",
            "timeout": 300000,
            "rpId": "auth.example.com",
            "allowCredentials": [{"id": ASSERTION["id"], "type": "public-key", "transports": ["internal"]}],
            "userVerification": "preferred",
        },
    },
    "options",
)
CHALLENGE_SEND = [
    body({"challenge": CHALLENGE, "method": "sms"}, "by message"),
    body({"challenge": CHALLENGE, "method": "webauthn"}, "passkey"),
    ASKED,
    SENT,
]
SEND = [body({"method": "email"}, "by message"), body({"method": "webauthn"}, "passkey"), ASKED, SENT]
