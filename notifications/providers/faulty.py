"""A provider that fails by a script and sends nothing: for staging and tests. What it "delivered" it writes down.

The script is a JSON list of steps, gone through again and again; each holds for `times` messages or for `seconds`:

    [{"do": "take", "times": 5}, {"do": "lose", "times": 1}, {"do": "down", "seconds": 3600}]

- `take`: take the message; `refuse`: never (permanent).
- `lose`: take it, and time out before the answer (ambiguous); `cut`: time out, and take nothing (ambiguous too).
- `down`: nothing was taken (transient); `busy`: not before `retry_after` seconds; `locked_out`: misconfigured.

`wait` is how many seconds each step takes: a slow provider, or with `lose` one that hangs. The script is read again
when its file changes. Each process goes through it by itself.
"""

import json
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from notifications import conf
from notifications.providers.base import (
    Ambiguous,
    Email,
    Misconfigured,
    Outgoing,
    Permanent,
    Push,
    RateLimited,
    Receipt,
    Text,
    Transient,
    Unsupported,
    check,
)

TAKE: Mapping[str, Any] = {"do": "take", "times": 1}
TAKEN = frozenset({"take", "lose"})
DEEDS = frozenset({*TAKEN, "refuse", "cut", "down", "busy", "locked_out"})
KEYS = frozenset({"do", "times", "seconds", "wait", "retry_after"})


class BadScript(ValueError):
    """The script cannot be gone through."""


class FaultyProvider(Unsupported):
    """Does with each message what its script says; without one it takes everything."""

    name = "faulty"
    channels = frozenset({"email", "sms", "whatsapp", "telegram", "push"})

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._steps: list[Mapping[str, Any]] = []
        self._read_at: float | None = None
        self._place, self._done, self._since = 0, 0, 0.0

    def send_email(self, message: Email) -> Receipt:
        """Do what the script says."""
        return self._do(message, "email", list(message.to))

    def send_sms(self, message: Text) -> Receipt:
        """Do what the script says."""
        return self._do(message, message.channel, [message.to])

    def send_push(self, message: Push) -> Receipt:
        """Do what the script says."""
        return self._do(message, "push", [message.to])

    def health(self) -> str:
        """Say whether the script can be gone through."""
        try:
            _read()
        except BadScript:
            return "bad_script"
        return "ok"

    def _do(self, message: Outgoing, channel: str, to: list[str]) -> Receipt:
        check(message)
        step = self._next_step()
        time.sleep(float(step.get("wait", 0)))
        deed = step["do"]
        if deed in TAKEN:
            _write_down({"id": str(message.id), "key": message.key, "channel": channel, "to": to, "at": time.time()})
        failures = {
            "refuse": Permanent(),
            "lose": Ambiguous("timed_out"),
            "cut": Ambiguous("timed_out"),
            "down": Transient(),
            "busy": RateLimited(retry_after=float(step.get("retry_after", 1))),
            "locked_out": Misconfigured(),
        }
        if deed in failures:
            raise failures[deed]
        return Receipt(provider_id=f"faulty-{message.id}")

    def _next_step(self) -> Mapping[str, Any]:
        """Return the step that this message falls to, and count it."""
        with self._lock:
            self._refresh()
            if not self._steps:
                return TAKE
            while self._is_over(self._steps[self._place]):
                self._place, self._done, self._since = (self._place + 1) % len(self._steps), 0, time.monotonic()
            self._done += 1
            return self._steps[self._place]

    def _is_over(self, step: Mapping[str, Any]) -> bool:
        if "seconds" in step:
            seconds: float = step["seconds"]
            return time.monotonic() - self._since >= seconds
        times: int = step.get("times", 1)
        return times <= self._done

    def _refresh(self) -> None:
        """Read the script when it is another than before, and begin at its beginning."""
        written_at = _written_at()
        if written_at != self._read_at:
            self._steps, self._read_at = _read(), written_at
            self._place, self._done, self._since = 0, 0, time.monotonic()


def _written_at() -> float:
    path = conf.faults()
    return path.stat().st_mtime if path is not None and path.exists() else 0.0


def _read() -> list[Mapping[str, Any]]:
    """Return the steps of the script. Raises BadScript."""
    path = conf.faults()
    if path is None:
        return []
    try:
        steps: Any = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise BadScript from error
    if not isinstance(steps, list) or not steps or not all(map(_is_step, steps)):
        raise BadScript
    return steps


def _is_step(step: Any) -> bool:
    """Tell whether a step says what to do and for how long: for some messages, or for some time."""
    if not isinstance(step, dict) or step.get("do") not in DEEDS or step.keys() - KEYS:
        return False
    numbers: list[Any] = [step[key] for key in step.keys() - {"do"}]
    if not all(isinstance(number, int | float) and not isinstance(number, bool) and number >= 0 for number in numbers):
        return False
    length: Any = step.get("seconds", step.get("times", 1))
    return bool(length > 0)


def _write_down(delivery: Mapping[str, Any]) -> None:
    """Add a line to `$GATEHOUSE_HOME/faulty/delivered.jsonl`: by one write, so that lines of processes never mix."""
    path = Path(settings.GATEHOUSE_HOME) / "faulty" / "delivered.jsonl"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, json.dumps(delivery).encode() + b"\n")
    finally:
        os.close(descriptor)
