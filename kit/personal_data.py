"""What an app keeps of a person: how she gets it to see, and how it is erased.

Each app that keeps some declares an `Exporter` and an `Eraser` that name their models; settings list them by dotted
path, and a test fails for a model with personal data that none of them names.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

MOST = 10_000  # rows of one kind in one export, the newest


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """A person as every app knows her: by her id, or by the canonical form of an address, user name or number."""

    id: UUID
    names: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Exporter:
    """What one app shows of a person, under `name` in her export. `models` are labels (`accounts.Session`)."""

    name: str
    models: frozenset[str]
    collect: Callable[[Subject], dict[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Eraser:
    """What one app does so that nothing of a person is left in `models`.

    `erase` owns its transactions. It is called again when a later one failed, and must then find nothing to do.
    """

    models: frozenset[str]
    erase: Callable[[Subject, dt.datetime], None]


def shown(rows: QuerySet[Any], *columns: str) -> list[dict[str, Any]]:
    """Return rows as an export shows them: these columns, the newest first, at most 10,000."""
    return list(rows.order_by("-pk").values(*columns)[:MOST])
