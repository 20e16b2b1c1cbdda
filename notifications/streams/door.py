"""Who may listen: asked of an app above (NOTIFICATIONS_STREAM_DOOR) when a stream begins, and as long as it lasts."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from kit import seams
from kit.origin import Origin
from notifications import conf


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Listener:
    """Whose inbox is told, until when at the latest, and what the door wants to see again of the credential."""

    person: UUID
    ends_at: datetime
    proof: Any = field(repr=False)


class Door(Protocol):
    """What lets people listen as every other door of the house lets them in. Called on threads, never on the loop."""

    def admit(self, *, authorization: str, origin: Origin, now: datetime) -> Listener:
        """Return who the credential of a request is of. Raises a `Refusal`, as for any other call."""
        ...

    def find_gone(self, listeners: Collection[Listener], now: datetime) -> Collection[Listener]:
        """Return those whose credential no longer holds: by few statements, however many listen."""
        ...


def find() -> Door:
    """Return the door that the settings name. Raises ImportError when they name none."""
    door: Door = seams.load(conf.stream_door())()
    return door
