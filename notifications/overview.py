"""How the providers fare: what is known of each, by channel, for people to look at."""

from dataclasses import dataclass
from datetime import datetime

from notifications import breakers
from notifications.channels import Channel
from notifications.models import ProviderState
from notifications.providers import registry
from notifications.providers.base import Provider


@dataclass(frozen=True, slots=True)
class Standing:
    """One provider as it stands: its settings, its breaker, and whether messages are given to it."""

    name: str
    health: str
    usable: bool
    state: ProviderState


@dataclass(frozen=True, slots=True)
class Line:
    """The providers of one channel in their order, and the name of the one that gets the next message."""

    channel: Channel
    active: str | None
    providers: tuple[Standing, ...]


def of_channels(now: datetime) -> list[Line]:
    """Return every channel with its chain. One statement, and no call over the network."""
    states = breakers.states()
    lines = []
    for channel in Channel:
        providers = tuple(_standing(one, states, now) for one in registry.providers_of(channel))
        active = next((one.name for one in providers if one.usable), None)
        lines.append(Line(channel, active, providers))
    return lines


def of_providers(now: datetime) -> list[Standing]:
    """Return every provider that some channel uses, once. One statement."""
    states = breakers.states()
    return [_standing(one, states, now) for one in registry.list_used()]


def _standing(provider: Provider, states: dict[str, ProviderState], now: datetime) -> Standing:
    state = states.get(provider.name) or ProviderState(name=provider.name)
    health = provider.health()
    return Standing(provider.name, health, health == "ok" and breakers.is_usable(state, now), state)
