"""The vault alone, on the plain helpers, with papers of the tests' own to seal."""

from kit.testing.settings import settings_for

globals().update(settings_for("vault", "vault.tests.papers"))
