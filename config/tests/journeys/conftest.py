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

# Two processes take whole files in this order: the long ones first, one of each to a process.
FIRST = ("test_schema", "test_cases_guessing", "test_under_fire")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all below this folder as journeys, the longest first, and let their reports say which cases they try."""
    items.sort(key=lambda item: FIRST.index(item.path.stem) if item.path.stem in FIRST else len(FIRST))
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.journey)
        for mark in item.iter_markers("case"):
            item.user_properties.extend(("case", number) for number in mark.args)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell how many cases of each group were tried."""
    for figures in (text for verdict in ("passed", "failed") for text in _told(terminalreporter, verdict, "figures")):
        terminalreporter.line(figures)
    tried = {verdict: _told(terminalreporter, verdict, "case") for verdict in ("passed", "failed")}
    if any(tried.values()):
        terminalreporter.section("cases tried over HTTP")
        for line in cases.told(tried["passed"], tried["failed"]):
            terminalreporter.line(line)


def _told(reporter: pytest.TerminalReporter, verdict: str, what: str) -> list[str]:
    """Return what tests with this verdict recorded as a property of this name."""
    reports: Iterable[Any] = reporter.getreports(verdict)
    return [value for report in reports for name, value in report.user_properties if name == what]


def logs_of(name: str) -> Path | None:
    """Return where the processes of a journey write, so that the run's reports keep them."""
    kept = os.environ.get("GATEHOUSE_LOGS")
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    return Path(kept) / (f"{name}-{worker}" if worker else name) if kept else None


def make_house(
    home: Path, name: str, *, redis_url: str = "", smtp_delay: float = 0, web_processes: int = 2, **settings: str
) -> Gatehouse:
    """Return the service in the set-up under test, not started; `settings` are environment variables of its own."""
    server_url = os.environ.get("TEST_DATABASE_URL", "")
    if not server_url:
        return Gatehouse(home, logs=logs_of(f"embedded-{name}"), **settings)
    logs = logs_of(f"distributed-{name}")
    return Distributed(
        home,
        server_url=server_url,
        redis_url=redis_url,
        smtp_delay=smtp_delay,
        web_processes=web_processes,
        logs=logs,
        **settings,
    )


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
