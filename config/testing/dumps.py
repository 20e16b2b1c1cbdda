"""All that the service keeps and says, to be searched for secrets: its database, its Redis, its files and its logs.

A secret is looked for as its owner writes it, and as the bytes that it stands for in every notation that a table or a
log may hold them in. What is kept in base64, as Celery keeps a message, is looked into as well.
"""

import base64
import binascii
import re
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import Any, Final, Self
from urllib.parse import urlsplit

import psycopg
import redis

_DIGITS: Final = re.compile(rb"[0-9]{6,8}\Z")
_MOMENT: Final = re.compile(rb"\d\d:\d\d:\d\d[.,]\d{3,9}")  # its fraction may be anybody's code
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_-]{20,}")
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
_CROCKFORD: Final = str.maketrans("0123456789ABCDEFGHJKMNPQRSTVWXYZ", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
_PREFIX: Final = re.compile(r"gh[a-z]_")
_TOKEN: Final = 43  # characters of a token, without its prefix and its check
_HYPHENS: Final = 3  # of a recovery code


def of_postgres(url: str) -> bytes:
    """Return every row of every table, as COPY writes them."""
    tables = (
        "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'"
    )
    found = bytearray()
    with psycopg.connect(url) as connection:
        for (table,) in connection.execute(tables).fetchall():
            with connection.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT".encode()) as rows:
                for row in rows:
                    found += row
    return bytes(found)


def of_sqlite(path: Path) -> bytes:
    """Return every row of every table as SQL, and the bytes of the files with what was deleted and not overwritten."""
    with closing(sqlite3.connect(path)) as connection:
        rows = "\n".join(connection.iterdump())
    return rows.encode() + b"\n".join(one.read_bytes() for one in sorted(path.parent.glob(f"{path.name}*")))


def of_redis(url: str) -> bytes:
    """Return every key of every database with its value."""
    found: list[bytes] = []
    for number in range(16):
        with closing(redis.Redis.from_url(urlsplit(url)._replace(path=f"/{number}").geturl())) as client:
            for key in client.scan_iter():
                found += [key, repr(_value_of(client, key)).encode()]
    return b"\n".join(found)


def of_files(directory: Path, *, but: Path) -> bytes:
    """Return all files of a directory except those below another."""
    files = [path for path in directory.rglob("*") if path.is_file() and not path.is_relative_to(but)]
    return b"\n".join(path.read_bytes() for path in sorted(files))


class Overheard:
    """All that a Redis is told while this lasts: what was in a queue for a moment too."""

    def __init__(self, url: str) -> None:
        self._client: Any = redis.Redis.from_url(url)
        self._told: list[bytes] = []

    def __enter__(self) -> Self:
        self._monitor = self._client.monitor()
        self._monitor.__enter__()
        self._thread = Thread(target=self._listen, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()
        self._monitor.connection.disconnect()
        self._thread.join(10)

    def told(self) -> bytes:
        """Return what it was told so far."""
        return b"\n".join(list(self._told))

    def _listen(self) -> None:
        try:
            for command in self._monitor.listen():
                self._told.append(str(command["command"]).encode())
        except (redis.RedisError, OSError, ValueError, AttributeError):
            return  # it was closed


def find(secrets: Iterable[str], places: Mapping[str, bytes]) -> list[str]:
    """Return which secrets are in which places, in whatever notation."""
    found: list[str] = []
    for place, data in places.items():
        everything = _MOMENT.sub(b"", _opened(data)).lower()
        found += [f"{place}: {secret}" for secret in secrets if _is_in(secret, everything)]
    return found


def _is_in(secret: str, everything: bytes) -> bool:
    text = secret.encode()
    if _DIGITS.match(text):
        return bool(re.search(rb"(?<![0-9a-z_])" + text + rb"(?![0-9a-z_])", everything))
    return any(form.lower() in everything for form in forms_of(secret))


def forms_of(secret: str) -> set[bytes]:
    """Return how a secret could be written: its text, with and without hyphens, and the bytes that it stands for."""
    texts = {secret.encode(), secret.replace("-", "").encode()}
    raw = {data for data in (_base32(secret), _crockford(secret), _base64(secret)) if data}
    notations = (bytes.hex, base64.b64encode, base64.urlsafe_b64encode, base64.b32encode)
    written = {_bytes(notation(data)).rstrip(b"=") for data in texts | raw for notation in notations}
    return texts | raw | written


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data


def _opened(data: bytes) -> bytes:
    """Return data, and after it what is in it in base64."""
    inner = [base64.urlsafe_b64decode(_padded(run.translate(_URL_SAFE))) for run in _BASE64.findall(data)]
    return b"\n".join([data, *inner])


def _padded(run: bytes) -> bytes:
    whole = run[:-1] if len(run) % 4 == 1 else run
    return whole + b"=" * (-len(whole) % 4)


def _base32(secret: str) -> bytes:
    try:
        return base64.b32decode(secret + "=" * (-len(secret) % 8))
    except binascii.Error:
        return b""


def _crockford(secret: str) -> bytes:
    return _base32(secret.replace("-", "").translate(_CROCKFORD)) if secret.count("-") == _HYPHENS else b""


def _base64(secret: str) -> bytes:
    body = _PREFIX.sub("", secret)[:_TOKEN]
    return base64.urlsafe_b64decode(body + "=") if re.fullmatch(r"[A-Za-z0-9_-]{43}", body) else b""


def _value_of(client: Any, key: bytes) -> Any:
    readers = {
        b"string": client.get,
        b"hash": client.hgetall,
        b"set": client.smembers,
        b"list": lambda name: client.lrange(name, 0, -1),
        b"zset": lambda name: client.zrange(name, 0, -1, withscores=True),
        b"stream": client.xrange,
        b"none": lambda _name: None,  # it ended meanwhile
    }
    return readers[client.type(key)](key)
