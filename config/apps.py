"""The house itself as an app: it starts Celery's app and the checks, and puts our admin in Django's place."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class HouseConfig(AppConfig):
    name = "config"
    label = "house"

    def ready(self) -> None:
        from django.conf import settings

        from config import celery, checks  # noqa: F401 - tasks find their broker, checks register themselves
        from kit import metrics

        if not settings.EMBEDDED:
            metrics.share(settings.GATEHOUSE_HOME / "metrics")


class HouseAdminConfig(AdminConfig):
    default_site = "accounts.admin_site.HouseAdminSite"
