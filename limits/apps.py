"""The limits in Django."""

from django.apps import AppConfig
from django.core import checks


class LimitsConfig(AppConfig):
    """The app `limits`."""

    name = "limits"

    def ready(self) -> None:
        from limits.checks import check_settings

        checks.register(check_settings, checks.Tags.security)
