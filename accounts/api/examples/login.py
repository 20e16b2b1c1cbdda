"""Examples of signing in."""

from accounts.api.examples import ACCESS, DEVICE, PASSWORD, REFRESH, SESSION, TOKENS, USER, answer, body

LOGIN = [
    body({"email": "anna@example.com", "password": PASSWORD, "device_name": "Anna's phone"}, "by address"),
    body({"username": "anna", "password": PASSWORD, "device_token": DEVICE}, "by user name"),
    TOKENS,
]
REFRESHED = [body({"refresh": REFRESH}), TOKENS]
LOGOUT = [body({"refresh": REFRESH}, "this session"), body({"refresh": REFRESH, "all": True}, "every session")]
VERIFY = [
    body({"token": ACCESS}),
    answer(
        {
            "active": True,
            "sub": USER,
            "sid": SESSION,
            "iss": "https://auth.example.com",
            "aud": "gatehouse",
            "jti": "0193a5ca-2b3c-7d4e-8f50-617283940a1b",
            "iat": 1795255200,
            "exp": 1795257000,
            "auth_time": 1795255200,
            "amr": ["pwd"],
            "acr": "aal1",
        },
        "good",
    ),
    answer({"active": False}, "not good"),
]
