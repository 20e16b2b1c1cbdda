"""What 202 promises, kept while workers die, Redis is lost and PostgreSQL restarts: nothing lost, nothing wrong.

    .venv/bin/python -m bench.under_fire [--messages 10000] [--kills 100] [--flushes 5] [--restarts 3] [--outage 60]

Real processes: web, two workers and beat, a PostgreSQL and a Redis of their own, a mail server, and an HTTP provider
that keeps keys; the messages are shared out between the two ways. While they are accepted over HTTP, workers are killed
(SIGKILL), half of them at a random moment and half at a named point of a send (`bench.fire_worker`); Redis is flushed,
and stopped for `--outage` seconds; PostgreSQL is restarted. Then everything is left alone until the queue is empty.

A row of the table is one way. `lost` were accepted and are neither sent nor failed with a reason; `wrong` went to
somebody else, or differ from what was asked. `duplicates` are second deliveries of one message, and `in flight` the
calls that a killed worker had under way: by a mail server, which cannot be asked, at most so many may come twice; by a
provider that keeps keys, none. Ends with 1 when that does not hold.
"""

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import requests

from bench.fire_worker import POINTS
from config.testing.children import Child, answers, free_port, wait_until
from config.testing.processes import Distributed
from config.testing.servers import ROOT, Postgres, Redis
from config.testing.walks import new_staff, sign_in

WAYS = ("smtp", "http")
WORKERS = ("worker", "worker-2")
SECONDS_TO_DRAIN = 600
API_KEY = "re_fake"
COUNT = """
from django.db.models import Count
from notifications.models import Attempt, Message
waits = Message.objects.filter(status__in=("queued", "scheduled", "sending")).count()
ends = {f"{status} {failure}".strip(): number for status, failure, number in
    Message.objects.filter(category="fire").values_list("status", "failure").annotate(Count("id")).order_by()}
lost = Attempt.objects.filter(error="worker_lost").count()
unknown = Attempt.objects.filter(outcome="unknown").exclude(error="worker_lost").count()
import json
print(json.dumps([waits, ends, lost, unknown]))
"""


class Battlefield(Distributed):
    """The service with two workers that can be armed to kill themselves."""

    def commands(self) -> Mapping[str, list[str]]:
        """Return the command line of each process, by its name."""
        victim = [sys.executable, "-m", "bench.fire_worker"]
        return {**super().commands(), **dict.fromkeys(WORKERS, victim)}

    def arm(self, name: str, point: str) -> None:
        """Start a worker that will die at a named point of a send; at no point by itself when it is empty."""
        self.settings |= {"FIRE_POINT": point, "FIRE_AFTER": str(random.randrange(6))}  # noqa: S311 - no secret
        self.start_process(name)


@dataclass(slots=True)
class Figures:
    """What came of one way."""

    way: str
    accepted: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    wrong: int = 0
    duplicates: int = 0
    in_flight: int = 0
    unknown: int = 0
    ends: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Tell whether the promise was kept."""
        bearable = 0 if self.way == "http" else self.in_flight + self.unknown
        return self.lost == self.wrong == 0 and self.duplicates <= bearable


def main() -> int:
    """Fire, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("messages", 10_000), ("kills", 100), ("flushes", 5), ("restarts", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--outage", type=float, default=60)
    given = parser.parse_args()
    rows = []
    for number, way in enumerate(WAYS):
        shares = {name: share(getattr(given, name), number) for name in ("messages", "kills", "flushes", "restarts")}
        rows.append(fight(way, outage=given.outage, **shares))
        say(table(rows))
    return 0 if all(row.holds for row in rows) else 1


def share(whole: int, number: int) -> int:
    """Return the part of one way: the first takes what cannot be halved."""
    return whole // 2 if number else whole - whole // 2


def fight(way: str, *, messages: int, kills: int, flushes: int, restarts: int, outage: float) -> Figures:
    """Return what came of one way's messages."""
    figures = Figures(way)
    started = time.monotonic()
    with battlefield(way) as (house, postgres, redis, provider):
        sender = Sender(house)
        events = schedule(kills, {"flush": flushes, "restart": restarts, "outage": 1 if outage else 0})
        each = -(-messages // max(1, kills))
        with ThreadPoolExecutor(16) as pool:
            posted: list[Future[None]] = []
            for round_ in range(kills):
                numbers = range(round_ * each, min((round_ + 1) * each, messages))
                posted += [pool.submit(accept, sender, number) for number in numbers]
                for event in events.get(round_, ()):
                    strike(event, postgres, redis, outage)
                figures.kills[kill(house, round_)] += 1
                if round_ % 10 == 9:  # noqa: PLR2004 - now and then
                    say(f"{way}: {round_ + 1} kills, {sum(one.done() for one in posted)} accepted")
            for one in posted:
                one.result()
        figures.accepted = messages
        house.settings |= {"FIRE_POINT": ""}
        for name in WORKERS:
            house.kill(name)
            house.arm(name, "")
        figures.kills["at the end"] += len(WORKERS)
        judge(house, provider, figures)
    figures.seconds = time.monotonic() - started
    return figures


@contextmanager
def battlefield(way: str) -> Iterator[tuple[Battlefield, Postgres, Redis, str]]:
    """Yield the running service, its servers, and where its HTTP provider answers."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gatehouse-fire-")))
        postgres, redis = stack.enter_context(Postgres()), stack.enter_context(Redis())
        settings: dict[str, Any] = {"NOTIFICATIONS_EMAIL_PROVIDERS": "smtp", "LOG_LEVEL": "ERROR"}
        url = ""
        if way == "http":
            port = free_port()
            url = f"http://127.0.0.1:{port}"
            command = [sys.executable, "-m", "config.testing.fakes.resend", "--port", str(port)]
            fake = Child(command, log=directory / "provider.log", directory=ROOT)
            stack.callback(fake.stop)
            wait_until("the HTTP provider", lambda: answers(port), seconds=30)
            settings |= {"NOTIFICATIONS_EMAIL_PROVIDERS": "resend", "RESEND_API_KEY": API_KEY, "RESEND_URL": url}
        # As a provider on the internet does, the mail server takes a moment to say yes.
        house = Battlefield(
            directory / "house", server_url=postgres.url, redis_url=redis.url, smtp_delay=0.05, **settings
        )
        yield stack.enter_context(house), postgres, redis, url


def schedule(rounds: int, events: Mapping[str, int]) -> dict[int, list[str]]:
    """Return what else happens in which round, each kind spread evenly."""
    planned: dict[int, list[str]] = {}
    for event, times in events.items():
        for number in range(times):
            planned.setdefault(int((number + 0.5) * rounds / times), []).append(event)
    return planned


def strike(event: str, postgres: Postgres, redis: Redis, outage: float) -> None:
    """Flush Redis, take it away for a while, or restart PostgreSQL."""
    say(f"  {event}")
    if event == "flush":
        redis.flush()
    elif event == "restart":
        postgres.restart()
    else:
        redis.stop()
        time.sleep(outage)
        redis.start()


def kill(house: Battlefield, round_: int) -> str:
    """Kill one worker and start it anew; return at which point it died. Every other one kills itself at its point."""
    name = WORKERS[round_ % len(WORKERS)]
    child = house.children[name]
    armed = house_points.pop(child.pid, "")
    died_there = False
    if armed:
        deadline = time.monotonic() + 8
        while child.alive() and time.monotonic() < deadline:
            time.sleep(0.05)
        died_there = not child.alive()
    else:
        time.sleep(random.uniform(0.2, 1.5))  # noqa: S311 - no secret
    house.kill(name)
    # Of both workers, every other time.
    point = POINTS[round_ // 4 % len(POINTS)] if round_ % 4 < 2 else ""  # noqa: PLR2004 - as above
    house.arm(name, point)
    house_points[house.children[name].pid] = point
    return armed if died_there else "at random"


house_points: dict[int, str] = {}
"""At which point a worker will end itself, by its process id."""


class Sender:
    """Somebody who may send, made without a mail, and signed in again whenever that is over. For many threads."""

    def __init__(self, house: Battlefield) -> None:
        self.house = house
        self._email = new_staff(house).email
        self._lock = threading.Lock()
        self.access = sign_in(house, self._email).access

    def renew(self, spent: str) -> None:
        """Sign in again, unless another thread has."""
        with self._lock:
            if self.access == spent:
                self.access = sign_in(self.house, self._email).access


def accept(sender: Sender, number: int) -> None:
    """Send one message until it is accepted, under one key, as a careful client does."""
    body = {"to": recipient(number), "subject": f"Message {number}", "text": text(number), "category": "fire"}
    headers = {"Idempotency-Key": f"fire-{number}"}
    for _ in range(1000):
        bearer = sender.access
        with suppress(requests.RequestException, AssertionError):
            answer = sender.house.post("/notify/email", body, bearer=bearer, headers=headers)
            if answer.status_code == HTTPStatus.ACCEPTED:
                return
            if answer.status_code == HTTPStatus.UNAUTHORIZED:
                sender.renew(bearer)
            elif answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                say(f"{answer.status_code}: {answer.text}")
        time.sleep(0.3)
    raise AssertionError(f"message {number} was never accepted")


def recipient(number: int) -> str:
    """Return to whom a message goes."""
    return f"r{number}@example.org"


def text(number: int) -> str:
    """Return what a message says."""
    return f"Under fire, number {number}."


def judge(house: Battlefield, provider: str, figures: Figures) -> None:
    """Wait until nothing is left to do, and compare what was accepted with what was delivered."""

    def rest() -> Any:
        found = json.loads(house.inside(COUNT))
        return None if found[0] else found

    _, figures.ends, figures.in_flight, figures.unknown = wait_until(
        "the queue is empty", rest, seconds=SECONDS_TO_DRAIN, pause=2
    )
    mails = list(delivered_by_http(provider) if provider else delivered_by_smtp(house))
    counts = Counter(number for number, _ in mails)
    failed = sum(number for end, number in figures.ends.items() if end.startswith("failed "))
    figures.lost = figures.accepted - len(counts) - failed
    figures.wrong = sum(not right for _, right in mails) + len(set(counts) - set(range(figures.accepted)))
    figures.duplicates = len(mails) - len(counts)


def delivered_by_smtp(house: Battlefield) -> Iterator[tuple[int, bool]]:
    """Yield the number of each mail that arrived, and whether it is what was asked for."""
    for mail in house.mailbox.mails():
        subject = str(mail["Subject"])
        if subject.startswith("Message "):
            number = int(subject.split()[1])
            body = mail.get_body(("plain",))
            said = body.get_content().strip() if body is not None else ""
            yield number, str(mail["To"]) == recipient(number) == mail["X-Envelope-To"] and said == text(number)


def delivered_by_http(url: str) -> Iterator[tuple[int, bool]]:
    """Yield the number of each mail that the provider delivered, and whether it is what was asked for."""
    for mail in requests.get(f"{url}/_fake/delivered", timeout=60).json():
        if mail["subject"].startswith("Message "):
            number = int(mail["subject"].split()[1])
            yield number, mail["to"] == [recipient(number)] and mail["text"].strip() == text(number)


def table(rows: list[Figures]) -> str:
    """Return the figures for people."""
    lines = ["way     accepted  kills  lost  wrong  duplicates  in flight  unknown  seconds"]
    for row in rows:
        lines.append(
            f"{row.way:6}{row.accepted:>10}{row.kills.total():>7}{row.lost:>6}{row.wrong:>7}{row.duplicates:>12}"
            f"{row.in_flight:>11}{row.unknown:>9}{row.seconds:>9.0f}"
        )
        lines.append(f"      ends: {row.ends}; kills: {dict(row.kills)}")
    return "\n".join(lines)


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
