"""The calls that wrong input is tried on: each with a body that would pass, and what must be in it."""

from dataclasses import dataclass, field
from typing import Any

from accounts.api.examples import ASSERTION
from mfa.api.examples.passkeys import MADE
from notifications.api.preferences import QUIET, WANTED


@dataclass(frozen=True)
class Call:
    """One call of the contract with a body that would pass, and which of its fields must be there."""

    method: str
    path: str
    body: dict[str, Any]
    required: tuple[str, ...]
    signed_in: bool = False
    optional: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


NOBODY = "/users/00000000-0000-7000-8000-000000000000"
NO_REQUEST = "/access-requests/00000000-0000-7000-8000-000000000000"
NO_ID = "00000000-0000-7000-8000-000000000000"
WORDED = "/notify/templates/accounts.reset"
# RFC 8291, appendix A
PUSH_KEYS = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}
NO_MESSAGE = f"/notify/messages/{NO_ID}"
MOMENTS = {"send_at": "2030-01-01T00:00:00Z", "ttl": 60}
PLACEMENT = {"resource": "project:12", "parent": "org:7"}
CALLS = [
    Call(
        "POST",
        "/auth/register",
        {"email": "new@example.org", "password": "Correct-Horse-7-Battery"},
        ("email", "password"),
        optional={"username": "new", "first_name": "N", "last_name": "W", "phone": "+4915112345678"}
        | {"link_url": "https://app.example.org/in", "robot_proof": "pow1"},
    ),
    Call("POST", "/auth/verify-email", {"token": "a" * 43}, ("token",)),
    Call("POST", "/auth/resend-verification", {"email": "new@example.org"}, ("email",)),
    Call(
        "POST",
        "/auth/login",
        {"email": "new@example.org", "password": "Correct-Horse-7-Battery"},
        ("email", "password"),
        optional={"device_name": "phone", "device_token": "a" * 43},
    ),
    Call("POST", "/auth/refresh", {"refresh": "a" * 43}, ("refresh",)),
    Call("POST", "/auth/logout", {}, (), optional={"refresh": "a" * 43}),
    Call("POST", "/auth/verify", {"token": "a" * 43}, ("token",)),
    Call("POST", "/auth/reauthenticate", {"password": "Correct-Horse-7-Battery"}, ("password",), signed_in=True),
    Call("POST", "/auth/reauthenticate", {}, (), signed_in=True, optional={"code": "123456"}),
    Call("POST", "/auth/reauthenticate", {}, (), signed_in=True, optional={"credential": {}}),
    Call(
        "POST",
        "/auth/password/change",
        {"current_password": "Correct-Horse-7-Battery", "new_password": "Purple-Elephants-8"},
        ("current_password", "new_password"),
        signed_in=True,
    ),
    Call(
        "POST",
        "/auth/password/reset-request",
        {"email": "new@example.org"},
        ("email",),
        optional={"link_url": "https://app.example.org/reset"},
    ),
    Call(
        "POST",
        "/auth/password/reset",
        {"token": "a" * 43, "new_password": "Purple-Elephants-8"},
        ("token", "new_password"),
    ),
    Call(
        "POST",
        "/auth/mfa/challenge",
        {"challenge": "ghc_" + "a" * 43, "method": "totp", "code": "123456"},
        ("challenge", "method", "code"),
        optional={"trust_device": True},
    ),
    Call(
        "POST",
        "/auth/mfa/challenge/send",
        {"challenge": "ghc_" + "a" * 43, "method": "email"},
        ("challenge", "method"),
    ),
    Call("POST", "/auth/mfa/send", {"method": "email"}, ("method",), signed_in=True),
    Call(
        "POST",
        "/auth/mfa/setup",
        {},
        (),
        signed_in=True,
        optional={"method": "totp", "name": "phone", "algorithm": "SHA1", "digits": 6, "to": "4242"}
        | {"password": "Correct-Horse-7-Battery", "code": "123456", "challenge": "ghc_" + "a" * 43},
    ),
    Call(
        "POST",
        "/auth/mfa/verify",
        {"code": "123456"},
        ("code",),
        signed_in=True,
        optional={"challenge": "ghc_" + "a" * 43},
    ),
    Call("POST", "/auth/mfa/recovery-codes", {}, (), signed_in=True, optional={"code": "123456"}),
    Call("DELETE", "/auth/mfa", {}, (), signed_in=True, optional={"code": "123456"}),
    Call("POST", "/auth/mfa/webauthn/options", {}, (), signed_in=True, optional={"code": "123456", "credential": {}}),
    Call(
        "POST", "/auth/mfa/webauthn", {"credential": MADE}, ("credential",), signed_in=True, optional={"name": "phone"}
    ),
    Call("POST", "/auth/passkey/options", {}, (), optional={"email": "new@example.org"}),
    Call(
        "POST",
        "/auth/passkey",
        {"credential": ASSERTION},
        ("credential",),
        optional={"challenge_id": "00000000-0000-7000-8000-000000000000", "device_name": "phone"},
    ),
    Call("POST", "/auth/unlock", {"token": "a" * 43}, ("token",)),
    Call("POST", "/auth/undo", {"token": "a" * 43}, ("token",)),
    Call(
        "POST",
        "/auth/sign-in-link/request",
        {"email": "new@example.org"},
        ("email",),
        optional={"link_url": "https://app.example.org/in"},
    ),
    Call(
        "POST",
        "/auth/sign-in-link",
        {"token": "a" * 43},
        ("token",),
        optional={"device_name": "phone", "device_token": "a" * 43},
    ),
    Call(
        "POST",
        "/auth/sign-in-code",
        {"email": "new@example.org", "code": "123456"},
        ("email", "code"),
        optional={"device_name": "phone", "device_token": "a" * 43},
    ),
    Call(
        "POST",
        "/auth/addresses",
        {"email": "new@example.org"},
        ("email",),
        signed_in=True,
        optional={"password": "Correct-Horse-7-Battery", "code": "123456", "link_url": "https://app.example.org/in"},
    ),
    Call(
        "POST",
        "/auth/email/change",
        {"email": "new@example.org"},
        ("email",),
        signed_in=True,
        optional={"password": "Correct-Horse-7-Battery", "code": "123456", "link_url": "https://app.example.org/in"},
    ),
    Call("POST", "/auth/addresses/confirm", {"token": "a" * 43}, ("token",)),
    Call("POST", "/auth/phone/send", {}, (), signed_in=True, optional={"phone": "+4915112345678"}),
    Call("POST", "/auth/phone/confirm", {"code": "123456"}, ("code",), signed_in=True),
    Call(
        "POST",
        "/auth/invitations/accept",
        {"token": "a" * 43, "password": "Correct-Horse-7-Battery"},
        ("token", "password"),
        optional={"first_name": "N", "last_name": "W"},
    ),
    Call(
        "POST",
        "/invitations",
        {"email": "new@example.org"},
        ("email",),
        signed_in=True,
        optional={"first_name": "N", "locale": "de", "roles": [], "link_url": "https://app.example.org/in"},
    ),
    Call(
        "PATCH",
        "/auth/profile",
        {},
        (),
        signed_in=True,
        optional={"first_name": "N", "username": "n", "phone": "+4915112345678", "locale": "de", "time_zone": "UTC"},
    ),
    Call(
        "DELETE", "/auth/account", {}, (), signed_in=True, optional={"password": "Correct-Horse-7-Battery", "code": "1"}
    ),
    Call("POST", "/auth/account/keep", {"token": "a" * 43}, ("token",)),
    Call(
        "POST",
        "/users",
        {"email": "new@example.org"},
        ("email",),
        signed_in=True,
        optional={"first_name": "N", "locale": "de", "roles": [], "link_url": "https://app.example.org/in"},
    ),
    Call(
        "PUT",
        NOBODY,
        {"first_name": "N", "last_name": "W", "locale": "de", "time_zone": "UTC"},
        ("first_name", "last_name", "locale", "time_zone"),
        signed_in=True,
    ),
    Call(
        "POST",
        f"{NOBODY}/impersonate",
        {"reason": "She asked for help"},
        ("reason",),
        signed_in=True,
        optional={"minutes": 5, "password": "Correct-Horse-7-Battery", "code": "123456"},
    ),
    Call("PATCH", NOBODY, {}, (), signed_in=True, optional={"first_name": "N", "locale": "de", "time_zone": "UTC"}),
    Call(
        "POST",
        "/auth/permissions/check",
        {"permission": "notifications.send_message"},
        ("permission",),
        signed_in=True,
        optional={"resource": "invoice:7", "user": "00000000-0000-7000-8000-000000000000"},
    ),
    Call(
        "POST",
        "/auth/permissions/check",
        {},
        (),
        signed_in=True,
        optional={"checks": [{"permission": "notifications.send_message", "resource": "invoice:7"}]},
    ),
    Call(
        "POST",
        "/roles/explain",
        {"permission": "notifications.send_message"},
        ("permission",),
        signed_in=True,
        optional={"resource": "invoice:7", "user": NO_ID},
    ),
    Call(
        "POST",
        "/roles/assign",
        {"user": NO_ID, "role": "notifier"},
        ("user", "role"),
        signed_in=True,
        optional={"group": "sales", "resource": "org:7", "expires_at": "2098-01-01T00:00:00Z", "reason": "R"},
    ),
    Call(
        "DELETE",
        "/roles/revoke",
        {"user": NO_ID, "role": "notifier"},
        ("user", "role"),
        signed_in=True,
        optional={"group": "sales", "resource": "org:7"},
    ),
    Call("POST", "/groups", {"name": "sales"}, ("name",), signed_in=True, optional={"description": "D"}),
    Call("PATCH", "/groups/sales", {"description": "D"}, ("description",), signed_in=True),
    Call("POST", "/groups/sales/members", {"user": NO_ID}, ("user",), signed_in=True),
    Call("POST", "/placements", PLACEMENT, ("resource", "parent"), signed_in=True),
    Call("DELETE", "/placements", PLACEMENT, ("resource", "parent"), signed_in=True),
    Call(
        "POST",
        "/permissions",
        {"name": "shop.refund_order"},
        ("name",),
        signed_in=True,
        optional={"description": "Pay an order back"},
    ),
    Call(
        "POST",
        "/roles",
        {"name": "clerk"},
        ("name",),
        signed_in=True,
        optional={"description": "D", "permissions": [], "inherits": []},
    ),
    Call(
        "PATCH",
        "/roles/notifier",
        {},
        (),
        signed_in=True,
        optional={"description": "D", "permissions": [], "inherits": []},
    ),
    Call(
        "POST",
        "/access-requests",
        {"role": "courier", "minutes": 60, "reason": "For a while"},
        ("role", "minutes", "reason"),
        signed_in=True,
        optional={"resource": "invoice:7"},
    ),
    Call("POST", f"{NO_REQUEST}/approve", {}, (), signed_in=True, optional={"answer": "Until the evening"}),
    Call("POST", f"{NO_REQUEST}/refuse", {}, (), signed_in=True, optional={"answer": "Not today"}),
    Call("POST", "/encrypt", {"plaintext": "P"}, ("plaintext",), signed_in=True, optional={"context": "C"}),
    Call("POST", "/decrypt", {"ciphertext": "C"}, ("ciphertext",), signed_in=True, optional={"context": "C"}),
    Call(
        "POST",
        "/notify/email",
        {"to": "to@example.org", "subject": "S", "text": "T"},
        ("to", "subject"),
        signed_in=True,
        optional={"text": "T", "html": "<p>T</p>", "reply_to": "r@example.org", **MOMENTS}
        | {"category": "news", "template": "t", "locale": "de", "attachments": []},
    ),
    Call(
        "POST",
        "/notify/sms",
        {"to": "+4915112345678", "text": "T"},
        ("to", "text"),
        signed_in=True,
        optional={"via": "sms", "category": "news", **MOMENTS},
    ),
    Call(
        "POST",
        "/notify/push",
        {"to": "device-1", "title": "T"},
        ("to", "title"),
        signed_in=True,
        optional={"body": "B", "category": "news", **MOMENTS},
    ),
    Call(
        "POST",
        "/notify",
        {"user": NO_ID, "template": "t"},
        ("user", "template"),
        signed_in=True,
        optional={"channels": ["email"], "category": "news", **MOMENTS},
    ),
    Call("POST", "/notify/batch", {"messages": [{"channel": "email"}]}, ("messages",), signed_in=True),
    Call("POST", f"{NO_MESSAGE}/cancel", {}, (), signed_in=True, optional={"reason": "R"}),
    Call("POST", f"{NO_MESSAGE}/resend", {}, (), signed_in=True, optional={"reason": "R"}),
    Call("PUT", "/preferences", WANTED, ("choices",), signed_in=True, optional={"quiet_hours": QUIET}),
    Call(
        "POST",
        "/notify/suppressions",
        {"channel": "email", "address": "to@example.org", "detail": "D"},
        ("channel", "address", "detail"),
        signed_in=True,
        optional={"category": "newsletter"},
    ),
    Call(
        "POST",
        "/notify/templates",
        {"name": "shop.invoice"},
        ("name",),
        signed_in=True,
        optional={"description": "D", "category": "billing"},
    ),
    Call("POST", f"{WORDED}/preview", {}, (), signed_in=True, optional={"locale": "de", "version": 1}),
    Call("POST", f"{WORDED}/versions", {"channel": "email", "subject": "S", "text": "T"}, ("channel",), signed_in=True),
    Call(
        "POST",
        "/push-targets",
        {"endpoint": "https://updates.push.services.mozilla.com/wpush/v2/x", "keys": PUSH_KEYS},
        ("endpoint", "keys"),
        signed_in=True,
        optional={"label": "Firefox"},
    ),
    Call("POST", "/push-targets", {"token": "phone:1"}, (), signed_in=True, optional={"label": "Phone"}),
]

# Which other methods the path of one of these calls answers.
ALSO = {
    "/preferences": {"GET"},
    "/notify/suppressions": {"GET"},
    "/push-targets": {"GET"},
    "/notify/templates": {"GET"},
    "/auth/profile": {"GET"},
    "/auth/addresses": {"GET"},
    "/auth/mfa": {"GET"},
    "/invitations": {"GET"},
    "/users": {"GET"},
    "/access-requests": {"GET"},
    "/permissions": {"GET"},
    "/roles": {"GET"},
    "/roles/notifier": {"GET", "DELETE"},
    "/groups": {"GET"},
    "/groups/sales": {"GET", "DELETE"},
    "/groups/sales/members": {"GET"},
    "/placements": {"GET", "POST", "DELETE"},
    NOBODY: {"GET", "PUT", "PATCH", "DELETE"},
}
