"""What a worker keeps at its broker: nothing. It is a bell, which may be lost at any moment."""

import os
import subprocess
import sys
from pathlib import Path

TAKEN = """
import os
from config.testing.servers import Redis

with Redis() as server:
    os.environ["CELERY_BROKER_URL"] = server.url
    from config.celery import app

    taken = []
    with app.connection_for_read() as line, app.amqp.TaskConsumer(line.default_channel, on_message=taken.append):
        app.send_task("house.wake")
        line.drain_events(timeout=10)
        kept = sorted(line.default_channel.client.keys("unacked*"))
    print(len(taken), kept)
"""


def test_task_in_hand_is_not_kept_at_the_broker_whose_loss_would_end_its_worker(tmp_path: Path) -> None:
    own = {"DJANGO_SETTINGS_MODULE": "config.settings", "GATEHOUSE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", TAKEN], env=os.environ | own, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.splitlines()[-1:] == ["1 []"], done.stdout + done.stderr
