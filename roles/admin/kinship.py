"""Roles and their kin as pages show them: which inherit from which, and where what a role holds comes from.

As many links as a picture can hold are read, and one more, which says that there are others.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from roles.admin import pictures
from roles.admin.pictures import Link, Picture
from roles.models import Inheritance, Role

MOST_LINKS = 300

# UNION, not UNION ALL: a role reached twice is followed once, so that even a cycle would end.
_AROUND = """
WITH RECURSIVE up(role) AS (
    SELECT CAST(%s AS text)
    UNION SELECT CAST(i.role_id AS text) FROM up JOIN roles_inheritance i ON i.inherits_id = up.role
), down(role) AS (
    SELECT CAST(%s AS text)
    UNION SELECT CAST(i.inherits_id AS text) FROM down JOIN roles_inheritance i ON i.role_id = down.role
)
SELECT role_id, inherits_id FROM roles_inheritance
WHERE inherits_id IN (SELECT role FROM up) OR role_id IN (SELECT role FROM down)
ORDER BY role_id, inherits_id LIMIT %s
"""

_HELD = """
WITH RECURSIVE down(role) AS (
    SELECT CAST(%s AS text)
    UNION SELECT CAST(i.inherits_id AS text) FROM down JOIN roles_inheritance i ON i.role_id = down.role
)
SELECT permission, role_id FROM roles_rolepermission WHERE role_id IN (SELECT role FROM down) ORDER BY 1, 2
"""

_INHERITORS = """
WITH RECURSIVE up(role) AS (
    SELECT CAST(%s AS text)
    UNION SELECT CAST(i.role_id AS text) FROM up JOIN roles_inheritance i ON i.inherits_id = up.role
)
SELECT role FROM up
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kin:
    """A role in the words that stand beside the picture: what it inherits itself, and which roles inherit it."""

    role: str
    inherits: Sequence[str]
    inherited_by: Sequence[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """Roles that inherit from each other, drawn and in words. `is_cut`: there are more than are shown."""

    picture: Picture
    kin: Sequence[Kin]
    is_cut: bool


def near(role: str) -> Family:
    """Return all that a role inherits and all that inherit it, at every distance; one statement."""
    return _family(_read(_AROUND, [role, role, MOST_LINKS + 1]), chosen=role)


def at_large() -> Family:
    """Return every role that inherits or is inherited; one statement."""
    links = Inheritance.objects.order_by("role_id", "inherits_id").values_list("role_id", "inherits_id")
    return _family(list(links[: MOST_LINKS + 1]))


def loners() -> list[str]:
    """Return the first roles by name that neither inherit nor are inherited, and one too many; one statement."""
    alone = Role.objects.exclude(name__in=Inheritance.objects.values("role"))
    alone = alone.exclude(name__in=Inheritance.objects.values("inherits"))
    return list(alone.values_list("name", flat=True)[: MOST_LINKS + 1])


def sources(role: str) -> dict[str, list[str]]:
    """Return each name that a role holds, wildcards as they are, with the roles that it comes from; one statement."""
    found = defaultdict[str, list[str]](list)
    for permission, source in _read(_HELD, [role]):
        found[permission].append(source)
    return dict(found)


def inheritors(role: str) -> list[str]:
    """Return the role and all that inherit it, at every distance; one statement."""
    return [name for (name,) in _read(_INHERITORS, [role])]


def _family(links: Sequence[Link], *, chosen: str = "") -> Family:
    shown = links[:MOST_LINKS]
    picture = pictures.draw(shown, chosen=chosen)
    return Family(picture=picture, kin=_kin(picture, shown), is_cut=len(links) > MOST_LINKS)


def _kin(picture: Picture, links: Iterable[Link]) -> list[Kin]:
    below, above = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for upper, lower in links:
        below[upper].append(lower)
        above[lower].append(upper)
    return [
        Kin(role=box.name, inherits=sorted(below[box.name]), inherited_by=sorted(above[box.name]))
        for box in sorted(picture.boxes, key=lambda box: box.name)
    ]


def _read(statement: str, parameters: Sequence[str | int]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
