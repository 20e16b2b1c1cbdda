"""The whole vocabulary: what the apps declare in code, and what client applications have added to it at run time."""

from dataclasses import dataclass
from threading import Lock
from typing import Any

from roles import stamps, vocabulary
from roles.models import Permission
from roles.vocabulary import Vocabulary


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A permission that there is; a `built_in` one is an app's, any other a client's."""

    name: str
    description: str
    built_in: bool


def known(*, stamp: str) -> Vocabulary:
    """Return every known permission as of a house stamp; no statement where this process has read it under that one."""
    found = _kept.find(stamp)
    if found is None:
        found = read()
        _kept.keep(stamp, found)
    return found


def knows(permission: str, *, user: Any) -> bool:
    """Tell whether this is a known permission or wildcard, as of the stamp that a person's request brought along.

    For a name of the apps it costs no statement, for another at most one.
    """
    if vocabulary.of_apps().knows(permission):
        return True
    stamp = stamps.find(user)
    return stamp is not None and known(stamp=stamp.house).knows(permission)


def listed(*, user: Any, namespace: str = "") -> list[Listed]:
    """Return every known permission by name, or those of a namespace, as of the stamp of a person's request."""
    stamp, ours = stamps.find(user), vocabulary.of_apps().names
    names = known(stamp=stamp.house).names if stamp else {}
    return [
        Listed(name=name, description=names[name], built_in=name in ours)
        for name in sorted(names)
        if not namespace or vocabulary.namespace_of(name) == namespace
    ]


def read() -> Vocabulary:
    """Return every known permission as the database has it now, in one statement: for what writes, under its lock.

    A name of the apps wins over a row of the same name.
    """
    rows = dict(Permission.objects.values_list("name", "description"))
    return vocabulary.make(rows | dict(vocabulary.of_apps().names)) if rows else vocabulary.of_apps()


def forget() -> None:
    """Drop what this process has kept."""
    _kept.clear()


class _Kept:
    """The vocabulary that this process read last, with the stamp under which it is true."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: tuple[str, Vocabulary] | None = None

    def find(self, stamp: str) -> Vocabulary | None:
        with self._lock:
            return self._found[1] if self._found and self._found[0] == stamp else None

    def keep(self, stamp: str, found: Vocabulary) -> None:
        with self._lock:
            self._found = (stamp, found)

    def clear(self) -> None:
        with self._lock:
            self._found = None


_kept = _Kept()
