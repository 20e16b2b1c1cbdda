"""The beginning of a text, asked so that both databases answer from an index.

SQLite keeps texts in the order of their bytes, so a beginning is a range; its LIKE is no use of that. PostgreSQL keeps
them in the order of a language, where a beginning is none; there LIKE is answered by an index of `varchar_pattern_ops`,
which Django makes for unique texts.
"""

from django.db import connection
from django.db.models import Q

LAST = "\U0010ffff"


def begins(field: str, prefix: str) -> Q:
    """Return the condition that a column begins with exactly this text; `%` and `_` mean themselves."""
    if connection.vendor == "sqlite":
        return Q(**{f"{field}__gte": prefix, f"{field}__lt": prefix + LAST})
    return Q(**{f"{field}__startswith": prefix})
