"""Settings for the audit log's own tests: its floor, those below, and the stock admin that shows it."""

from kit.testing.settings import settings_for

_PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]

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
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": _PROCESSORS},
            }
        ],
    )
)
