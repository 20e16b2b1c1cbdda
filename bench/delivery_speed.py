"""How fast mail is taken in and gets out, beside the two ways that teams use otherwise; and a code beside bulk mail.

    .venv/bin/pip install -r bench/requirements.txt
    .venv/bin/python -m bench.delivery_speed [--messages 2000] [--delay 0.05] [--bulk 100000] [gatehouse celery …]

Each way has a PostgreSQL database, a Redis and a mail server of its own, which takes `--delay` seconds to say yes.
First all messages are taken in while nothing sends; then its worker is started, and the drain is measured from the
first mail's arrival to the last's. `celery` is Celery as it starts by itself (a process for each core), `celery-16` the
same with as many threads as the service sends on; `post_office` its own command with its own number of threads. The
ways take turns for `--rounds`, and ratios are of medians. `--bulk` then queues so much bulk mail at the service, and
tells how long a code takes to arrive behind it, against an empty queue.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from config.testing.children import Child
from config.testing.servers import Database, Postgres, Redis, Smtp

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
SECONDS_TO_DRAIN = 600
WAYS = ("gatehouse", "celery", "celery-16", "post_office")


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Messages a second, taken in and got out, and the most memory that the worker's processes had, in MiB.

    A page that processes share counts once for all of them (PSS): beat is a fork of the worker.
    """

    accepted: float
    drained: float
    memory: float


def main() -> None:
    """Measure what was asked for."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("ways", nargs="*", choices=[*WAYS, []], metavar="|".join(WAYS))
    options.add_argument("--messages", type=int, default=2000)
    options.add_argument("--delay", type=float, default=0.05)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--bulk", type=int, default=0)
    given = options.parse_args()
    ways = given.ways or list(WAYS)
    found: dict[str, list[Figures]] = {way: [] for way in ways}
    with Postgres() as server:
        for round_ in range(given.rounds):
            for way in ways:
                figures = measure(way, server.url, messages=given.messages, delay=given.delay)
                found[way].append(figures)
                say(f"round {round_ + 1}: {line(way, figures)}")
        for way in ways:
            say(f"median:  {line(way, median(found[way]))}{ratio(way, found)}")
        if given.bulk:
            lanes = import_module("bench.delivery_lanes")
            say(lanes.beside_bulk(server.url, bulk=given.bulk, delay=given.delay))


def measure(way: str, server_url: str, *, messages: int, delay: float) -> Figures:
    """Return the figures of one run of one way."""
    with house(way, server_url, delay=delay) as (environment, smtp, directory):
        accepted = subprocess.run(
            [sys.executable, "-m", "bench.rivals.accept", way.partition("-")[0], str(messages)],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        worker = Child(worker_of(way), log=directory / "worker.log", directory=ROOT, environment=environment)
        try:
            memory = 0.0
            deadline = time.monotonic() + SECONDS_TO_DRAIN
            while sum(1 for _ in smtp.inbox.glob("*.eml")) < messages:
                memory = max(memory, memory_of(worker.pid))
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{way}: not drained within {SECONDS_TO_DRAIN} s")
                time.sleep(0.2)
        finally:
            worker.stop()
        moments = sorted(path.stat().st_mtime for path in smtp.inbox.glob("*.eml"))
    seconds = float(accepted.stdout.split()[-1])
    return Figures(accepted=messages / seconds, drained=(len(moments) - 1) / (moments[-1] - moments[0]), memory=memory)


@contextmanager
def house(way: str, server_url: str, *, delay: float) -> Iterator[tuple[dict[str, str], Smtp, Path]]:
    """Yield what a process of this way needs in its environment, its mail server and a directory, all empty."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gatehouse-bench-")))
        redis = stack.enter_context(Redis())
        smtp = stack.enter_context(Smtp(delay=delay))
        database = stack.enter_context(Database(server_url))
        environment = {
            **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
            "HOME": str(directory),
            "GATEHOUSE_HOME": str(directory),
            "GATEHOUSE_ENV": "development",
            "LOG_LEVEL": "ERROR",
            "DATABASE_URL": database.url,
            "REDIS_URL": redis.url,
            "CELERY_BROKER_URL": redis.url,
            "DJANGO_SETTINGS_MODULE": "config.settings" if way == "gatehouse" else "bench.rivals.settings",
            "RIVAL": way.partition("-")[0],
            **rival_database(database.url),
            **smtp.settings,
        }
        if way in {"gatehouse", "post_office"}:
            command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
            subprocess.run(command, cwd=ROOT, env=environment, check=True)
        yield environment, smtp, directory


def rival_database(url: str) -> dict[str, str]:
    """Return a database's address in the parts that a plain Django project has."""
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    return {
        "RIVAL_DATABASE": parts.path.lstrip("/"),
        "RIVAL_USER": parts.username or "",
        "RIVAL_PASSWORD": parts.password or "",
        "RIVAL_HOST": host,
        "RIVAL_PORT": str(parts.port or ""),
    }


def worker_of(way: str) -> list[str]:
    """Return the command line of what sends."""
    celery = [str(BIN / "celery"), "-A"]
    return {
        "gatehouse": [*celery, "config", "worker", "--beat", "--loglevel", "ERROR"],
        "celery": [*celery, "bench.rivals.tasks", "worker", "--loglevel", "ERROR"],
        "celery-16": [*celery, "bench.rivals.tasks", "worker", "--loglevel", "ERROR", "-P", "threads", "-c", "16"],
        "post_office": [sys.executable, "-m", "django", "send_queued_mail"],
    }[way]


def memory_of(pid: int) -> float:
    """Return the memory of a process and all below it, in MiB, with each shared page counted once."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    total, waiting = 0, [pid]
    while waiting:
        each = waiting.pop()
        waiting += children.get(each, [])
        total += resident(each)
    return total / 1024


def resident(pid: int) -> int:
    """Return the proportional share of memory that one process has, in KiB; 0 where it has ended."""
    try:
        rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(row.split()[1]) for row in rows if row.startswith("Pss:")), 0)


def median(figures: list[Figures]) -> Figures:
    """Return the median of each figure."""
    return Figures(
        accepted=statistics.median(each.accepted for each in figures),
        drained=statistics.median(each.drained for each in figures),
        memory=statistics.median(each.memory for each in figures),
    )


def line(way: str, figures: Figures) -> str:
    """Return figures as a line."""
    speeds = f"accepted {figures.accepted:7.0f}/s  drained {figures.drained:7.1f}/s"
    return f"{way:<12} {speeds}  worker {figures.memory:4.0f} MiB"


def ratio(way: str, found: Mapping[str, list[Figures]]) -> str:
    """Return how the service compares with another way, as text; empty for the service itself."""
    if way == "gatehouse" or "gatehouse" not in found:
        return ""
    ours, theirs = median(found["gatehouse"]), median(found[way])
    accepted, drained = ours.accepted / theirs.accepted, ours.drained / theirs.drained
    return f"  gatehouse: accepted {accepted:.2f}x, drained {drained:.2f}x"


def say(text: str) -> None:
    """Print a line at once: a run takes minutes."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    started = time.monotonic()
    main()
    say(f"{time.monotonic() - started:.0f} s")
