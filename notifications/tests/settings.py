"""The project of this app's own tests: its floor, those below, and the stock admin that shows it."""

from kit.conf import LARGE_BODY_LIMIT, REST_FRAMEWORK
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
        "rest_framework",
        "vault",
        "limits",
        "audit",
        "notifications",
        ROOT_URLCONF="notifications.tests.urls",
        # Any way to sign in will do: a stranger is then answered 401.
        REST_FRAMEWORK={
            **REST_FRAMEWORK,
            "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.BasicAuthentication"],
        },
        BODY_LIMITS_BY_PATH={"/api/v1/notify/email": LARGE_BODY_LIMIT},
        STATIC_URL="/static/",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": _PROCESSORS},
            }
        ],
    )
)
