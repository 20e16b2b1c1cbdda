"""The settings of streams, typed; `config.stream_variables` says what each means to an operator."""

from django.conf import settings

PATH = "/api/v1/inbox/stream"


def door() -> str:
    """NOTIFICATIONS_STREAM_DOOR: dotted path of the class that says who may listen (`notifications.streams.door`)."""
    return str(settings.NOTIFICATIONS_STREAM_DOOR)


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


def threads() -> int:
    """NOTIFICATIONS_STREAM_THREADS: on how many threads, each with a connection, those who come are let in."""
    return int(getattr(settings, "NOTIFICATIONS_STREAM_THREADS", 4))
