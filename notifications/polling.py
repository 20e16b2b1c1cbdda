"""Looking at the queue without being rung for: while the broker is away no bell is heard, and no beat either.

Each worker process has one thread for it, which does nothing as long as tasks come.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from django.db import close_old_connections

log = structlog.get_logger(__name__)

EVERY = 2.0  # seconds between two looks
QUIET = 5.0  # seconds without a task, after which the broker may be away: the sweep comes every second
SECONDS_TO_STOP = 10.0  # more than a run of the dispatcher lasts


@dataclass(slots=True)
class Ear:
    """When this process last had a task that looks at the queue."""

    heard_at: float = 0.0

    def hear(self) -> None:
        """Note that a task has come."""
        self.heard_at = time.monotonic()

    @property
    def is_quiet(self) -> bool:
        """Tell whether none has come for a while."""
        return time.monotonic() - self.heard_at >= QUIET


EAR = Ear()


@dataclass(slots=True)
class Poller:
    """Does `work` on a thread of its own, every two seconds, while no task does it."""

    work: Callable[[], object]
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look."""
        self._thread = threading.Thread(target=self._run, name="polling", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the run that is under way."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(SECONDS_TO_STOP)

    def look(self) -> bool:
        """Do the work if no task has looked for a while; tell whether that was so. Never raises."""
        if not EAR.is_quiet:
            return False
        try:
            close_old_connections()
            self.work()
        except Exception as error:  # noqa: BLE001 - the database may be away too: the next turn looks again
            log.warning("polling_failed", error=type(error).__name__)
        finally:
            close_old_connections()
        return True

    def _run(self) -> None:
        while not self._stopping.wait(EVERY):
            self.look()
