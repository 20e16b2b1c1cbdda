"""django-axes as the house uses it: the tables of its record, and nothing that blocks.

Its own counting would decide after the password was looked at, and its receivers and checks are there for that: so they
are not started. `records` writes the rows; `limits.guesses` has decided before.
"""

from axes.apps import AppConfig as Axes


class RecordConfig(Axes):  # type: ignore[misc]
    """The app `axes`, for its models and migrations alone."""

    verbose_name = "Refused sign-ins"

    def ready(self) -> None:
        """Start nothing."""
