"""Settings for this app's own tests: its floor and those below."""

from kit.testing.settings import settings_for

globals().update(
    settings_for(
        "vault",
        "limits",
        "audit",
        "notifications",
        NOTIFICATIONS_BELL="",
        NOTIFICATIONS_EMAIL_PROVIDERS=["notifications.testing.RecordingProvider"],
        NOTIFICATIONS_KINDS=("notifications.testing",),
        DEFAULT_FROM_EMAIL="Gatehouse <gatehouse@example.com>",
    )
)
