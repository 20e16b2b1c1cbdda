"""How long a code takes to arrive while much bulk mail waits, against an empty queue; for `bench.delivery_speed`."""

import statistics
import subprocess
import sys
import time

from bench.delivery_speed import ROOT, house, worker_of
from config.testing.children import Child, wait_until
from config.testing.servers import Smtp

CODES = 15
PAUSE = 0.7  # seconds between codes, so that they do not wait for each other
QUEUE = """
from datetime import timedelta
from kit.clock import utcnow
from notifications.lanes import Lane
from notifications.models import Message
now = utcnow()
def rows(number):
    for each in range(number):
        name = f"bulk{each}@example.org"
        yield Message(to=[name], recipient=name, subject="Bulk", text="Bulk.", category="bulk", lane=Lane.BULK,
            created_at=now, due_at=now, expires_at=now + timedelta(days=1))
Message.objects.bulk_create(rows(NUMBER), batch_size=1000)
"""
CODE = """
import time
from datetime import timedelta
from kit.clock import utcnow
from notifications import bell
from notifications.lanes import Lane
from notifications.models import Message
for each in range({codes}):
    time.sleep({pause})
    now = utcnow()
    name = f"code{{each}}@example.org"
    Message.objects.create(to=[name], recipient=name, subject="Code", text="123456", lane=Lane.URGENT,
        created_at=now, due_at=now, expires_at=now + timedelta(minutes=10))
    bell.ring()
    print(f"{{now.timestamp():.6f}}", flush=True)
"""


def beside_bulk(server_url: str, *, bulk: int, delay: float) -> str:
    """Return the median and worst seconds to the mail server's hands with an empty queue and behind `bulk` mails."""
    empty, behind = (_seconds(server_url, bulk=number, delay=delay) for number in (0, bulk))
    medians = statistics.median(empty), statistics.median(behind)
    return (
        f"a code: {medians[0] * 1000:.0f} ms (worst {max(empty) * 1000:.0f}) with an empty queue, "
        f"{medians[1] * 1000:.0f} ms (worst {max(behind) * 1000:.0f}) behind {bulk:,} bulk mails: "
        f"{medians[1] / medians[0]:.2f}x"
    )


def _seconds(server_url: str, *, bulk: int, delay: float) -> list[float]:
    with house("gatehouse", server_url, delay=delay) as (environment, smtp, directory):
        if bulk:
            _inside(QUEUE.replace("NUMBER", str(bulk)), environment)
        worker = Child(worker_of("gatehouse"), log=directory / "worker.log", directory=ROOT, environment=environment)
        try:
            if bulk:
                wait_until("bulk is under way", lambda: any(smtp.inbox.glob("*.eml")), seconds=60)
            else:
                time.sleep(5)
            asked = [float(row) for row in _inside(CODE.format(codes=CODES, pause=PAUSE), environment).split()]
            arrived = [_arrival(smtp, number) for number in range(CODES)]
        finally:
            worker.stop()
    return [end - start for start, end in zip(asked, arrived, strict=True)]


def _inside(script: str, environment: dict[str, str]) -> str:
    command = [sys.executable, "-c", f"import django; django.setup()\n{script}"]
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout


def _arrival(smtp: Smtp, number: int) -> float:
    """Return when a code arrived: the moment its file was written."""

    def found() -> list[float]:
        paths = [path for path in smtp.inbox.glob("*.eml") if b"To: code%d@" % number in path.read_bytes()[:2000]]
        return [path.stat().st_mtime for path in paths]

    return wait_until(f"code {number}", found, seconds=120, pause=1)[0]
