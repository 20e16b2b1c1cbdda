"""The accounts app with only the floors below it, and the stock admin that shows it."""

from pathlib import Path

from kit.conf import REST_FRAMEWORK
from kit.testing.settings import ADMIN_PROCESSORS, settings_for

_ADMIN_ONLY = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.admin_session.AdminSessionMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
_LAYOUTS = Path(__file__).parents[2] / "templates"
_BASE = settings_for()

globals().update(
    settings_for(
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "accounts.tests.admin_app.HouseAdminConfig",
        "rest_framework",
        "accounts.record_app.RecordConfig",
        "vault",
        "limits",
        "audit",
        "notifications",
        "accounts",
        AUTH_USER_MODEL="accounts.User",
        AUTHENTICATION_BACKENDS=["accounts.tests.house.SuperusersMay"],
        ACCOUNTS_MAY_MANAGE="accounts.tests.house.may_manage",
        ACCOUNTS_ERASERS=[
            "notifications.personal_data.ERASER",
            "audit.personal_data.ERASER",
            "accounts.records.ERASER",
            "accounts.erasure.ERASER",
        ],
        ACCOUNTS_EXPORTERS=[
            "accounts.personal_data.EXPORTER",
            "accounts.records.EXPORTER",
            "audit.personal_data.EXPORTER",
        ],
        ACCOUNTS_LAST_HOLDER="accounts.tests.house.last_superuser_kept",
        REST_FRAMEWORK={
            **REST_FRAMEWORK,
            "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.authentication.BearerAuthentication"],
        },
        MIDDLEWARE=[*_BASE["MIDDLEWARE"], *_ADMIN_ONLY],
        ROOT_URLCONF="accounts.tests.urls",
        PATHS_WITH_SLASH=("/admin/",),
        AXES_ENABLE_ADMIN=False,
        STATIC_URL="/static/",
        NOTIFICATIONS_KINDS=("accounts.message_kinds",),
        NOTIFICATIONS_BELL="",
        NOTIFICATIONS_EMAIL_PROVIDERS=["notifications.testing.RecordingProvider"],
        NOTIFICATIONS_SMS_PROVIDERS=["notifications.testing.RecordingProvider"],
        DEFAULT_FROM_EMAIL="Gatehouse <gatehouse@example.com>",
        PASSWORD_HASHERS=["accounts.hashers.Argon2", "django.contrib.auth.hashers.PBKDF2PasswordHasher"],
        ACCOUNTS_HASHES_WAITING=100,  # the races are for rows: everybody may wait
        RATE_LIMIT_SCALE=1000,
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [_LAYOUTS],
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": ADMIN_PROCESSORS},
            }
        ],
    )
)
