"""The app's place in Django."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = "Notifications"

    def ready(self) -> None:
        from notifications import checks, guard_checks, people_checks, provider_checks  # noqa: F401 - registers them
