"""The project of this app's own tests: its floor, those below, and the stock admin that shows it."""

from kit.conf import LARGE_BODY_LIMIT, REST_FRAMEWORK
from kit.testing.settings import ADMIN_APPS, settings_for

globals().update(
    settings_for(
        *ADMIN_APPS,
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
        BODY_LIMITS_BY_PATH=dict.fromkeys(("/api/v1/notify/email", "/api/v1/notify/batch"), LARGE_BODY_LIMIT),
        STATIC_URL="/static/",
    )
)
