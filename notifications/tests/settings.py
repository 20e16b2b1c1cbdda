"""Settings for this app's own tests: its floor, those below, a caller that needs no accounts, and the stock admin."""

from pathlib import Path

from kit.conf import LARGE_BODY_LIMIT, REST_FRAMEWORK
from kit.testing.settings import settings_for

_ADMIN_ONLY = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
_PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]
_BASE = settings_for()

globals().update(
    settings_for(
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.admin",
        "rest_framework",
        "vault",
        "limits",
        "audit",
        "notifications",
        ROOT_URLCONF="notifications.tests.urls",
        REST_FRAMEWORK={**REST_FRAMEWORK, "DEFAULT_AUTHENTICATION_CLASSES": ["notifications.tests.callers.ByHeader"]},
        MIDDLEWARE=[*_BASE["MIDDLEWARE"], *_ADMIN_ONLY],
        PATHS_WITH_SLASH=("/admin/",),
        BODY_LIMITS_BY_PATH={"/api/v1/notify/email": LARGE_BODY_LIMIT},
        STATIC_URL="/static/",
        NOTIFICATIONS_BELL="",
        NOTIFICATIONS_EMAIL_PROVIDERS=["notifications.testing.RecordingProvider"],
        NOTIFICATIONS_KINDS=("notifications.testing",),
        DEFAULT_FROM_EMAIL="Gatehouse <gatehouse@example.com>",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [Path(__file__).parent / "templates"],
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": _PROCESSORS},
            }
        ],
    )
)
