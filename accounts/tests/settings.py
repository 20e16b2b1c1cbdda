"""The accounts app with only the floors below it."""

from kit.testing.settings import settings_for

globals().update(
    settings_for(
        "rest_framework",
        "vault",
        "limits",
        "audit",
        "notifications",
        "accounts",
        AUTH_USER_MODEL="accounts.User",
        NOTIFICATIONS_KINDS=("accounts.message_kinds",),
        PASSWORD_HASHERS=["accounts.hashers.Argon2", "django.contrib.auth.hashers.PBKDF2PasswordHasher"],
    )
)
