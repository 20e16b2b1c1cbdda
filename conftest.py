"""What every test of the house shares, whichever app it is in."""

from django.apps import apps

if apps.is_installed("audit"):  # not so in the tests of the floors below it, run alone
    from audit.testing import flushable_audit_log  # noqa: F401 - a fixture

if apps.is_installed("accounts"):
    from accounts.testing import hash_quickly, production_hashes  # noqa: F401 - one is a fixture

    hash_quickly()

if apps.is_installed("vault"):
    from vault.testing import young_keys  # noqa: F401 - a fixture
