"""Metrics for Prometheus: what each process counts as it works, and figures that are read when somebody asks.

Every label says which values it may have; whatever else comes counts as `other`. So nothing that a client sends can
make series without end, and no figure holds a name, an address or a path. An app declares its own in `metrics.py`.
"""

import itertools
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import prometheus_client
import structlog
from prometheus_client import values as client_values
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry

from kit.metric_files import MetricFiles

PREFIX = "gatehouse_"
OTHER = "other"
MOST_SERIES = 2_000  # of one figure in one process; what comes after them is counted as `other`
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
CONTENT_TYPE = prometheus_client.CONTENT_TYPE_PLAIN_0_0_4

# What a label may say: a set of words; a function that returns it, asked once; or None for what only code can choose
# (the pattern of a route, the name of a task), never a client.
Words = Collection[str] | Callable[[], Collection[str]] | None

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]

_log = structlog.get_logger("metrics")
_lock = threading.Lock()
_declared: dict[str, "Figure"] = {}
_registry = CollectorRegistry()
_files: MetricFiles | None = None


class Figure:
    """One thing that is counted or measured: its name (without the prefix), its meaning, the words of its labels."""

    kind: ClassVar[str] = ""
    is_read: ClassVar[bool] = False

    def __init__(self, name: str, meaning: str, /, **labels: Words) -> None:
        self.name = PREFIX + name
        self.meaning = meaning
        self.labels = tuple(labels)
        self._words: dict[str, Words] = labels
        if self.name in _declared:
            raise ValueError(f"{self.name} is declared twice.")
        _declared[self.name] = self

    def bounded(self, given: dict[str, str]) -> tuple[str, ...]:
        """Return the values of the labels, each one that is not allowed as `other`. They are given in their order."""
        if tuple(given) != self.labels:
            raise TypeError(f"{self.name} has the labels {self.labels}, not {tuple(given)}.")
        return tuple(given[label] if self._allows(label, given[label]) else OTHER for label in self.labels)

    def begin(self) -> None:
        """Tell everything that may be counted, though nothing has been."""

    def words(self, label: str) -> tuple[str, ...]:
        """Return what a label may say, where that is written in the code."""
        words = self._words[label]
        return () if words is None or callable(words) or isinstance(words, frozenset) else tuple(words)

    def _allows(self, label: str, value: str) -> bool:
        words = self._words[label]
        if callable(words):
            words = self._words[label] = frozenset(words())
        return words is None or value in words


class _Kept(Figure):
    """A figure that this process keeps. Nothing is made before the first use, so that `share` may come first."""

    def __init__(self, name: str, meaning: str, /, **labels: Words) -> None:
        super().__init__(name, meaning, **labels)
        self._parent: Any = None
        self._children: dict[tuple[str, ...], Any] = {}
        self._is_begun = False

    def begin(self) -> None:
        if not self._is_begun:
            self._is_begun = True
            for words in itertools.product(*(self.words(label) for label in self.labels)):
                self._child(dict(zip(self.labels, words, strict=True)))

    def _child(self, given: dict[str, str]) -> Any:
        # What is there already was allowed.
        return self._children.get(tuple(given.values())) or self._make_child(given)

    def _make_child(self, given: dict[str, str]) -> Any:
        key = self.bounded(given)
        if len(self._children) >= MOST_SERIES and key not in self._children:
            key = (OTHER,) * len(key)
        with _lock:
            try:
                if self._parent is None:
                    self._parent = self._make()
                return self._children.setdefault(key, self._parent.labels(*key) if key else self._parent)
            except OSError as error:  # a full disk: what is counted goes nowhere, and nobody's request fails for it
                _log.warning("metrics cannot be kept", error=type(error).__name__)
                return _NOWHERE

    def _make(self) -> Any:
        raise NotImplementedError


class Counter(_Kept):
    """How often something has happened. Its name ends in `_total`."""

    kind = "counter"

    def count(self, amount: float = 1, /, **labels: str) -> None:
        """Count something that has happened."""
        self._child(labels).inc(amount)

    def _make(self) -> Any:
        return prometheus_client.Counter(self.name, self.meaning, self.labels, registry=_registry)


class Level(_Kept):
    """How many of something there are at this moment, in all processes together."""

    kind = "gauge"

    @contextmanager
    def raised(self, **labels: str) -> Iterator[None]:
        """Count one more for as long as the block lasts."""
        child = self._child(labels)
        child.inc()
        try:
            yield
        finally:
            child.dec()

    def _make(self) -> Any:
        return prometheus_client.Gauge(
            self.name, self.meaning, self.labels, registry=_registry, multiprocess_mode="livesum"
        )


class Durations(_Kept):
    """How long something takes, in seconds, as a histogram."""

    kind = "histogram"

    def observe(self, seconds: float, /, **labels: str) -> None:
        """Note how long it took this time."""
        self._child(labels).observe(seconds)

    def _make(self) -> Any:
        return prometheus_client.Histogram(self.name, self.meaning, self.labels, registry=_registry, buckets=SECONDS)


class Reading(Figure):
    """A figure that is not kept but read, from the database, when somebody asks."""

    kind = "gauge"
    is_read = True

    def of(self, value: float, /, **labels: str) -> "Sample":
        """Return the value that was read."""
        return Sample(self, self.bounded(labels), value)


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of a reading."""

    reading: Reading
    labels: tuple[str, ...]
    value: float


def share(directory: Path) -> None:
    """Keep this process's figures in files of a directory, where each process on this host finds those of all others.

    Call it before anything is counted. Where the directory cannot be written, the process keeps its figures to itself.
    """
    global _files  # noqa: PLW0603 - where figures are kept is a fact of the process
    files = MetricFiles(directory)
    with _lock:
        client_values.ValueClass = files.make_value_class(otherwise=client_values.MutexValue)
        _files = files


def expose(samples: Iterable[Sample] = ()) -> bytes:
    """Return everything that was counted, by all processes that share a directory, and these samples, as text.

    What has never happened is told as zero wherever the code lists what its labels may say: from nothing to one is a
    rise that Prometheus would not see.
    """
    for figure in list_declared():
        figure.begin()
    return prometheus_client.generate_latest(_Collected([*_kept(), *_readings(samples)]))


def list_declared() -> list[Figure]:
    """Return every figure that was declared in the modules loaded so far, by name."""
    return [_declared[name] for name in sorted(_declared)]


def _kept() -> Iterable[Metric]:
    try:
        return _registry.collect() if _files is None else _files.collect()
    except OSError as error:
        _log.warning("metrics of other processes are out of reach", error=type(error).__name__)
        return _registry.collect()


class _Nowhere:
    """Takes what cannot be kept."""

    def inc(self, amount: float = 1) -> None: ...

    def dec(self, amount: float = 1) -> None: ...

    def observe(self, amount: float) -> None: ...


_NOWHERE = _Nowhere()


class _Collected(Collector):
    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _readings(samples: Iterable[Sample]) -> Iterable[Metric]:
    found: dict[Reading, list[Sample]] = defaultdict(list)
    for sample in samples:
        found[sample.reading].append(sample)
    for reading, its_samples in found.items():
        metric = Metric(reading.name, reading.meaning, reading.kind)
        for sample in its_samples:
            metric.add_sample(reading.name, dict(zip(reading.labels, sample.labels, strict=True)), sample.value)
        yield metric
