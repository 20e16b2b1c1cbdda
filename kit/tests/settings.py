"""Settings for the tests of the lowest floor: nothing of ours installed."""

from kit.testing.settings import settings_for

globals().update(settings_for(ROOT_URLCONF="kit.tests.urls"))
