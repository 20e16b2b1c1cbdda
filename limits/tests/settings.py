"""The limits alone, on the plain helpers."""

from kit.testing.settings import settings_for

globals().update(settings_for("limits"))
