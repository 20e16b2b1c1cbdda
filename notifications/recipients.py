"""Where people are reached: asked of the app above that knows them, by the dotted path NOTIFICATIONS_RECIPIENTS.

Whoever is unknown and whoever may not act are not among the answers, and so look alike.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from kit import seams
from notifications import conf
from notifications.channels import Channel

_AT_ONCE = 100  # people in one statement


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """Where one person is reached; empty: not on this channel. A number is one that she has confirmed."""

    email: str = ""
    phone: str = ""
    whatsapp: str = ""
    telegram: str = ""
    locale: str = ""
    time_zone: str = ""
    is_active: bool = True

    def address_on(self, channel: str, person: UUID) -> str:
        """Return her address on a channel. Devices and the inbox are found by the person herself."""
        by_channel = {
            Channel.EMAIL: self.email,
            Channel.SMS: self.phone,
            Channel.WHATSAPP: self.whatsapp,
            Channel.TELEGRAM: self.telegram,
        }
        return by_channel.get(Channel(channel), str(person))


Resolver = Callable[[Collection[UUID]], Mapping[UUID, Contact]]


def resolve(people: Collection[UUID]) -> dict[UUID, Contact]:
    """Return where these people are reached, without those who are unknown or stopped. One statement for a hundred."""
    asked = list(dict.fromkeys(people))
    path = conf.recipients()
    if not path:
        return {}
    found: dict[UUID, Contact] = {}
    for start in range(0, len(asked), _AT_ONCE):
        found |= seams.load(path)(asked[start : start + _AT_ONCE])
    return {person: contact for person, contact in found.items() if contact.is_active}
