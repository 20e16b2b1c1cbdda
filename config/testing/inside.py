"""A process in the service's environment that runs Python for a test: `python -m config.testing.inside`.

For what no call can do, such as letting a link end a second ago. Starting Django once and not for each line is what it
is for. It reads a JSON text a line, runs it, and answers with a JSON object: what it printed, or the trace.
"""

import contextlib
import io
import json
import subprocess
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path


class Inside:
    """The process. Starts at the first line and ends with `close`."""

    def __init__(self, environment: Mapping[str, str], directory: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "config.testing.inside"],
            cwd=directory,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, code: str) -> str:
        """Run Python and return what it printed. Raises AssertionError with the trace when it fails."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(code) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if answer["trace"]:
            raise AssertionError(answer["trace"])
        printed: str = answer["printed"]
        return printed

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


def main() -> None:
    """Run each line that comes, until there are no more."""
    import django

    django.setup()
    from django.db import connection, connections

    answers = sys.stdout
    for line in sys.stdin:
        printed, trace = io.StringIO(), ""
        try:
            with contextlib.redirect_stdout(printed):
                exec(json.loads(line), {})  # noqa: S102 - the tests' own
        except Exception:  # noqa: BLE001 - told to the test
            trace = traceback.format_exc()
        finally:
            connections.close_all()
            if hasattr(connection, "close_pool"):
                connection.close_pool()  # by the next line the server may have been started anew
        answers.write(json.dumps({"printed": printed.getvalue(), "trace": trace}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
