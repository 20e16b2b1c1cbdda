"""Settings for the tests of the lowest floor: nothing of ours installed."""

from kit.conf import REST_FRAMEWORK
from kit.testing.settings import settings_for

globals().update(
    settings_for(
        ROOT_URLCONF="kit.tests.urls",
        REST_FRAMEWORK={**REST_FRAMEWORK, "DEFAULT_AUTHENTICATION_CLASSES": ["kit.tests.callers.CallerAuthentication"]},
        PERMISSION_REFUSAL_RECORDER="kit.tests.callers.note",
        BODY_LIMITS_BY_PATH={"/large": 1024 * 1024},
        PAGE_PREFIXES=("/pages/",),
        PATHS_WITH_SLASH=("/pages/",),
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", {"problem.html": "{{ detail }}"})]},
            }
        ],
    )
)
