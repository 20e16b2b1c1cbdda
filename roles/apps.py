"""The app `roles`; after each migration it mirrors the built-in roles into the database."""

from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_migrate


class RolesConfig(AppConfig):
    name = "roles"
    verbose_name = "Roles and grants"

    def ready(self) -> None:
        from roles import checks  # noqa: F401 - registers the system checks

        post_migrate.connect(_sync_built_in_roles, sender=self, dispatch_uid="roles.builtin")


def _sync_built_in_roles(*, using: str, **given: Any) -> None:
    from django.apps import apps as installed

    from roles import builtin

    if using == DEFAULT_DB_ALIAS:
        builtin.sync(apps=given.get("apps") or installed)
