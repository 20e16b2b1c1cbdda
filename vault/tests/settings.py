"""The vault alone, on the plain helpers, with papers of the tests' own to seal and callers of their own."""

from kit.conf import REST_FRAMEWORK
from kit.testing.settings import ADMIN_APPS, settings_for

globals().update(
    settings_for(
        *ADMIN_APPS,
        "rest_framework",
        "vault",
        "vault.tests.papers",
        ROOT_URLCONF="vault.tests.urls",
        REST_FRAMEWORK={
            **REST_FRAMEWORK,
            "DEFAULT_AUTHENTICATION_CLASSES": ["vault.tests.papers.doors.HeaderAuthentication"],
        },
    )
)
