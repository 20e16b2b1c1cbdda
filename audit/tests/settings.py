"""Settings for the audit log's own tests: its floor, those below, and the stock admin that shows it."""

from kit.testing.settings import ADMIN_APPS, settings_for

globals().update(
    settings_for(
        *ADMIN_APPS,
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
