"""The audit app: installs its triggers after each migrate, since SQLite drops them when it rebuilds a table."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = "Audit"

    def ready(self) -> None:
        from audit import checks  # noqa: F401 - registers the system checks

        post_migrate.connect(_install_triggers, sender=self, dispatch_uid="audit.triggers")


def _install_triggers(*, using: str = "default", **kwargs: Any) -> None:
    from audit import triggers

    triggers.install(using=using)
