"""What can happen: each app declares its event types once, in its `event_types.py`, as module constants.

A type names the fields that its details may carry, so that nothing is logged by accident: a field that is
not declared is refused, and so is one whose name says that it would hold a secret.
"""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from django.db import models

_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*(?:\.[a-z][a-z0-9]*(?:_[a-z0-9]+)*){2}\Z")
_FIELD = re.compile(r"[a-z][a-z0-9_]*\Z")
_SECRET = re.compile(r"(?:^|_)(?:password|passphrase|secret|token|otp|cookie|authorization)\Z")
MAX_NAME = 100

_declared: dict[str, "EventType"] = {}


class Outcome(models.TextChoices):
    """How an event ended."""

    DONE = "done", "Done"
    REFUSED = "refused", "Refused"


class ActorKind(models.TextChoices):
    """What acted: a known person, an operator's command, the product itself, or somebody who is not known."""

    PERSON = "person", "Person"
    COMMAND = "command", "Command"
    SYSTEM = "system", "System"
    STRANGER = "stranger", "Stranger"


@dataclass(frozen=True, slots=True)
class EventType:
    """One kind of event: `<app>.<noun>.<past participle>`, its meaning in a sentence, the fields its details may carry.

    Declaring one name twice with different contents, or a field that would hold a secret, raises ValueError.
    """

    name: str
    meaning: str
    fields: AbstractSet[str] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", frozenset(self.fields))
        if not _NAME.match(self.name) or len(self.name) > MAX_NAME:
            raise ValueError(f"{self.name!r} is not of the form <app>.<noun>.<past participle>")
        for field in self.fields:
            if not _FIELD.match(field) or _SECRET.search(field):
                raise ValueError(f"{self.name}: {field!r} may not be a field of an event")
        if _declared.setdefault(self.name, self) != self:
            raise ValueError(f"{self.name} is declared twice, differently")


def find(name: str) -> EventType | None:
    """Return the declared event type of this name, or None."""
    return _declared.get(name)


def list_declared() -> list[EventType]:
    """Return every declared event type, by name."""
    return [_declared[name] for name in sorted(_declared)]
