"""A worker as it runs anywhere, that kills itself at a named point of a send; for `bench.under_fire`.

The service's own code has no such points. Here they are put round the functions that a send goes through, in a process
that is never anything but a victim. FIRE_POINT names one, FIRE_AFTER how often it is passed before.
"""

import functools
import os
import random
import signal
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any

POINTS = ("claimed", "before_connect", "after_accept", "before_commit", "after_commit")

_passed = 0
_lock = threading.Lock()


def main() -> None:
    """Arm the point, and work."""
    app = import_module("config.celery").app
    if point := os.environ.get("FIRE_POINT"):
        arm(point, int(os.environ.get("FIRE_AFTER", "0")))
    app.worker_main(["worker", "--loglevel", "ERROR", "--hostname", f"{os.getpid()}@%h", *sys.argv[1:]])


def arm(point: str, after: int) -> None:
    """Have this process end at a point of a send, at once and with nothing cleaned up."""
    import_module("django").setup()
    names = ("claims", "delivery", "ledger", "settling")
    parts: list[Any] = [import_module(f"notifications.{name}") for name in names]
    claims, delivery, ledger, settling = parts

    def pass_by() -> None:
        global _passed  # noqa: PLW0603 - one count for all threads
        with _lock:
            _passed += 1
            if _passed > after:
                os.kill(os.getpid(), signal.SIGKILL)

    if point == "claimed":
        claims.ledger.close_lost = _round(ledger.close_lost, before=pass_by)
    elif point == "before_connect":
        delivery.hand_over = _round(delivery.hand_over, before=lambda: _sometimes(pass_by))
    elif point == "after_accept":
        delivery.hand_over = _round(delivery.hand_over, behind=lambda: _sometimes(pass_by))
    elif point == "before_commit":
        ledger.close_attempts = _round(ledger.close_attempts, behind=pass_by)
    elif point == "after_commit":
        settling.write = _round(settling.write, behind=pass_by)


def _sometimes(act: Callable[[], None]) -> None:
    """Act at one message in five, so that the others of its batch are anywhere."""
    if random.random() < 0.2:  # noqa: PLR2004, S311 - no secret
        act()


def _round(
    call: Callable[..., Any], *, before: Callable[[], None] | None = None, behind: Callable[[], None] | None = None
) -> Callable[..., Any]:
    @functools.wraps(call)
    def wrapped(*given: Any, **named: Any) -> Any:
        if before:
            before()
        outcome = call(*given, **named)
        if behind:
            behind()
        return outcome

    return wrapped


if __name__ == "__main__":
    main()
