"""Whose turn it is in one dispatcher: codes before all, channels side by side, and what kills workers by itself."""

from typing import Any

import pytest

from notifications.jobs import SUSPECT_CLAIMS, Job, Waiting
from notifications.lanes import Lane
from notifications.models import Message

THREADS = 8


def job(lane: Lane = Lane.NORMAL, channel: str = "email", claims: int = 1) -> Job:
    return Job(Message(lane=lane, channel=channel, claims=claims), 0.0, None)


def suspect(lane: Lane = Lane.NORMAL) -> Job:
    return job(lane, claims=SUSPECT_CLAIMS + 1)


def turns(waiting: Waiting, busy: list[Job]) -> list[Job]:
    """Return who gets a thread beside those that have one, in order."""
    taken: list[Job] = []
    while queue := waiting.next_queue([*busy, *taken]):
        taken.append(queue.popleft())
    return taken


@pytest.fixture
def waiting() -> Any:
    def of(*jobs: Job) -> Waiting:
        queues = Waiting(THREADS)
        for one in jobs:
            queues.add(one)
        return queues

    return of


def test_code_goes_before_what_may_kill_its_worker(waiting: Any) -> None:
    dangerous, code = suspect(), job(Lane.URGENT)
    assert turns(waiting(dangerous, code), []) == [code, dangerous]


def test_code_waits_for_nothing_that_may_kill_its_worker(waiting: Any) -> None:
    code = job(Lane.URGENT)
    assert turns(waiting(suspect(), code), [job()]) == [code]
    assert turns(waiting(code), [suspect()]) == [code]


@pytest.mark.parametrize("lane", list(Lane))
def test_what_may_kill_its_worker_takes_no_other_mail_along(lane: Lane, waiting: Any) -> None:
    assert turns(waiting(suspect(lane), job()), [job()]) == []
    first, second = suspect(lane), suspect(lane)
    assert turns(waiting(first, second, job()), []) == [first]
    assert turns(waiting(job()), [suspect(lane)]) == []


def test_quarter_of_the_threads_is_left_to_codes(waiting: Any) -> None:
    codes = [job(Lane.URGENT) for _ in range(9)]
    queues = waiting(*(job() for _ in range(9)))
    taken = turns(queues, [])
    assert len(taken) == 6
    for code in codes:
        queues.add(code)
    assert turns(queues, taken) == codes[:2]


def test_channel_with_the_fewest_threads_goes_next(waiting: Any) -> None:
    mails, texts = [job() for _ in range(9)], [job(channel="sms") for _ in range(2)]
    assert [one.message.channel for one in turns(waiting(*mails, *texts), [])] == ["email", "sms"] * 2 + ["email"] * 2
    assert turns(waiting(*mails, *texts), [job() for _ in range(5)]) == texts[:1]


def test_channel_alone_may_have_all_that_is_not_for_codes(waiting: Any) -> None:
    assert len(turns(waiting(*(job() for _ in range(9))), [])) == 6
