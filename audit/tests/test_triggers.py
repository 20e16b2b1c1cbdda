"""The database refuses to change the log, whoever asks."""

from io import StringIO

import pytest
from django.core.checks import Tags, run_checks
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from audit import triggers
from audit.models import Checkpoint, Entry, Personal, Seal
from audit.testing import entries
from audit.tests.log import execute, sealed, write

pytestmark = pytest.mark.django_db

TABLES = ("audit_entry", "audit_seal", "audit_checkpoint")
COLUMNS = [("audit_entry", "target"), ("audit_seal", "digest"), ("audit_checkpoint", "signature")]
BACK_DOORS = {
    "sqlite": [
        *(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}" for table in TABLES),  # noqa: S608
        (
            "INSERT OR REPLACE INTO audit_checkpoint (rowid, position, chain, at, signature)"
            " SELECT rowid, 9, chain, at, signature FROM audit_checkpoint"
        ),
    ],
    "postgresql": [
        *(f"TRUNCATE {table} CASCADE" for table in TABLES),
        "SET LOCAL session_replication_role = replica; DELETE FROM audit_entry",
    ],
}
ONE_AWAY = {
    "sqlite": ("DROP TRIGGER audit_entry_no_delete", "audit_entry_no_delete"),
    "postgresql": ("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_no_change", "audit_entry_no_change"),
}


def refused(sql: str, *values: object) -> None:
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        execute(sql, *values)


@pytest.mark.parametrize("table", TABLES)
def test_rows_cannot_be_deleted(table: str) -> None:
    sealed(2)
    refused(f"DELETE FROM {table}")  # noqa: S608


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_rows_cannot_be_changed(table: str, column: str) -> None:
    sealed(2)
    refused(f"UPDATE {table} SET {column} = 'x'")  # noqa: S608


def test_there_is_no_back_door() -> None:
    sealed(2)
    for statement in BACK_DOORS[connection.vendor]:
        refused(statement)


def test_models_cannot_change_the_log_either() -> None:
    entry = sealed(2)[0]
    entry.target = "another"
    for change in (entry.save, entry.delete, Seal.objects.all().delete, Checkpoint.objects.all().delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_personal_fields_can_be_changed_by_erasure() -> None:
    write(1)
    assert Personal.objects.update(name="") == 1


def test_missing_triggers_are_named_and_come_back() -> None:
    triggers.drop()
    assert len(triggers.missing()) == (9 if connection.vendor == "sqlite" else 6)
    triggers.install()
    assert triggers.missing() == []


def test_one_trigger_taken_away_is_named() -> None:
    statement, name = ONE_AWAY[connection.vendor]
    execute(statement)
    assert triggers.missing() == [name]


def test_check_warns_of_missing_triggers() -> None:
    assert run_checks(tags=[Tags.database], databases=["default"]) == []
    triggers.drop()
    assert [found.id for found in run_checks(tags=[Tags.database], databases=["default"])] == ["audit.W001"]


def test_migrate_puts_missing_triggers_back() -> None:
    triggers.drop()
    call_command("migrate", stdout=StringIO())
    assert triggers.missing() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", [1, 2])
def test_flush_of_a_transactional_test_empties_the_log(run: int) -> None:
    assert entries() == []
    sealed(2)
    assert Entry.objects.count() == 2
    assert triggers.missing() == []
