"""The rows of a model that a person may do something with, as a filter: one query, whatever she holds.

It answers for all rows what `user.has_perm(permission, row)` answers for each. What the person holds comes from her
kept set; which rows lie below that, the database finds by walking the placements down within the query itself.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import CharField, Expression, IntegerField, Model, Q, QuerySet, TextField, UUIDField

from roles import effective
from roles.effective import Names
from roles.vocabulary import satisfying, touched

Row = TypeVar("Row", bound=Model)

# UNION, not UNION ALL: a resource reached twice is followed once, so that even a circle would end.
_BELOW = """
WITH RECURSIVE below(resource) AS (
    SELECT CAST(given.value AS text) FROM {values}
    UNION SELECT CAST(p.resource AS text) FROM below JOIN roles_placement p ON p.parent = below.resource
), named(k) AS (
    SELECT substr(resource, %s) FROM below WHERE substr(resource, 1, %s) = %s
), keys(k) AS (
    SELECT {key} FROM named
)
SELECT k FROM keys WHERE k IS NOT NULL
"""
_VALUES = {
    "postgresql": "unnest(CAST(%s AS text[])) AS given(value)",  # of which the planner knows how many there are
    "sqlite": "json_each(%s) AS given",
}
_HEX = "replace(k, '-', '')"
# How a resource's text becomes a key: only what a key would be written as counts, so `invoice:007` is not row 7.
_KEYS = {
    "postgresql": {
        "uuid": "CASE WHEN k ~ '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' THEN CAST(k AS uuid) END",
        "whole": "CASE WHEN k ~ '^(0|-?[1-9][0-9]{0,18})$' THEN CASE WHEN CAST(k AS numeric)"
        " BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(k AS bigint) END END",
        "text": "k",
    },
    "sqlite": {
        "uuid": f"CASE WHEN k = substr({_HEX}, 1, 8) || '-' || substr({_HEX}, 9, 4) || '-' || substr({_HEX}, 13, 4)"
        f" || '-' || substr({_HEX}, 17, 4) || '-' || substr({_HEX}, 21) THEN {_HEX} END",
        "whole": "CASE WHEN k = CAST(CAST(k AS integer) AS text) THEN CAST(k AS integer) END",
        "text": "k",
    },
}
_KINDS = ((UUIDField, "uuid"), (IntegerField, "whole"), (CharField, "text"), (TextField, "text"))


class UnfitKey(TypeError):
    """The primary key of a model is of a kind that no resource can name."""


def allowed(
    queryset: QuerySet[Row], user: AbstractBaseUser | AnonymousUser, permission: str, *, now: dt.datetime
) -> QuerySet[Row]:
    """Narrow a queryset to the rows that a person holds a permission on at `now`; still one query, evaluated later.

    A row's resource is `app_label.model:pk`, as it is to `has_perm`. Whoever holds the permission everywhere gets the
    queryset as it is, and who holds it nowhere none, with no query at all. Keys are UUIDs, whole numbers or texts;
    raises `UnfitKey` for any other.
    """
    return _narrowed(queryset, _key_of(queryset.model), user, permission, now=now)


def allowed_there(
    queryset: QuerySet[Row], column: str, user: AbstractBaseUser | AnonymousUser, permission: str, *, now: dt.datetime
) -> QuerySet[Row]:
    """Narrow a queryset to the rows that name a resource on which a person holds a permission, as `allowed` does.

    A row whose column is empty stands for everywhere.
    """
    key = _Key(column=column, field=CharField(), kind="text", prefix="")
    return _narrowed(queryset, key, user, permission, now=now)


def _narrowed(
    queryset: QuerySet[Row],
    key: "_Key",
    user: AbstractBaseUser | AnonymousUser,
    permission: str,
    *,
    now: dt.datetime,
) -> QuerySet[Row]:
    held = effective.of(user, now=now)
    if touched(held.denied_everywhere, permission):
        return queryset.none()
    rows = queryset
    if held.everywhere.isdisjoint(satisfying(permission)):
        given = _places(held.on_resource, lambda names: not names.isdisjoint(satisfying(permission)))
        rows = queryset.filter(key.below(given)) if given else queryset.none()
    denied = _places(held.denied_on, lambda names: touched(names, permission))
    return rows.exclude(key.below(denied)) if denied else rows


def _places(names_on: Mapping[str, Names], counts: Callable[[Names], bool]) -> list[str]:
    """Return the resources on which there are names that count."""
    return [place for place, names in names_on.items() if counts(names)]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Key:
    """How the rows of a model are named as resources: by which column, and how its value follows from a name."""

    column: str
    field: Any
    kind: str
    prefix: str

    def below(self, places: Iterable[str]) -> Q:
        """Return the condition of being one of these resources, or of lying below one."""
        return Q(**{f"{self.column}__in": _Below(self, sorted(places))})


def _key_of(model: type[Model]) -> _Key:
    field: Any = model._meta.pk
    while field.remote_field is not None:
        field = field.target_field
    for type_, kind in _KINDS:
        if isinstance(field, type_):
            return _Key(column="pk", field=field, kind=kind, prefix=f"{model._meta.label_lower}:")
    raise UnfitKey(f"{model._meta.label} has a key that no resource can name: {type(field).__name__}")


class _Below(Expression):
    """The subquery of the keys below some resources, in the dialect of the database that it is asked of."""

    def __init__(self, key: _Key, places: list[str]) -> None:
        super().__init__(output_field=key.field)
        self.key = key
        self.places = places

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        """Return the subquery and its parameters: one text, whatever their number."""
        dialect, prefix = connection.vendor, self.key.prefix
        sql = _BELOW.format(values=_VALUES[dialect], key=_KEYS[dialect][self.key.kind])
        places: Any = self.places if dialect == "postgresql" else json.dumps(self.places)
        return f"({sql})", (places, len(prefix) + 1, len(prefix), prefix)
