"""Examples of passkeys."""

from accounts.api.examples import ASSERTION, DEVICE, PASSWORD, TOKENS, answer, body
from mfa.api.examples.challenge import CHALLENGE

ID = ASSERTION["id"]
NONCE = "m0oDcYzq2v7wVtqkq1t9bR4oJm3xW8aHfPzY6sLe5Ug"
CHALLENGE_ID = "0193a5cb-3c4d-7e5f-9061-728394a5b6c7"
REQUEST = {
    "challenge_id": CHALLENGE_ID,
    "publicKey": {
        "challenge": NONCE,
        "timeout": 300000,
        "rpId": "auth.example.com",
        "allowCredentials": [],
        "userVerification": "required",
    },
}
MADE = {
    "id": ID,
    "rawId": ID,
    "type": "public-key",
    "response": {
        "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiLi4uIn0",
        "attestationObject": "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YViUSZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2NF",
        "transports": ["internal", "hybrid"],
    },
    "clientExtensionResults": {"credProps": {"rk": True}},
}
CREATION = [
    body({"password": PASSWORD}, "a first factor"),
    body({"code": "492039"}, "a further one"),
    body({"challenge": CHALLENGE}, "before a first session"),
    answer(
        {
            "challenge_id": CHALLENGE_ID,
            "publicKey": {
                "rp": {"id": "auth.example.com", "name": "Gatehouse"},
                "user": {"id": "AZOlyHwee5udTz5bbHyNng", "name": "anna@example.com", "displayName": "Anna Kask"},
                "challenge": NONCE,
                "pubKeyCredParams": [
                    {"type": "public-key", "alg": -8},
                    {"type": "public-key", "alg": -7},
                    {"type": "public-key", "alg": -257},
                ],
                "timeout": 300000,
                "excludeCredentials": [],
                "authenticatorSelection": {
                    "residentKey": "preferred",
                    "requireResidentKey": False,
                    "userVerification": "preferred",
                },
                "attestation": "none",
                "extensions": {"credProps": True},
            },
        }
    ),
]
ENROLMENT = [
    body({"credential": MADE, "name": "Anna's laptop"}),
    answer({"id": "0193a5cc-4d5e-7f60-8172-8394a5b6c7d8", "recovery_codes": []}, "a further factor"),
]
SIGN_IN_OPTIONS = [body({}, "whoever has a passkey here"), body({"email": "anna@example.com"}, "Anna"), answer(REQUEST)]
SIGN_IN = [
    body({"credential": ASSERTION, "challenge_id": CHALLENGE_ID, "device_name": "Anna's laptop"}, "first"),
    body({"credential": ASSERTION, "device_token": DEVICE}, "from a known device"),
    TOKENS,
]
