"""Kinds of message that apps above declare. A kind knows how to build its context when the message is sent, not before.

So a link or code that is derived from a row's id exists only in the worker's memory and in the mail itself: message,
queue and attempts hold the row's id (`reference`) and nothing that opens anything.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings

from kit import seams
from notifications.channels import Channel
from notifications.lanes import Lane


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """What a message is rendered from. An empty `template` means the kind's own."""

    context: Mapping[str, Any] = field(default_factory=dict)
    template: str = ""


Builder = Callable[[UUID, datetime], Content | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of message: its name (`accounts.email_confirmation`), how pressing it is, what it is built from.

    `template` is the path of its templates without their endings (`accounts/messages/email_confirmation`,
    to which `.subject.txt`, `.txt` and, if there is one, `.html` are added). `build(reference, now)` runs
    in the worker, outside any transaction, for each attempt, and must give the same content each time; None says
    that there is nothing to send any more (the link was used), and the message ends `suppressed`. It is
    a function or its dotted path. `expires_after` is how long after it was accepted the message is still worth sending.
    `channel` is the way it goes: a short message (`sms`, `whatsapp`) has the template `.txt` alone. `sample` is a
    context as `build` would make one: each variable that a wording of staff's own may use, as previews show it.
    """

    name: str
    lane: Lane
    category: str
    template: str
    build: Builder | str
    expires_after: timedelta
    channel: Channel = Channel.EMAIL
    sample: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def endings(self) -> tuple[str, ...]:
        """What must be added to `template` to name a template that has to be there."""
        return (".subject.txt", ".txt") if self.channel == Channel.EMAIL else (".txt",)

    def content(self, reference: UUID, now: datetime) -> Content | None:
        """Return what to render now, or None when there is nothing to send any more."""
        build: Builder = seams.load(self.build) if isinstance(self.build, str) else self.build
        return build(reference, now)


def find(name: str) -> Kind | None:
    """Return the kind of that name, among those of the modules in settings.NOTIFICATIONS_KINDS."""
    return _declared(tuple(getattr(settings, "NOTIFICATIONS_KINDS", ()))).get(name)


def list_declared() -> list[Kind]:
    """Return every declared kind, by name."""
    kinds = _declared(tuple(getattr(settings, "NOTIFICATIONS_KINDS", ())))
    return [kinds[name] for name in sorted(kinds)]


@cache
def _declared(modules: tuple[str, ...]) -> dict[str, Kind]:
    """Return the kinds by name. Raises ValueError when two modules declare the same name."""
    found: dict[str, Kind] = {}
    for module in modules:
        for kind in import_module(module).KINDS:
            if found.setdefault(kind.name, kind) is not kind:
                raise ValueError(f"two kinds of message are named {kind.name}")
    return found
