"""Examples of setting up second factors."""

from accounts.api.examples import PASSWORD, answer, body
from mfa.api.examples.challenge import CHALLENGE

FACTOR = "0193a5cb-2f31-7d10-b6c7-9e8d7c6b5a49"
_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 - of nobody
_CODES = ["7H2K-M9QX-4TZC-RW3B", "N8VD-51GF-KY6P-XJ0S"]

SETUP = [
    body({"method": "totp", "name": "Telephone", "password": PASSWORD}, "a first authenticator"),
    body({"method": "totp", "algorithm": "SHA256", "digits": 8, "code": "492039"}, "a further one"),
    body({"method": "sms", "code": "492039"}, "codes by SMS"),
    body({"challenge": CHALLENGE}, "during a sign-in that asks for it"),
    answer(
        {
            "secret": _SECRET,
            "otpauth_uri": f"otpauth://totp/Gatehouse:anna@example.com?secret={_SECRET}"
            "&issuer=Gatehouse&algorithm=SHA1&digits=6&period=30",
            "qr_svg": '<svg xmlns="http://www.w3.org/2000/svg" width="180" height="180">…</svg>',
        }
    ),
    answer({"detail": "A code is on its way."}, status=202),
]
VERIFY = [body({"code": "492039"}), answer({"id": FACTOR, "recovery_codes": _CODES})]
PROOF = [body({"code": "492039"}, "with a code"), body({}, "after a factor was proved a moment ago")]
RECOVERY_CODES = [*PROOF, answer({"recovery_codes": _CODES})]
FACTORS = [
    answer(
        {
            "factors": [
                {
                    "id": FACTOR,
                    "method": "totp",
                    "name": "Telephone",
                    "created_at": "2026-11-21T10:00:00Z",
                    "last_used_at": "2026-11-21T18:30:00Z",
                }
            ],
            "recovery_codes_left": 10,
            "is_required": False,
        }
    )
]
