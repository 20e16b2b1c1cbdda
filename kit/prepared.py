"""A row by its primary key, by a statement that is put together once: that takes Django far longer than asking does.

For what every request reads. Anything else is better off with the QuerySet itself.
"""

import uuid
from typing import Any, Generic, TypeVar

from django.db import connections, models
from django.db.models.query import get_related_populators

Model = TypeVar("Model", bound=models.Model)

_PLACE = uuid.UUID(int=2**128 - 1)


class ByKey(Generic[Model]):
    """How to read one row of a model whose key is a UUID, with all that `rows` selects, defers and annotates.

    Good for threads. Whatever `rows` knows it knows once: its annotations must not depend on the moment or the request.
    """

    def __init__(self, rows: models.QuerySet[Model]) -> None:
        compiler: Any = rows.filter(pk=_PLACE).query.get_compiler(rows.db)
        self._db = rows.db
        self._model: type[Model] = rows.model
        self._statement, (*self._before, place) = compiler.as_sql()
        if place != self._adapted(_PLACE):
            raise ValueError("the key must be the last thing that the statement is given")
        begin, end = compiler.klass_info["select_fields"][0], compiler.klass_info["select_fields"][-1] + 1
        self._own = slice(begin, end)
        self._names = [column.target.attname for column, *_ in compiler.select[begin:end]]
        self._converters = compiler.get_converters([column for column, *_ in compiler.select])
        related: Any = get_related_populators
        self._related = related(compiler.klass_info, compiler.select, rows.db)
        self._annotations: dict[str, int] = dict(compiler.annotation_col_map or {})

    def find(self, key: uuid.UUID) -> Model | None:
        """Return the row of this key, None where there is none. One statement."""
        with connections[self._db].cursor() as cursor:
            cursor.execute(self._statement, [*self._before, self._adapted(key)])
            found = cursor.fetchone()
        return None if found is None else self._made(list(found))

    def _made(self, row: list[Any]) -> Model:
        connection = connections[self._db]
        for place, (converters, column) in self._converters.items():
            for convert in converters:
                row[place] = convert(row[place], column, connection)
        made = self._model.from_db(self._db, self._names, row[self._own])
        for related in self._related:
            related.populate(row, made)
        for name, place in self._annotations.items():
            setattr(made, name, row[place])
        return made

    def _adapted(self, key: uuid.UUID) -> Any:
        return self._model._meta.pk.get_db_prep_value(key, connections[self._db])
