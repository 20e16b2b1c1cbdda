"""`python -m config.streams`: the process that tells people live what changes in their inboxes.

It is one of its own, so that a thousand open streams hold no worker of the API; `make run` starts it when STREAM_PORT
is set. Any number of them may run: each looks at the database by itself.
"""

import asyncio
import logging
import os
import signal
import sys

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from config.environment import Environment, stop

SECONDS_TO_STOP = 3.0
MIDDLEWARE = (
    "kit.middleware.RequestContext",
    "kit.middleware.SecurityHeaders",
    "corsheaders.middleware.CorsMiddleware",
)


def main() -> None:
    """Serve until SIGTERM or SIGINT. Exits non-zero, saying why, when it cannot."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    Environment().stop_if_refused()
    _prepare()
    asyncio.run(_serve())
    logging.shutdown()
    sys.stderr.flush()
    # Everybody has been told. A thread of the server's that is ending yet would panic while Python takes itself apart.
    os._exit(0)


def _prepare() -> None:
    import django

    from config import serve

    serve.leave_out_unused_drivers()
    django.setup(set_prefix=False)
    from django.conf import settings

    from config import background, startup

    if not settings.STREAM_PORT:
        stop(["STREAM_PORT is missing: streams are served on no port."])
    startup.require_database()
    startup.require_whole_database()
    serve.require_free(settings.HOST, settings.STREAM_PORT, name="STREAM_PORT")
    background.end_with_parent()


async def _serve() -> None:
    from django.conf import settings

    from kit import seams
    from notifications.streams import conf, door
    from notifications.streams.app import StreamApp
    from notifications.streams.hub import Hub

    guard = door.find()
    hub = Hub(guard)
    app = StreamApp(hub=hub, door=guard, middleware=[seams.load(path) for path in MIDDLEWARE])
    server = Server(
        app,
        address=settings.HOST,
        port=settings.STREAM_PORT,
        interface=Interfaces.ASGINL,
        websockets=False,
        backlog=1024,
        # Beyond the streams themselves there must be room to say that there is none for more.
        backpressure=conf.streams() + 256,
        log_level=LogLevels.critical,
    )
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    looking, serving = asyncio.create_task(hub.run()), asyncio.create_task(server.serve())
    print(f"  Live inbox {conf.url()}", file=sys.stderr, flush=True)  # noqa: T201 - to whoever started it
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait({waiting, serving}, return_when=asyncio.FIRST_COMPLETED)
    await hub.close(SECONDS_TO_STOP)
    server.stop()  # type: ignore[no-untyped-call]
    looking.cancel()
    await serving
    hub.forget_threads()


if __name__ == "__main__":
    main()
