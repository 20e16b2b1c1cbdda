"""Processes that the tests start: each leads a group of its own, logs to a file, and dies with its starter.

Nothing here signals a process that it did not start: a group is named by the pid of the child that leads it. Start
children from the main thread: Linux ends them with the thread that started them, not with its process.
"""

import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

PR_SET_PDEATHSIG = 1
# Below what Linux gives to connections that go out: tests make thousands of those while a server starts.
LISTENED_ON = range(10_240, 32_768)
# By these a Python that a test starts measures what of the code it reaches, if the test is measured.
MEASURED = ("COVERAGE_PROCESS_CONFIG", "COVERAGE_FILE")


def measured() -> dict[str, str]:
    """Return the environment in which a Python is measured as the test that starts it is."""
    return {name: os.environ[name] for name in MEASURED if name in os.environ}


class NotReady(Exception):
    """Something that was waited for did not come in time; the message says what, and what the log says last."""


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listened on a moment ago, and that no connection takes meanwhile."""
    while True:
        port = random.choice(LISTENED_ON)  # noqa: S311 - no secret
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


def answers(port: int) -> bool:
    """Tell whether something accepts connections on this port of 127.0.0.1."""
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def wait_until(what: str, probe: Callable[[], T], *, seconds: float, pause: float = 0.05) -> T:
    """Return the first true answer of `probe`, asked again and again for `seconds`; raises NotReady naming `what`."""
    deadline = time.monotonic() + seconds
    while True:
        if answer := probe():
            return answer
        if time.monotonic() > deadline:
            raise NotReady(f"{what}: not within {seconds:.0f} s")
        time.sleep(pause)


class Child:
    """One process and whatever it starts, in a group of its own."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
        user: str | None = None,
    ) -> None:
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                list(arguments),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=None if environment is None else dict(environment),
                cwd=directory,
                user=user,
                group=None if user is None else _group_of(user),
                extra_groups=None if user is None else [],
                start_new_session=True,
                preexec_fn=ended_with_parent(signal.SIGTERM),  # noqa: PLW1509 - not SIGKILL: it ends its own children too
            )

    @property
    def pid(self) -> int:
        """Return the pid of the leader."""
        return self._process.pid

    def alive(self) -> bool:
        """Tell whether the leader runs."""
        return self._process.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the whole group, unless its leader has ended."""
        if self.alive():
            os.killpg(self._process.pid, number)

    def wait(self, seconds: float) -> int:
        """Wait for the leader, end the rest of its group, return its exit status; raises NotReady after `seconds`."""
        try:
            status = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise NotReady(f"process {self.pid}: still running after {seconds:.0f} s") from None
        # What the leader left behind; its group keeps the number taken for as long as it has members.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        return status

    def kill(self) -> None:
        """End the whole group at once (SIGKILL) and wait for its leader."""
        self.send(signal.SIGKILL)
        self.wait(10)

    def stop(self, *, by: signal.Signals = signal.SIGTERM, seconds: float = 20) -> int:
        """Ask the group to end, wait, and return its exit status; after `seconds` it is killed."""
        if not self.alive():
            return self.wait(1)
        self.send(by)
        try:
            return self.wait(seconds)
        except NotReady:
            self.send(signal.SIGKILL)
            return self.wait(10)

    def last_lines(self, count: int = 30) -> str:
        """Return the end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def ended_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Return what a child runs first, so that it gets this signal when its parent is killed; nothing but on Linux."""
    if sys.platform != "linux":
        return None
    return lambda: ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
