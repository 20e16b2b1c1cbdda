"""What must be true before a process serves: a database that answers and is whole, settings that the checks accept."""

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


def require_whole_database() -> None:
    """End the process when the log could be altered, or when nothing can be signed with the keys there are."""
    from audit import triggers  # not before django.setup(), which whoever calls this has done
    from vault import sealing, signing_keys

    try:
        if triggers.missing():
            stop(["The audit log is not guarded: its triggers are missing. Run `manage.py migrate`."])
        signing_keys.active()
    except sealing.CannotUnseal:
        stop(["VAULT_KEYS does not open the signing key in the database: the key it was made under is missing."])
    except (signing_keys.NoActiveKey, DatabaseError):
        stop(["The database is not migrated. Run `manage.py migrate`."])
    finally:
        connection.close()
