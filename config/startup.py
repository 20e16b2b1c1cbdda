"""What must be true before a process serves: a database that answers, settings that the system checks accept."""

from django.core import checks
from django.db import DatabaseError, connection

from config.environment import stop


def require_database() -> None:
    """End the process, naming DATABASE_URL and not its value, when the database cannot be reached."""
    try:
        connection.ensure_connection()
    except (DatabaseError, OSError):
        stop(["DATABASE_URL names a database that cannot be reached."])
    finally:
        connection.close()


def require_sound_settings() -> None:
    """End the process, one line each, when a system check finds an error."""
    found = checks.run_checks(databases=["default"])
    connection.close()
    if errors := [message for message in found if message.level >= checks.ERROR]:
        stop([f"{error.id}: {error.msg}" for error in errors])
