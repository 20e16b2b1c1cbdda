"""Celery's app: the bell's rope. Tasks carry the id of the request that rang, so that one id runs through all logs."""

import os
from typing import Any

from celery import Celery, bootsteps, signals
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

from kit.clock import utcnow
from kit.metrics import OTHER, Counter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Celery would run the system checks and ignore what they find; they load every view, 12 MB that no worker needs.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

HEADER = "request_id"
TASKS = Counter(
    "tasks_total", "Tasks that workers have run, by how they ended.", task=None, state=("SUCCESS", "FAILURE", "RETRY")
)


class DatabaseStep(bootsteps.Step):
    """A worker that cannot reach the database ends at once, instead of failing task after task."""

    def __init__(self, parent: Any, **kwargs: Any) -> None:
        super().__init__(parent, **kwargs)
        from config import startup

        startup.require_database()


class HeartbeatStep(bootsteps.StartStopStep):
    """A worker that ends as it should is not missed."""

    def start(self, parent: Any) -> None:
        """Nothing to do: the first task is the first heartbeat."""

    def stop(self, parent: Any) -> None:
        """Take this process off the list, at an orderly end, however quick it must be."""
        from config import heartbeats

        heartbeats.end()

    terminate = stop


class PollingStep(bootsteps.StartStopStep):
    """A thread that looks at the queue of messages while the broker, and with it every task, is away."""

    def create(self, parent: Any) -> Any:
        """Return what is started and stopped with the worker."""
        from notifications import polling, tasks

        return polling.Poller(tasks.look_by_ourselves)


class BeatStep(bootsteps.StartStopStep):
    """`--beat` as a thread of the worker: as a process it would hold everything a second time, 80 MB."""

    conditional = True

    def __init__(self, parent: Any, *, beat: bool = False, **kwargs: Any) -> None:
        super().__init__(parent, **kwargs)
        self.enabled = beat

    def create(self, parent: Any) -> Any:
        """Return what is started and stopped with the worker."""
        from celery.beat import EmbeddedService

        return EmbeddedService(parent.app, thread=True, scheduler_cls=parent.scheduler)


app = Celery("gatehouse")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DatabaseStep)
app.steps["worker"].add(HeartbeatStep)
app.steps["worker"].add(PollingStep)
app.steps["worker"].add(BeatStep)


@app.task(name="house.wake")
def wake() -> None:
    """Do nothing: a message that makes a waiting worker look up."""


def _carry_request_id(headers: dict[str, Any] | None = None, **_: Any) -> None:
    request_id = get_contextvars().get(HEADER)
    if headers is not None and request_id:
        headers[HEADER] = request_id


def _begin_task(task: Any = None, **_: Any) -> None:
    clear_contextvars()
    request_id = task.request.get(HEADER) if task is not None else None
    bind_contextvars(**({HEADER: request_id} if request_id else {}), task=getattr(task, "name", ""))
    if task is not None and not task.request.is_eager:
        from config import heartbeats

        heartbeats.beat(now=utcnow())


def _end_task(task: Any = None, state: str | None = None, **_: Any) -> None:
    clear_contextvars()
    TASKS.count(task=getattr(task, "name", OTHER), state=state or OTHER)


def _leave_beat_to_us(instance: Any = None, **_: Any) -> None:
    instance.Blueprint.default_steps.discard("celery.worker.components:Beat")


def _keep_our_logging(**_: Any) -> None:
    """Being connected is what tells Celery to leave logging alone: Django's LOGGING is in force."""


signals.before_task_publish.connect(_carry_request_id, weak=False)
signals.task_prerun.connect(_begin_task, weak=False)
signals.task_postrun.connect(_end_task, weak=False)
signals.celeryd_init.connect(_leave_beat_to_us, weak=False)
signals.setup_logging.connect(_keep_our_logging, weak=False)
