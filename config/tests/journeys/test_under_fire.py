"""What 202 promises, kept while processes die: 200 messages accepted and delivered under SIGKILL and a flushed Redis.

Delivery is at least once: a process that dies between the mail server's yes and its own note sends again. The
duplicates are counted and printed, not forbidden.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import requests

from config.testing.children import NotReady, wait_until
from config.testing.processes import Distributed, Gatehouse
from config.testing.servers import Redis
from config.testing.walks import new_notifier

MESSAGES = 200
KILLS = 6
FLUSHES_AFTER = (1, 3)
SECONDS_TO_DELIVER = 300


def accept(house: Gatehouse, bearer: str, number: int) -> int:
    """Send one message until it is accepted, under one key, as a careful client does; return the tries it took.

    The pauses spread the acceptances over the time of the kills.
    """
    body = {"to": f"r{number}@example.org", "subject": f"Message {number}", "text": "Under fire."}
    headers = {"Idempotency-Key": f"fire-{number}"}
    for attempt in range(1, 400):
        time.sleep(random.uniform(0, 1.2))
        try:
            answer = house.post("/notify/email", body, bearer=bearer, headers=headers)
        except requests.RequestException:
            continue
        if answer.status_code == 202:
            return attempt
        assert answer.status_code == 503, answer.text
    raise AssertionError(f"message {number} was never accepted")


def wait_for_more(house: Gatehouse, before: int) -> None:
    """Wait until more mails have gone out than before."""
    wait_until("some mail goes out", lambda: house.mailbox.count() > before, seconds=60, pause=0.01)


def fire(house: Gatehouse, redis: Redis | None) -> None:
    """Kill as soon as mail has gone out, start again, and flush Redis twice: the worker where it is one, else all."""
    victims = ("worker",) if isinstance(house, Distributed) else ()
    for round_ in range(KILLS):
        wait_for_more(house, house.mailbox.count())
        time.sleep(random.uniform(0, 0.3))
        house.kill(*victims)
        if redis is not None and round_ in FLUSHES_AFTER:
            redis.flush()
        house.start()
        house.wait_until_ready()


def delivered(house: Gatehouse) -> Counter[str]:
    """Count the mails by their subject."""
    return Counter(str(mail["Subject"]) for mail in house.mailbox.mails() if "Message" in str(mail["Subject"]))


def wait_for_all(house: Gatehouse) -> Counter[str]:
    """Return the mails once every message has arrived; fails naming those that are missing."""
    expected = {f"Message {number}" for number in range(MESSAGES)}
    try:
        wait_until("all", lambda: expected <= set(delivered(house)), seconds=SECONDS_TO_DELIVER, pause=1)
    except NotReady:
        missing = sorted(expected - set(delivered(house)))
        raise AssertionError(f"{len(missing)} lost: {missing[:10]}\n{house.last_lines()}") from None
    return delivered(house)


def test_no_accepted_message_is_lost_while_processes_are_killed(
    fragile_house: Gatehouse, own_redis: Redis | None, record_property: Callable[[str, str], None]
) -> None:
    house = fragile_house
    bearer = new_notifier(house).access
    started = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        accepted = [pool.submit(accept, house, bearer, number) for number in range(MESSAGES)]
        fire(house, own_redis)
        tries = sum(future.result() for future in accepted)
    counts = wait_for_all(house)
    flushes = len(FLUSHES_AFTER) if own_redis else 0
    record_property(
        "figures",
        f"{type(house).__name__}: {MESSAGES} accepted ({tries} tries), {KILLS} kills, {flushes} flushes: "
        f"{len(counts)} delivered within {time.monotonic() - started:.1f} s, 0 lost, "
        f"{sum(counts.values()) - len(counts)} duplicates",
    )
    assert len(counts) == MESSAGES
    assert house.manage("audit_verify")
