"""What callers see of a database server that was started anew, or that let go of everybody."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import psycopg
import pytest

from config.testing.processes import Distributed, Gatehouse
from config.testing.walks import new_person

DISTRIBUTED = bool(os.environ.get("TEST_DATABASE_URL"))
HANG_UP = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"


@pytest.mark.skipif(not DISTRIBUTED, reason="a file of SQLite keeps no connections")
def test_dead_connections_cost_each_process_one_call(fragile_house: Gatehouse) -> None:
    assert isinstance(fragile_house, Distributed)
    person = new_person(fragile_house)

    def look(_: int) -> int:
        answer = fragile_house.request("GET", "/api/v1/auth/profile", bearer=person.access)
        if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            time.sleep(int(answer.headers["Retry-After"]))  # as a caller does who is told to
        return answer.status_code

    with ThreadPoolExecutor(16) as many:
        assert {*many.map(look, range(200))} == {HTTPStatus.OK}
    with psycopg.connect(fragile_house.database.url, autocommit=True) as own:
        own.execute(HANG_UP, [own.info.backend_pid])
    refused = [look(number) for number in range(60)].count(HTTPStatus.SERVICE_UNAVAILABLE)
    assert refused <= 2  # of the two processes of the web
