"""Settings for the audit log's own tests: its floor, those below, and the stock admin that shows it."""

from kit.testing.settings import settings_for

globals().update(
    settings_for(
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.admin",
        "vault",
        "limits",
        "audit",
        ROOT_URLCONF="audit.tests.urls",
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
    )
)
