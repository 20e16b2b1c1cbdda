"""What an operator may set of the process that serves live streams; otherwise as `config.variables`."""

from config.variables import PRODUCTION, PUBLIC_URL, env

env.section(
    "Live inbox",
    "Told by a process of its own, `python -m config.streams` ([operations](operations.md#live-inbox)).",
)

STREAM_PORT = env.number(
    "STREAM_PORT",
    0,
    most=65535,
    meaning="The port that streams are served on, at `HOST`. `make run` starts the process where it is set.",
)
STREAM_URL = env.url(
    "STREAM_URL",
    (PUBLIC_URL if PRODUCTION else f"http://127.0.0.1:{STREAM_PORT}") if STREAM_PORT else "",
    unset="`PUBLIC_URL` where `STREAM_PORT` is set; in development that port of this machine",
    meaning="Where people reach it: what the API answers whoever looks for the stream there.",
)
STREAMS = env.number(
    "STREAMS", 1000, least=1, most=20_000, meaning="How many streams one process serves; further ones are told to wait."
)
STREAMS_OF_PERSON = env.number(
    "STREAMS_OF_PERSON", 5, least=1, most=100, meaning="How many of them may be one person's."
)
