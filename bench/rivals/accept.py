"""Take so many mails in, as a request of each way would: `python -m bench.rivals.accept WAY NUMBER`.

Prints the seconds that it took. One call, and where there is a database one commit, for each mail.
"""

import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import cast

import django


def main() -> None:
    """Accept the mails of one way."""
    way, number = sys.argv[1], int(sys.argv[2])
    accept = WAYS[way]()
    started = time.perf_counter()
    for each in range(number):
        accept(each)
    sys.stdout.write(f"{time.perf_counter() - started:.4f}\n")


def celery() -> Callable[[int], object]:
    """Return what plain Celery does: publish a task."""
    return cast("Callable[[int], object]", import_module("bench.rivals.tasks").mail.delay)


def post_office() -> Callable[[int], object]:
    """Return what django-post-office does: write a row, to be sent by its command."""
    django.setup()
    mail = import_module("post_office.mail")
    return lambda number: mail.send(
        f"r{number}@example.org", "house@example.org", subject=f"Message {number}", message="Under measure."
    )


def gatehouse() -> Callable[[int], object]:
    """Return what the service does: message and audit entry in one transaction, then the bell."""
    django.setup()
    accept: Callable[[int], object] = import_module("bench.rivals.house").accept
    return accept


WAYS: dict[str, Callable[[], Callable[[int], object]]] = {
    "gatehouse": gatehouse,
    "celery": celery,
    "post_office": post_office,
}


if __name__ == "__main__":
    main()
