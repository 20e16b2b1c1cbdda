"""The service that journeys talk to: separate processes where DATABASE_URL names a PostgreSQL, else one process.

`make test` runs the journeys once in each way. Alone: `pytest -m journey` is the one-process service.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.testing import cases
from config.testing.processes import Distributed, Gatehouse
from config.testing.servers import Redis


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything below this folder as a journey, and let its report say which cases it tries."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.journey)
        for mark in item.iter_markers("case"):
            item.user_properties.extend(("case", number) for number in mark.args)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell how many cases of each group were tried."""
    tried = {verdict: _cases_of(terminalreporter.getreports(verdict)) for verdict in ("passed", "failed")}
    if any(tried.values()):
        terminalreporter.section("cases tried over HTTP")
        for line in cases.told(tried["passed"], tried["failed"]):
            terminalreporter.line(line)


def _cases_of(reports: Iterable[Any]) -> list[str]:
    return [value for report in reports for name, value in report.user_properties if name == "case"]


def logs_of(name: str) -> Path | None:
    """Return where the processes of a journey write, so that the run's reports keep them."""
    kept = os.environ.get("GATEHOUSE_LOGS")
    return Path(kept) / name if kept else None


def make_house(home: Path, name: str, *, redis_url: str = "", smtp_delay: float = 0, **settings: str) -> Gatehouse:
    """Return the service in the set-up under test, not started; `settings` are environment variables of its own."""
    server_url = os.environ.get("TEST_DATABASE_URL", "")
    if not server_url:
        return Gatehouse(home, logs=logs_of(f"embedded-{name}"), **settings)
    logs = logs_of(f"distributed-{name}")
    redis_url = redis_url or os.environ["TEST_REDIS_URL"]
    return Distributed(home, server_url=server_url, redis_url=redis_url, smtp_delay=smtp_delay, logs=logs, **settings)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gatehouse]:
    """The running service, shared by the journeys that do not break it."""
    with make_house(tmp_path_factory.mktemp("house"), "shared") as running:
        yield running


@pytest.fixture
def own_redis() -> Iterator[Redis | None]:
    """A Redis of this test's own, which it may flush; none in the one-process set-up."""
    if not os.environ.get("TEST_DATABASE_URL"):
        yield None
        return
    with Redis() as server:
        yield server


@pytest.fixture
def fragile_house(tmp_path: Path, own_redis: Redis | None) -> Iterator[Gatehouse]:
    """A running service of this test's own, which it may kill; its mail server is slow enough to do so in the act."""
    url = own_redis.url if own_redis else ""
    with make_house(tmp_path / "house", "fragile", redis_url=url, smtp_delay=0.1) as running:
        yield running
