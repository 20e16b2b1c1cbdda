"""What `celery -A config worker` starts."""

import json
import subprocess
import sys

STEPS = """
import json
from config.celery import BeatStep, app
app.steps["worker"] = {BeatStep}
[beat] = [step for step in app.Worker(beat=True).steps if step.label == "Beat" or isinstance(step, BeatStep)]
print(json.dumps([type(beat).__name__, beat.obj.daemon]))
"""


def test_beat_of_a_worker_is_a_thread_of_it_and_no_second_process() -> None:
    done = subprocess.run([sys.executable, "-c", STEPS], capture_output=True, text=True, check=True, timeout=120)
    assert json.loads(done.stdout.splitlines()[-1]) == ["BeatStep", True]
