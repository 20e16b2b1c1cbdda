"""The search for secrets in what the service keeps finds them, however they are written."""

import base64
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from config.testing import dumps

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
RECOVERY = "7QK3-9XWT-PB4N-M2ZC"
TOKEN = "ghr_" + base64.urlsafe_b64encode(bytes(range(32))).rstrip(b"=").decode() + "0123456789abcdef"


def kept(secret: str, data: bytes) -> bool:
    return bool(dumps.find([secret], {"place": b"something before " + data + b" something after"}))


@pytest.mark.parametrize("secret", [SECRET, RECOVERY, TOKEN])
def test_each_notation_of_a_secret_is_found(secret: str) -> None:
    for form in dumps.forms_of(secret):
        assert kept(secret, form), form
    assert not kept(secret, secret[::-1].encode())


def test_the_bytes_that_a_secret_stands_for_are_found() -> None:
    assert kept(SECRET, base64.b32decode(SECRET).hex().upper().encode())
    assert kept(SECRET, base64.b64encode(base64.b32decode(SECRET)))
    assert kept(TOKEN, bytes(range(32)).hex().encode())
    assert kept(RECOVERY, RECOVERY.replace("-", "").lower().encode())


@pytest.mark.parametrize("secret", [SECRET, RECOVERY, TOKEN, "482913"])
def test_what_a_queue_keeps_in_base64_is_looked_into(secret: str) -> None:
    body = base64.b64encode(json.dumps([["id", {"code": secret}], {}, {"chain": None}]).encode())
    assert kept(secret, b'{"body": "' + body + b'"}')


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'"482913"', True),
        (b"code=482913&x", True),
        (b"codes:482913:1", True),
        (b"2026-11-22 07:10:20.482913+00", False),
        (b"a1482913", False),
        (b"4829130", False),
    ],
)
def test_a_code_is_found_and_is_no_part_of_a_number_or_a_moment(data: bytes, expected: bool) -> None:
    assert kept("482913", data) is expected


def test_rows_of_a_database_are_found_also_after_they_were_deleted(tmp_path: Path) -> None:
    path = tmp_path / "some.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("CREATE TABLE t (a)")
        connection.executemany("INSERT INTO t VALUES (?)", [(SECRET,), (RECOVERY,)])
        connection.commit()
        connection.execute("DELETE FROM t WHERE a = ?", [RECOVERY])
        connection.commit()
    assert len(dumps.find([SECRET, RECOVERY], {"database": dumps.of_sqlite(path)})) == 2
