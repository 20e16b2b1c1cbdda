"""The database itself refuses to change the log: triggers on entries, seals and checkpoints.

Installed after every migrate, not by a migration: SQLite drops a table's triggers when it rebuilds the table.
Both databases answer with an IntegrityError. On SQLite a third trigger guards INSERT, because `INSERT OR REPLACE`
deletes the old row, by key or by rowid, without asking the delete trigger.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction
from django.db.models import Model

from audit.models import Checkpoint, Entry, Seal

_FUNCTION = """
    CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$
"""
_INSTALLED = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": """
        SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE t.tgenabled IN ('O', 'A') AND NOT t.tgisinternal AND pg_table_is_visible(c.oid)
    """,
}
_GUARDED: dict[type[Model], tuple[str, ...]] = {
    Entry: ("id",),
    Seal: ("position", "entry_id"),
    Checkpoint: ("position",),
}


def install(*, using: str = "default") -> None:
    """Put every trigger in place, replacing what is there; may be run again at any time."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    statements = [sql for table, name in _names(using) if table in tables for sql in _create(using, table, name)]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
        for statement in statements:
            cursor.execute(statement)


def missing(*, using: str = "default") -> list[str]:
    """Return the names of triggers that should be there and are not; one cheap query, for the start-up check."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(_INSTALLED[connection.vendor])
        present = {name for (name,) in cursor.fetchall()}
    return [name for _, name in _names(using) if name not in present]


def drop(*, using: str = "default") -> None:
    """Take every trigger away. For `audit.testing` alone; the next migrate or flush puts them back."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for table, name in _names(using):
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


@contextmanager
def lifted(*, using: str = "default") -> Iterator[None]:
    """Within the block the log can be changed. For tests that play the owner of the database."""
    drop(using=using)
    try:
        yield
    finally:
        install(using=using)


def _names(using: str) -> list[tuple[str, str]]:
    events = {"sqlite": ("update", "delete", "replace"), "postgresql": ("change", "truncate")}
    tables = [model._meta.db_table for model in _GUARDED]
    return [(table, f"{table}_no_{event}") for table in tables for event in events[connections[using].vendor]]


def _create(using: str, table: str, name: str) -> list[str]:
    event = name.rpartition("_")[2]
    if connections[using].vendor == "postgresql":
        when = "TRUNCATE ON {} FOR EACH STATEMENT" if event == "truncate" else "UPDATE OR DELETE ON {} FOR EACH ROW"
        return [
            f"CREATE OR REPLACE TRIGGER {name} BEFORE {when.format(table)} EXECUTE FUNCTION audit_refuse()",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",  # also under session_replication_role = replica
        ]
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    body = f"BEFORE {event} ON {table} {refuse}" if event != "replace" else _no_replace(table, refuse)
    return [f"DROP TRIGGER IF EXISTS {name}", f"CREATE TRIGGER {name} {body}"]


def _no_replace(table: str, refuse: str) -> str:
    keys = next(keys for model, keys in _GUARDED.items() if model._meta.db_table == table)
    same = " OR ".join(f"{key} = NEW.{key}" for key in (*keys, "rowid"))
    return f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse}"  # nosec B608  # noqa: S608 - our own names
