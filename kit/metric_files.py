"""Where processes on one host share their metrics: prometheus-client's files, in a directory, a set for each process.

Each process holds a lock on a file of its own for as long as it lives, however it ends; a process id would not do,
since ids come again, and containers that share the directory have the same ones. What a dead process has counted is
added to an archive, so that no counter ever falls and the files stay few.
"""

import errno
import fcntl
import os
import secrets
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import structlog
from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.values import MultiProcessValue

ARCHIVE = "archive"
SUMMED = ("counter", "histogram")  # kinds of file whose values outlive their process; a level ends with it
FIRST_SIZE = 256 * 1024  # bytes of each file

_log = structlog.get_logger("metrics")


class MetricFiles:
    """The files of all processes that share `directory`, and this process's place among them."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._process = 0
        self._name = ""
        self._alive: IO[bytes] | None = None

    def make_value_class(self, *, otherwise: Any) -> Any:
        """Return the class whose objects hold one value each, in files; `otherwise` where none can be written."""
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(self._directory)  # where the library looks, and nowhere else
        made: Any = None

        def make(*arguments: Any, **options: Any) -> Any:
            nonlocal made
            if made is None:
                try:
                    made = MultiProcessValue(self.name_process)  # type: ignore[no-untyped-call]
                except OSError as error:
                    _log.warning("metrics are not shared", error=type(error).__name__)
                    made = otherwise
            return made(*arguments, **options)

        return make

    def name_process(self) -> str:
        """Return what this process's files are named by. A forked child gets a name of its own."""
        process = os.getpid()
        if process != self._process:
            self._enter()
            self._process = process
        return self._name

    def collect(self) -> list[Metric]:
        """Return what all processes have counted, dead ones too. Raises OSError where the files are out of reach."""
        with self._alone():
            self._bury()
            collector = MultiProcessCollector(None, path=str(self._directory))  # type: ignore[no-untyped-call]
            return list(collector.collect())  # type: ignore[no-untyped-call]

    def _enter(self) -> None:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._alone():
            self._name = secrets.token_hex(8)
            self._alive = (self._directory / f"{self._name}.alive").open("wb")
            fcntl.flock(self._alive, fcntl.LOCK_EX)
            for kind in (*SUMMED, "gauge_livesum"):
                _reserve(self._directory / f"{kind}_{self._name}.db")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let no other process enter, bury or read meanwhile."""
        with (self._directory / "lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _bury(self) -> None:
        """Add what dead processes have counted to the archive, and remove their files."""
        dead = [name for name in self._list_names() if not self._lives(name)]
        if not dead:
            return
        for kind in SUMMED:
            self._archive(kind, [self._directory / f"{kind}_{name}.db" for name in dead])
        for name in dead:
            for path in (*self._directory.glob(f"*_{name}.db"), self._directory / f"{name}.alive"):
                path.unlink(missing_ok=True)

    def _list_names(self) -> set[str]:
        """Return the processes that have left a file here, dead or alive."""
        paths = [path for ending in ("db", "alive") for path in self._directory.glob(f"*.{ending}")]
        return {path.stem.rpartition("_")[2] for path in paths} - {ARCHIVE}

    def _lives(self, name: str) -> bool:
        try:
            with (self._directory / f"{name}.alive").open("rb") as alive:
                fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def _archive(self, kind: str, paths: Iterable[Path]) -> None:
        kept, draft = self._directory / f"{kind}_{ARCHIVE}.db", self._directory / f"{kind}.draft"
        totals: dict[str, float] = defaultdict(float)
        for path in (kept, *paths):
            for key, value in _read(path):
                totals[key] += value
        draft.unlink(missing_ok=True)
        file: Any = MmapedDict(str(draft))  # type: ignore[no-untyped-call]
        for key, value in totals.items():
            file.write_value(key, value, 0.0)
        file.close()
        draft.replace(kept)


def _read(path: Path) -> list[tuple[str, float]]:
    """Return the values in a file; of one that is missing or was torn by a crash, none."""
    try:
        values = MmapedDict.read_all_values_from_file(str(path))  # type: ignore[no-untyped-call]
        return [(key, value) for key, value, _, _ in values]
    except FileNotFoundError:
        return []
    except (RuntimeError, ValueError, struct.error):
        _log.warning("metrics of a dead process cannot be read")
        return []


def _reserve(path: Path) -> None:
    """Make a file whose bytes exist on the disk: writing to a mapped file that cannot grow would kill the process."""
    with path.open("wb") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, FIRST_SIZE)
        except OSError as error:
            if error.errno not in {errno.EINVAL, errno.EOPNOTSUPP}:
                raise
