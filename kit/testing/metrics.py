"""Reading metrics in tests, out of the text that Prometheus gets."""

from collections.abc import Iterable

from prometheus_client.parser import text_string_to_metric_families

from kit import metrics
from kit.metrics import PREFIX, Sample

Values = dict[tuple[str, ...], float]


def read(name: str, samples: Iterable[Sample] = ()) -> Values:
    """Return what is exposed under a name (without the prefix): values as `parse` gives them."""
    return parse(metrics.expose(samples).decode(), name)


def parse(text: str, name: str) -> Values:
    """Return what a text holds under a name, by the labels' values in the alphabetical order of the labels."""
    return {
        tuple(sample.labels[label] for label in sorted(sample.labels)): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == PREFIX + name
    }
