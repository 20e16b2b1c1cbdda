"""Where the root keys come from, besides a plain variable: a file, or a command that asks a key service for them.

The command is run once by each process, when it starts. No shell reads it, it has a time limit, and what it writes is
never shown: it might be a key.
"""

import contextlib
import os
import selectors
import shlex
import signal
import subprocess  # nosec B404 - to ask a key service, as the operator says
import time
from typing import IO, cast

from config.environment import Environment, VaultKeys

SECONDS = 20.0
MOST = 64 * 1024  # bytes of output: more is no key ring
NAME = "VAULT_KEYS_COMMAND"


class Failed(Exception):
    """The command gave no keys; the message says why in words that hold nothing of its output."""


def fetched(env: Environment) -> str:
    """Return what `VAULT_KEYS_COMMAND` writes, the empty string where there is none; note a failure in `env`."""
    command = env.text(
        NAME,
        meaning="A command that writes the keys to its standard output, in the form of `VAULT_KEYS`, such as a client "
        f"of a key service; instead of `VAULT_KEYS`. Each process runs it once at its start, without a shell, for "
        f"{SECONDS:.0f} seconds at most ([operations](operations.md#keys)).",
    )
    if not command:
        return ""
    try:
        return run(command)
    except Failed as failure:
        env.refuse(NAME, str(failure))
        return VaultKeys().make()  # never used: the start is refused


def watched_file() -> str:
    """Return the file that the keys are read from, now and when it changes; empty when they come another way."""
    return os.environ.get("VAULT_KEYS_FILE", "")


def run(command: str, *, seconds: float = SECONDS) -> str:
    """Return what a command writes to its standard output, at most `MOST` bytes. Raises `Failed`."""
    try:
        # In a group of its own, so that what it started ends with it.
        process = subprocess.Popen(  # nosec B603 - the operator's own command, and no shell
            shlex.split(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError, IndexError) as error:
        raise Failed(f"cannot be run ({type(error).__name__})") from None
    try:
        output = _output_of(process, seconds)
    except Failed:
        # Of another user where the command is `sudo`: what we may not end is not waited for either.
        with contextlib.suppress(PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        raise
    if process.returncode:
        raise Failed(f"ended with status {process.returncode}")
    text = output.decode("ascii", "replace").strip()
    if not text:
        raise Failed("wrote nothing")
    return text


def _output_of(process: subprocess.Popen[bytes], seconds: float) -> bytes:
    """Return what a process writes until it ends. Raises `Failed` when that is too much, or takes too long."""
    late = Failed(f"did not end within {seconds:.0f} seconds")
    end = time.monotonic() + seconds
    output = b""
    with cast("IO[bytes]", process.stdout) as pipe, selectors.DefaultSelector() as readable:
        readable.register(pipe, selectors.EVENT_READ)
        while readable.select(max(0.0, end - time.monotonic())):
            piece = os.read(pipe.fileno(), MOST)
            output += piece
            if len(output) > MOST:
                raise Failed(f"wrote more than {MOST} bytes")
            if not piece:
                break
        else:
            raise late
    try:
        process.wait(max(0.0, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise late from None
    return output
