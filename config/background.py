"""Celery's worker and beat as threads of the web process: the whole service in one process, nothing else to install.

They stop before the interpreter begins to end: after that, Celery's pool of threads takes no more work. The serving
process is a child of `multiprocessing`, which runs finalizers at the right moment and no atexit functions at all.
"""

import os
import signal
import subprocess  # nosec B404 - for a process of our own
import sys
import threading
import time
from multiprocessing.util import Finalize
from typing import Any

from celery import signals
from celery.beat import EmbeddedService
from celery.worker import state
from django.conf import settings

from config.celery import app, wake

CONCURRENCY = 2
SECONDS_TO_STOP = 10


def start() -> None:
    """Start worker and beat. Returns at once; they end before the process does."""
    controller = app.WorkController(
        pool_cls="threads",
        concurrency=CONCURRENCY,
        hostname="embedded@localhost",
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    # What Celery's own command does for Django: connections are closed around tasks.
    signals.worker_init.send(sender=controller)
    worker = threading.Thread(target=controller.start, name="worker", daemon=True)
    beat: Any = EmbeddedService(app, thread=True, scheduler_cls=app.conf.beat_scheduler)
    worker.start()
    beat.start()
    Finalize(None, _stop, args=(worker, beat), exitpriority=100)
    end_with_parent()


def start_streams() -> None:
    """Keep the process running that serves streams, where there is a port for it. It ends before this one does."""
    if settings.STREAM_PORT:
        stopping = threading.Event()
        keeper = threading.Thread(target=_keep_streams, args=(stopping,), name="streams", daemon=True)
        keeper.start()
        Finalize(None, _stop_streams, args=(stopping, keeper), exitpriority=100)


def _keep_streams(stopping: threading.Event) -> None:
    """Start it, again if it was killed, until this process stops. One that was asked to end is not wanted any more."""
    wanted = True
    while wanted and not stopping.is_set():
        streams = subprocess.Popen([sys.executable, "-m", "config.streams"])  # nosec B603 - no word of it is given
        while streams.poll() is None and not stopping.wait(0.5):
            pass
        if streams.poll() is None:
            streams.terminate()
        wanted = streams.wait() != os.EX_OK
        stopping.wait(1)


def _stop_streams(stopping: threading.Event, keeper: threading.Thread) -> None:
    stopping.set()
    keeper.join(SECONDS_TO_STOP)


def end_with_parent() -> None:
    """Watch on a thread for the end of this process's parent, and end this process with it."""
    threading.Thread(target=_end_as_orphan, args=(os.getppid(),), name="orphan", daemon=True).start()


def _stop(worker: threading.Thread, beat: Any) -> None:
    """Stop both; a task that runs is finished first."""
    beat.service.stop()
    state.should_stop = os.EX_OK  # type: ignore[assignment]
    deadline = time.monotonic() + SECONDS_TO_STOP
    while worker.is_alive() and time.monotonic() < deadline:
        # Celery looks at `should_stop` between messages only, and waits two seconds for each; any message will do.
        if settings.EMBEDDED:
            wake.delay()
        worker.join(timeout=0.1)


def _end_as_orphan(parent: int) -> None:
    """End this process when its parent was killed: nobody would stop it, and its port would stay taken."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
