"""The files under docs/ that are made of the code, and what makes each."""

from collections.abc import Callable, Mapping
from pathlib import Path

from config.documents import api, badges, configuration, events, licences, metrics, permissions
from config.environment import BASE_DIR

DIRECTORY = BASE_DIR / "docs"

MAKERS: Mapping[str, Callable[[], str]] = {
    "api.md": api.make,
    "configuration.md": configuration.make,
    "events.md": events.make,
    "metrics.md": metrics.make,
    "permissions.md": permissions.make,
    "licences.md": licences.make,
    "images/facts.svg": badges.make,
}


def write(directory: Path = DIRECTORY) -> None:
    """Write every document."""
    for name, make in MAKERS.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make(), encoding="utf-8")


def list_stale(directory: Path = DIRECTORY) -> list[str]:
    """Return the names of the documents whose files are missing or say something else than the code."""
    return [name for name, make in MAKERS.items() if _read(directory / name) != make()]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
