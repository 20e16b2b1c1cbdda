"""A small site for the tests of this floor, the same whether the floor is tested alone or under the whole house."""

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from kit.conf import MIDDLEWARE

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", {"problem.html": "{{ detail }}"})]},
    }
]


@pytest.fixture(autouse=True)
def site(settings: Settings) -> None:
    """Put the views of `kit.tests.urls` behind the middleware of this floor."""
    settings.ROOT_URLCONF = "kit.tests.urls"
    settings.MIDDLEWARE = MIDDLEWARE
    settings.TEMPLATES = TEMPLATES
    settings.BODY_LIMITS_BY_PATH = {"/large": 1024 * 1024}
    settings.PAGE_PREFIXES = settings.PATHS_WITH_SLASH = ("/pages/",)
    settings.PERMISSION_REFUSAL_RECORDER = "kit.tests.callers.note"


@pytest.fixture
def client() -> APIClient:
    """A client that sees a server error as its callers do, as an answer."""
    return APIClient(raise_request_exception=False)
