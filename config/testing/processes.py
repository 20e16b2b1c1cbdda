"""The service, started as its users start it: processes of its own, spoken to over HTTP, read through its mail.

`Gatehouse` is the one-process service (`python -m config.serve`, SQLite, mail to files); `Distributed` is granian,
Celery's worker and its beat as processes of their own on PostgreSQL and Redis, with mail to a real SMTP server. Both
have one interface, so that a journey is written once.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import Any, Self

import requests

from config.testing.children import Child, NotReady, free_port, wait_until
from config.testing.inside import Inside
from config.testing.mailbox import Mailbox
from config.testing.servers import ROOT, Database, Redis, Smtp

BIN = Path(sys.executable).parent
API = "/api/v1"
SECONDS_TO_START = 60
WEB_THREADS = "64"  # of each web process, where there are several
METRICS_TOKEN = "what-the-journeys-read-the-figures-with"


class Gatehouse:
    """The service in one process. Start it with `with`; what it wrote is under `home` and `logs`."""

    def __init__(self, home: Path, *, logs: Path | None = None, **settings: str) -> None:
        self.home = home
        self.logs = logs or home / "logs"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = settings
        self.children: dict[str, Child] = {}
        self._inside: Inside | None = None
        self.mailbox = Mailbox(home / "mail")
        home.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        try:
            self.start()
            self.wait_until_ready()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def environment(self) -> dict[str, str]:
        """Return all that its processes see: nothing of the developer's own settings among it."""
        return {
            **{name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "SYSTEMROOT") if name in os.environ},
            "HOME": str(self.home),
            "PYTHONUNBUFFERED": "1",
            "GATEHOUSE_ENV": "development",
            "GATEHOUSE_HOME": str(self.home),
            "PORT": str(self.port),
            "PUBLIC_URL": self.url,
            "RATE_LIMIT_SCALE": "10000",
            "DATABASE_URL": f"sqlite:///{self.home / 'gatehouse.sqlite3'}",
            "REDIS_URL": "",
            "CELERY_BROKER_URL": "memory://",
            "EMAIL_HOST": "",
            "METRICS_TOKEN": METRICS_TOKEN,
            **self.settings,
        }

    def commands(self) -> Mapping[str, list[str]]:
        """Return the command line of each process, by its name."""
        return {"serve": [sys.executable, "-m", "config.serve"]}

    def start(self) -> None:
        """Start every process that does not run."""
        for name in self.commands():
            self.start_process(name)

    def start_process(self, name: str) -> None:
        """Start one process, unless it runs."""
        if name in self.children and self.children[name].alive():
            return
        log = self.logs / f"{name}.log"
        command = self.commands()[name]
        self.children[name] = Child(command, log=log, environment=self.environment(), directory=ROOT)

    def wait_until_ready(self) -> None:
        """Wait until it says that it can serve. Raises NotReady with the end of its log."""
        try:
            wait_until("the service", self._ready, seconds=SECONDS_TO_START, pause=0.1)
        except NotReady as error:
            raise NotReady(f"{error}\n{self.last_lines()}") from None

    def kill(self, *names: str) -> None:
        """End processes at once (SIGKILL, with all that they started): those named, else all of them."""
        for name in names or tuple(self.children):
            self.children[name].kill()

    def stop(self) -> dict[str, int]:
        """Ask all processes to end (SIGTERM to their groups) and return their exit statuses."""
        return {name: child.stop(by=signal.SIGTERM) for name, child in reversed(self.children.items())}

    def close(self) -> None:
        """Stop it and give back what it used."""
        if self._inside is not None:
            self._inside.close()
            self._inside = None
        self.stop()

    def manage(self, *arguments: str, stdin: str = "") -> str:
        """Run a command of manage.py in the service's environment and return what it printed; raises when it fails."""
        result = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment(),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if result.returncode:
            raise AssertionError(
                f"manage.py {' '.join(arguments)}: {result.returncode}\n{result.stdout}{result.stderr}"
            )
        return result.stdout

    def command(self, *arguments: str, stdin: str = "") -> str:
        """Do what `manage` does, past the start of one more process: for what a test needs and is not about."""
        return self.inside(
            "import io, sys\n"
            "from django.core.management import call_command\n"
            f"sys.stdin = io.StringIO({stdin!r})\n"
            f"call_command(*{arguments!r})\n"
        )

    def inside(self, code: str) -> str:
        """Run Python past the service, in its environment and on its database, and return what it printed."""
        if self._inside is None:
            self._inside = Inside({**self.environment(), "DJANGO_SETTINGS_MODULE": "config.settings"}, ROOT)
        return self._inside.run(code)

    def last_lines(self) -> str:
        """Return the ends of the logs."""
        return "\n".join(f"--- {name}\n{child.last_lines()}" for name, child in self.children.items())

    def request(self, method: str, path: str, *, bearer: str = "", **options: Any) -> requests.Response:
        """Make one request to a path from the root."""
        headers = {**options.pop("headers", {}), **({"Authorization": f"Bearer {bearer}"} if bearer else {})}
        return requests.request(method, self.url + path, headers=headers, timeout=30, allow_redirects=False, **options)

    def post(self, path: str, body: Any = None, *, bearer: str = "", **options: Any) -> requests.Response:
        """Post a JSON body to a path below /api/v1."""
        return self.request("POST", API + path, bearer=bearer, json=body, **options)

    def get(self, path: str, *, bearer: str = "") -> requests.Response:
        """Get a path below /api/v1."""
        return self.request("GET", API + path, bearer=bearer)

    def _ready(self) -> bool:
        for name, child in self.children.items():
            if not child.alive():
                raise NotReady(f"{name} ended at its start:\n{child.last_lines()}")
        try:
            return self.request("GET", "/health/ready").status_code == 200
        except requests.RequestException:
            return False


class Distributed(Gatehouse):
    """The service as separate processes: web, worker, beat; PostgreSQL, Redis and an SMTP server are real.

    Its Redis is its own unless one is named: services that share one count together and take each other's tasks.
    """

    def __init__(
        self,
        home: Path,
        *,
        server_url: str,
        redis_url: str = "",
        smtp_delay: float = 0,
        web_processes: int = 2,
        **options: Any,
    ) -> None:
        super().__init__(home, **options)
        self._web_processes = str(web_processes)
        self._redis = nullcontext() if redis_url else Redis()
        self.redis_url = self._redis.url if isinstance(self._redis, Redis) else redis_url
        self._stack = ExitStack()
        self.database = Database(server_url)
        self.smtp = Smtp(delay=smtp_delay)
        self.mailbox = Mailbox(self.smtp.inbox)
        self._prepared = False

    def environment(self) -> dict[str, str]:
        """Return all that its processes see."""
        return {
            **super().environment(),
            "DATABASE_URL": self.database.url,
            "REDIS_URL": self.redis_url,
            "CELERY_BROKER_URL": self.redis_url,
            "WEB_THREADS": WEB_THREADS,
            **self.smtp.settings,
            **self.settings,
        }

    def commands(self) -> Mapping[str, list[str]]:
        """Return the command line of each process, by its name."""
        granian = [str(BIN / "granian"), "--interface", "wsgi", "config.wsgi:application", "--host", "127.0.0.1"]
        workers = ["--workers", self._web_processes, "--blocking-threads", WEB_THREADS]
        celery = [str(BIN / "celery"), "-A", "config"]
        return {
            "web": [*granian, "--port", str(self.port), *workers],
            "worker": [*celery, "worker", "--loglevel", "INFO"],
            "beat": [*celery, "beat", "--loglevel", "INFO"],
            **({"streams": [sys.executable, "-m", "config.streams"]} if "STREAM_PORT" in self.settings else {}),
        }

    def start(self) -> None:
        """Make the database and start mail server and Redis at the first call; then every process that does not run."""
        if not self._prepared:
            self._stack.enter_context(self._redis)
            self._stack.enter_context(self.smtp)
            self._stack.enter_context(self.database)
            self.manage("migrate", "--verbosity", "0")
            self._prepared = True
        super().start()

    def close(self) -> None:
        """Stop it, its mail server and its Redis last, and drop its database."""
        super().close()
        self._stack.close()
