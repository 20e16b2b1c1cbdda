"""`python -m config.serve`, what `make run` starts: the whole service from one command.

A small process listens for signals; its one child is the service: web, worker and beat. The child alone loads Django,
so that the pair costs little more memory than the service itself. With STREAM_PORT it starts one more for the live
inbox (`config.streams`).
"""

import contextlib
import fcntl
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from config import __version__, web_process
from config.environment import Environment, stop

SECONDS_TO_STOP = 15


def main() -> None:
    """Serve until SIGTERM or SIGINT. Exits non-zero, saying why, when it cannot."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    env = Environment()
    host, port = web_process.host_and_port(env)
    threads = web_process.threads(env)
    env.stop_if_refused()
    lock = _only_one(env.home)
    require_free(host, port)
    server = Server(
        "config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        websockets=False,
        workers_kill_timeout=SECONDS_TO_STOP,
        log_level=LogLevels.critical,
    )
    try:
        server.serve(target_loader=load, wrap_loader=False)
    finally:
        lock.close()


def load() -> Callable[..., Any]:
    """Make everything ready in the serving process and return the WSGI application."""
    # Until the server has set its own, a signal ends this process as it would any other.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    leave_out_unused_drivers()
    prepare()
    from config import background
    from config.wsgi import application

    background.start()
    background.start_streams()
    _say_where()
    return application


def prepare() -> None:
    """Bring database and keys up to date. Safe to repeat, also after a start that was killed half-way."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from config import startup
    from kit.clock import utcnow
    from notifications import dispatching
    from vault import signing_keys

    startup.require_database()
    _say("Bringing the database up to date.")
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    signing_keys.ensure(now=utcnow())
    if settings.EMBEDDED and settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        # One process at a time serves this file (`_only_one`): what a killed one held is nobody's now.
        dispatching.recover()


def leave_out_unused_drivers() -> None:
    """On SQLite, keep Django REST framework from loading PostgreSQL's driver, which costs 11 MB and 0.1 s."""
    from django.conf import settings

    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        sys.modules.setdefault("psycopg", None)  # type: ignore[arg-type]


def _only_one(home: Path) -> IO[str]:
    """Hold the home of this service for this process; the lock ends with it, however it ends."""
    lock = (home / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        stop(["GATEHOUSE_HOME is in use by another process of this service."])
    return lock


def require_free(host: str, port: int, *, name: str = "PORT") -> None:
    """End the process, naming the setting, where a port cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            stop([f"{name} {port} of HOST {host} cannot be listened on: it is taken, or not ours."])


def _say_where() -> None:
    from django.conf import settings

    mail = "smtp" if settings.EMAIL_HOST else settings.GATEHOUSE_HOME / "mail"
    python = os.path.relpath(sys.executable, Path.cwd())
    _say(
        f"Gatehouse {__version__} is ready.\n"
        f"  API pages  {settings.PUBLIC_URL}/api/v1/docs\n"
        f"  Admin      {settings.PUBLIC_URL}/admin/\n"
        f"  Mail       {mail}\n"
        "  The first staff account:\n"
        f"    {python} manage.py accounts_create you@example.com --password-stdin --staff --superuser"
    )


def _say(text: str) -> None:
    """Speak to whoever started us; standard output belongs to the log."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - this is what it is for


if __name__ == "__main__":
    # `python -m` runs this file under another name, which a loader that is sent to a child must not have.
    from config import serve  # noqa: PLW0406 - as above

    with contextlib.suppress(KeyboardInterrupt):
        serve.main()
