"""The settings of streams, typed; `config.stream_variables` says what each means to an operator."""

from django.conf import settings

PATH = "/api/v1/inbox/stream"


def url() -> str:
    """STREAM_URL: the origin at which the process is reached that serves streams; empty: there is none."""
    origin = str(getattr(settings, "STREAM_URL", ""))
    return f"{origin}{PATH}" if origin else ""


def streams() -> int:
    """STREAMS: how many streams one process serves."""
    return int(getattr(settings, "STREAMS", 1000))


def streams_of_person() -> int:
    """STREAMS_OF_PERSON: how many streams one process serves to one person."""
    return int(getattr(settings, "STREAMS_OF_PERSON", 5))
