"""The database, for a provider on its sending thread: a connection for a moment, and none during a call."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection

from notifications.providers.base import Deferred


@contextmanager
def own_connection() -> Iterator[None]:
    """Use this thread's connection, and give it back before anybody is called over the network.

    Raises `Deferred` where there is no database, or nobody knows whether it has taken what was written: that says
    nothing of the provider.
    """
    try:
        yield
    except DatabaseError as error:
        raise Deferred("no_database", type(error).__name__) from error
    finally:
        if not connection.in_atomic_block:
            connection.close()
