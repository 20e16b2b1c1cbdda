"""Whose turn it is: the providers of a channel in their order, without those that cannot be used or have failed it.

A message in doubt stays with the provider that may have taken it, as long as that one can tell and may come back: any
other would make a second one of it. A message that was taken in silence is asked after, and passed on.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from notifications import outcomes
from notifications.breakers import Board
from notifications.lanes import Lane, patience_of
from notifications.models import Message
from notifications.providers import registry
from notifications.providers.base import Provider

Status = Message.Status


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What to do with a claimed message now: hand it to `provider`, or write `changes`.

    `look`: ask the provider first whether it has taken it. `send`: hand it over if not. `probe`: the provider's breaker
    is open, and this call would find out how it is.
    """

    provider: Provider | None = None
    look: bool = False
    send: bool = True
    probe: bool = False
    changes: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Channels:
    """The channels that can carry nothing now, and those that may be tried with one message."""

    blocked: tuple[str, ...]
    probing: tuple[str, ...]

    @property
    def unready(self) -> tuple[str, ...]:
        """Return the channels of which nothing is claimed but for a probe."""
        return self.blocked + self.probing


def survey(board: Board, now: datetime) -> Channels:
    """Tell which channels have no provider that can be used. What waits for those is left as it is."""
    blocked: list[str] = []
    probing: list[str] = []
    for channel in registry.CHANNELS:
        names = [provider.name for provider in registry.providers_of(channel)]
        if any(board.is_usable(name, now) for name in names):
            continue
        may_be_probed = any(board.may_be_probed(name, now) for name in names)
        (probing if may_be_probed else blocked).append(channel)
    return Channels(tuple(blocked), tuple(probing))


def next_step(
    message: Message, board: Board, now: datetime, *, doubted: datetime | None, tried: Collection[str]
) -> Step:
    """Return what to do with a claimed message. What this decides on its doubts is noted on it, in memory.

    `doubted` is since when it is in doubt, `tried` the providers that have failed it in this claim.
    """
    if message.expires_at is not None and message.expires_at <= now:
        asking = now < message.expires_at + patience_of(message.lane).doubt
        return (asking and _asking(message, board, now, waits=True)) or Step(changes=outcomes.expired(message))
    step = _after_silence(message, board, now) if message.awaiting else None
    avoided = message.in_doubt
    if step is None and message.in_doubt:
        step = _in_doubt(message, board, now, doubted or now)
    return step or _by_turn(message, board, now, tried, avoided)


def left(message: Message, tried: Collection[str] = ()) -> list[Provider]:
    """Return the providers that may still get a message out."""
    without = {*message.passed_over, *tried}
    return [provider for provider in registry.providers_of(message.channel) if provider.name not in without]


def may_go_on(message: Message, board: Board, now: datetime, tried: Collection[str]) -> bool:
    """Tell whether another provider may try a message at once."""
    if message.in_doubt:
        return False
    names = [provider.name for provider in left(message, tried)]
    return any(board.is_usable(name, now) or board.may_be_probed(name, now) for name in names)


def waiting(message: Message, due_at: datetime | None = None) -> dict[str, Any]:
    """Return what to write on a message that was claimed and not begun: as if it had not been."""
    status = Status.SENDING if message.awaiting else Status.QUEUED
    changes: dict[str, Any] = {"status": status, "claims": max(0, message.claims - 1)}
    return changes if due_at is None else changes | {"due_at": due_at}


def _after_silence(message: Message, board: Board, now: datetime) -> Step | None:
    """Return what to do with a message of which its provider has said nothing for too long; None: go on."""
    name = message.awaiting
    is_alone = not left(message, (name,))
    asking = _asking(message, board, now, waits=is_alone or not patience_of(message.lane).resend_ambiguous)
    if asking is not None:
        return asking
    if is_alone:
        message.in_doubt = ""
        return Step(changes=outcomes.failed(outcomes.UNKNOWN) | {"awaiting": ""})
    if message.in_doubt == name:
        message.in_doubt = ""
    outcomes.pass_over(message, name)
    return None


def _asking(message: Message, board: Board, now: datetime, *, waits: bool) -> Step | None:
    """Return how a silent provider is asked what became of a message, or (`waits`) when; None where it cannot be."""
    name, provider = message.awaiting, registry.find(message.awaiting)
    if provider is None or not provider.guarantees.looks_up:
        return None
    is_usable = board.is_usable(name, now)
    if is_usable or (waits and board.may_be_probed(name, now)):
        return Step(provider=provider, look=True, send=False, probe=not is_usable)
    return Step(changes=waiting(message, board.back_at(name, now))) if waits else None


def _in_doubt(message: Message, board: Board, now: datetime, since: datetime) -> Step | None:
    """Return what to do with a message that its provider may have taken; None: send it, whatever that makes of it."""
    name, patience = message.in_doubt, patience_of(message.lane)
    provider = registry.find(name)
    deadline = since + patience.doubt
    if provider is not None and (provider.guarantees.keys or provider.guarantees.looks_up) and now < deadline:
        if board.is_usable(name, now) or board.may_be_probed(name, now):
            probe = not board.is_usable(name, now)
            return Step(provider=provider, look=provider.guarantees.looks_up, probe=probe)
        return Step(changes=waiting(message, min(board.back_at(name, now), deadline)))
    if not patience.resend_ambiguous:
        return Step(changes=outcomes.failed(outcomes.UNKNOWN))
    message.in_doubt = ""
    return None


def _by_turn(message: Message, board: Board, now: datetime, tried: Collection[str], avoided: str) -> Step:
    # What one provider keeps swallowing goes to another first.
    candidates = sorted(left(message), key=lambda provider: provider.name == avoided)
    step = _first(message, board, now, [provider for provider in candidates if provider.name not in tried])
    if step is not None:
        return step
    if candidates:
        return Step(changes=waiting(message, _due_at(message, board, now, candidates)))
    if registry.providers_of(message.channel):
        return Step(changes=outcomes.undelivered(message, now))
    return Step(changes=waiting(message))


def _first(message: Message, board: Board, now: datetime, candidates: list[Provider]) -> Step | None:
    """Return the first turn that can be taken.

    A code finds out how a provider is only when nobody else can carry it, or nothing else has come along to do so.
    """
    spared = message.lane == Lane.URGENT and any(board.is_usable(provider.name, now) for provider in candidates)
    for provider in candidates:
        name = provider.name
        if board.is_usable(name, now):
            return Step(provider=provider)
        if board.may_be_probed(name, now) and not (spared and board.was_open_lately(name, now)):
            return Step(provider=provider, probe=True)
    return None


def _due_at(message: Message, board: Board, now: datetime, candidates: list[Provider]) -> datetime | None:
    """Return when to look again: nothing is moved where the whole channel waits, for then nothing of it is claimed."""
    if message.channel in survey(board, now).blocked:
        return None
    return min(board.back_at(provider.name, now) for provider in candidates)
