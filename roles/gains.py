"""Which people would gain or lose which class of names, and where: the one statement that finds it (`planning` asks).

It is `effective` for many people and for two houses at once, the one that is and the one that is proposed: what
somebody was given and denied on the line of each point, less what is denied there, before and after.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db import connection

from roles.builtin import MEMBER

# UNION, not UNION ALL, where a line is walked: a resource reached twice is followed once, so that a circle ends too.
# `knots` are resources that lie below several others and below a denial that changes: where a denial on one parent goes
# and a grant on another stays, something changes there and on neither of the two. CROSS JOIN has SQLite go from each
# point along its line to the effects on its own person; it would take everybody's effects on a resource first.
_CHANGED = """
WITH RECURSIVE matrix(role, class, had, has, was_denied, is_denied) AS (
    {matrix}
), people(id, name, flagged) AS (
    SELECT u.{key}, u.{name}, u.is_superuser FROM {user} u WHERE u.is_active AND u.{key} IN ({ids})
), given(person, role, resource, denies) AS (
    SELECT g.user_id, g.role_id, g.resource, g.denies FROM people JOIN roles_grant g ON g.user_id = people.id
    WHERE g.expires_at IS NULL OR g.expires_at > %s
    UNION ALL
    SELECT m.user_id, g.role_id, g.resource, g.denies
    FROM people JOIN roles_membership m ON m.user_id = people.id JOIN roles_grant g ON g.group_id = m.group_id
    WHERE g.expires_at IS NULL OR g.expires_at > %s
    UNION ALL
    SELECT id, %s, '', FALSE FROM people
), effects(person, place, class, had, has, was_denied, is_denied) AS (
    SELECT g.person, CAST(g.resource AS text), m.class,
        MAX(CASE WHEN g.denies THEN 0 ELSE m.had END), MAX(CASE WHEN g.denies THEN 0 ELSE m.has END),
        MAX(CASE WHEN g.denies THEN m.was_denied ELSE 0 END), MAX(CASE WHEN g.denies THEN m.is_denied ELSE 0 END)
    FROM given g JOIN matrix m ON m.role = g.role GROUP BY g.person, g.resource, m.class
    UNION ALL
    SELECT p.id, '', c.class, 1, 1, 0, 0 FROM people p CROSS JOIN (SELECT DISTINCT class FROM matrix) c WHERE p.flagged
), under(place, lower) AS (
    SELECT place, place FROM effects WHERE was_denied <> is_denied AND place <> ''
    UNION SELECT u.place, CAST(p.resource AS text) FROM under u JOIN roles_placement p ON p.parent = u.lower
), knots(place, knot) AS (
    SELECT place, lower FROM under WHERE (SELECT COUNT(*) FROM roles_placement p WHERE p.resource = under.lower) > 1
), points(person, place) AS (
    SELECT person, place FROM effects
    UNION SELECT e.person, k.knot FROM effects e JOIN knots k ON k.place = e.place WHERE e.was_denied <> e.is_denied
), lines(place, above) AS (
    SELECT place, place FROM points
    UNION SELECT l.place, CAST(p.parent AS text) FROM lines l JOIN roles_placement p ON p.resource = l.above
), reach(place, above) AS (
    SELECT place, above FROM lines UNION SELECT place, '' FROM lines
), verdicts(person, place, class, before, after) AS (
    SELECT t.person, t.place, e.class, MAX(e.had) * (1 - MAX(e.was_denied)), MAX(e.has) * (1 - MAX(e.is_denied))
    FROM points t CROSS JOIN reach r CROSS JOIN effects e
    WHERE r.place = t.place AND e.person = t.person AND e.place = r.above
    GROUP BY t.person, t.place, e.class
)
SELECT v.person, people.name, v.place, v.class, v.after FROM verdicts v JOIN people ON people.id = v.person
WHERE v.before <> v.after ORDER BY v.person, v.place, v.class
"""
_DIALECTS = {
    "postgresql": {
        "matrix": "SELECT j.v->>0, CAST(j.v->>1 AS int), CAST(j.v->>2 AS int), CAST(j.v->>3 AS int),"
        " CAST(j.v->>4 AS int), CAST(j.v->>5 AS int) FROM jsonb_array_elements(CAST(%s AS jsonb)) AS j(v)",
        "ids": "SELECT CAST(j.v AS {type}) FROM jsonb_array_elements_text(CAST(%s AS jsonb)) AS j(v)",
    },
    "sqlite": {
        "matrix": "SELECT json_extract(j.value, '$[0]'), json_extract(j.value, '$[1]'), json_extract(j.value, '$[2]'),"
        " json_extract(j.value, '$[3]'), json_extract(j.value, '$[4]'), json_extract(j.value, '$[5]')"
        " FROM json_each(%s) j",
        "ids": "SELECT CAST(j.value AS {type}) FROM json_each(%s) j",
    },
}


class Gain(NamedTuple):
    """A person gains a class of names on a resource or everywhere, or loses it; `name` is what she signs in with."""

    user: Any
    name: str
    resource: str
    names: int
    gained: bool


def find(users: Sequence[Any], matrix: Iterable[Sequence[str | int]], *, now: dt.datetime) -> Iterator[Gain]:
    """Yield what these people would gain and lose at `now`, in the order of their keys; one statement.

    `matrix` says of roles and classes what `deltas.Delta.rows` says. Inactive people gain nothing.
    """
    key = get_user_model()._meta.pk
    ids = [str(key.get_db_prep_value(user, connection)) for user in users]
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(_statement(), [json.dumps(list(matrix)), json.dumps(ids), moment, moment, MEMBER])
        for person, name, resource, names, gained in cursor.fetchall():
            yield Gain(key.to_python(person), name, resource, names, bool(gained))


def _statement() -> str:
    options: Any = get_user_model()._meta
    quoted = connection.ops.quote_name
    dialect = _DIALECTS[connection.vendor]
    key, name = options.pk, options.get_field(get_user_model().USERNAME_FIELD)
    return _CHANGED.format(
        matrix=dialect["matrix"],
        ids=dialect["ids"].format(type=key.rel_db_type(connection)),
        user=quoted(options.db_table),
        key=quoted(key.column),
        name=quoted(name.column),
    )
