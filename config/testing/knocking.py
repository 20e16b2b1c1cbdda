"""A client process that asks the same thing again and again, and notes when each request was sent and if it was let in.

`python -m config.testing.knocking URL METHOD PATH FILE`, with the token and the body as JSON on standard input: it ends
with its standard input. Times are those of the clock that all processes of a machine share. `Knockers` is how a test
starts several.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import requests

from config.testing.children import wait_until
from config.testing.servers import ROOT

CONNECTIONS = 3  # of one process, kept open: each is taken up by one process of the service


@dataclass(frozen=True, slots=True)
class Knock:
    """One request: when it was sent and answered, in seconds of the shared clock, and what came back."""

    sent: float
    answered: float
    status: int
    let_in: bool


class Knockers:
    """Several client processes that knock at one call. Use it with `with`; what they noted is there until the end."""

    def __init__(self, directory: Path, *, url: str, method: str, path: str, shown: Mapping[str, Any]) -> None:
        self._files = [directory / f"knocks-{number}" for number in range(4)]
        self._command = [sys.executable, "-m", "config.testing.knocking", url, method, path]
        self._shown = json.dumps(shown)
        self._processes: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        for file in self._files:
            file.touch()
            process = subprocess.Popen([*self._command, str(file)], stdin=subprocess.PIPE, text=True, cwd=ROOT)
            self._processes.append(process)
            assert process.stdin is not None
            process.stdin.write(self._shown + "\n")
            process.stdin.flush()
        return self

    def __exit__(self, *error: object) -> None:
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.close()
        for process in self._processes:
            process.wait(30)

    def wait_for_each(self, count: int, *, since: float = 0, seconds: float = 60) -> None:
        """Wait until each process has had so many answers to requests sent since a moment."""

        def had() -> bool:
            return all(sum(knock.sent >= since for knock in knocks) >= count for knocks in self.by_process())

        wait_until(f"{count} answers for each client", had, seconds=seconds, pause=0.2)

    def by_process(self) -> list[list[Knock]]:
        """Return what each process has noted so far."""
        return [list(_read(file)) for file in self._files]

    def all(self) -> list[Knock]:
        """Return what all of them have noted so far."""
        return [knock for knocks in self.by_process() for knock in knocks]


def _read(file: Path) -> Iterator[Knock]:
    lines = file.read_text().split("\n")[:-1]  # the last one may not be whole
    for line in lines:
        sent, answered, status, let_in = line.split()
        yield Knock(float(sent), float(answered), int(status), let_in == "1")


def main() -> None:
    """Knock until standard input ends."""
    url, method, path, name = sys.argv[1:]
    shown = json.loads(sys.stdin.readline())
    over = threading.Event()
    with Path(name).open("a", buffering=1) as file:
        threads = [
            threading.Thread(target=_knock, args=(over, file, method, url + path, shown)) for _ in range(CONNECTIONS)
        ]
        for thread in threads:
            thread.start()
        sys.stdin.read()
        over.set()
        for thread in threads:
            thread.join()


def _knock(over: threading.Event, file: Any, method: str, url: str, shown: dict[str, Any]) -> None:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {shown['bearer']}"
        while not over.is_set():
            sent = time.monotonic()
            answer = session.request(method, url, json=shown.get("body"), timeout=30)
            allowed = answer.ok and (answer.json().get("allowed", True) is not False)
            # One write is one line, whatever the other threads write.
            os.write(file.fileno(), f"{sent} {time.monotonic()} {answer.status_code} {int(allowed)}\n".encode())


if __name__ == "__main__":
    main()
