"""The pool of database connections once the server has been away: those that died go together, not one a request."""

import threading

import structlog
from django.db import connection

log = structlog.get_logger(__name__)

_looking = threading.Lock()


def look_over() -> None:
    """Let go of the connections that died, on a thread of its own; nothing where one does so already, or no pool is.

    For after a failure: to ask at each use whether a connection lives would cost every request a round trip.
    """
    pool = getattr(connection, "pool", None)
    if pool is None or not _looking.acquire(blocking=False):
        return

    def look() -> None:
        try:
            pool.check()
        except Exception as error:  # noqa: BLE001 - the next failure looks again
            log.warning("pool_not_checked", error=type(error).__name__)
        finally:
            _looking.release()

    threading.Thread(target=look, name="pool", daemon=True).start()
