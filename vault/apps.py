"""The vault in Django: its checks, and the first signing keys as soon as there is a table for them."""

from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models.signals import post_migrate


class VaultConfig(AppConfig):
    """The app `vault`."""

    name = "vault"

    def ready(self) -> None:
        from vault.checks import check_settings

        checks.register(check_settings, checks.Tags.security)
        post_migrate.connect(ensure_signing_keys, sender=self, dispatch_uid="vault.ensure_signing_keys")


def ensure_signing_keys(*, using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Make the signing keys after a migration, so that no request ever has to (a GET must not write)."""
    from kit import clock
    from vault import signing_keys
    from vault.models import SigningKey

    # `migrate vault zero` ends here too, with no table left.
    if using == DEFAULT_DB_ALIAS and SigningKey._meta.db_table in connection.introspection.table_names():
        signing_keys.ensure(now=clock.utcnow())
