"""What messages cost by the price list: so much a part, by channel and by what the number begins with."""

from collections.abc import Sequence
from datetime import datetime

from notifications import guard_conf, segments
from notifications.channels import Channel
from notifications.drafts import Draft
from notifications.models import Message

MILLION = 1_000_000
SHORT = frozenset({Channel.SMS, Channel.WHATSAPP})  # what is paid by the part, to a number
MOST_PARTS = 32_767  # what the column holds
MOST_COST = 2_147_483_647


def gate(drafts: Sequence[Draft], now: datetime) -> None:
    """Set how many parts each message has and what it costs. No statement."""
    del now
    for draft in drafts:
        message = draft.message
        price(message)
        if message.cost:
            draft.note("costs", "costs", f"{message.cost / MILLION:.4f} {guard_conf.currency()}, {parts_of(message)}")


def price(message: Message) -> None:
    """Set the parts and the cost of a message. The text of a kind is not known yet: a code takes one part."""
    parts = segments.count(message.text).parts if message.channel in SHORT else 1
    message.segments = min(parts, MOST_PARTS) if message.channel in SHORT else 0
    each = price_of(channel=message.channel, recipient=message.recipient)
    message.cost = min(each * parts * max(1, len(message.to)), MOST_COST)


def price_of(*, channel: str, recipient: str) -> int:
    """Return what one part costs, in millionths of the currency: by the longest prefix of the number that is listed."""
    listed = guard_conf.prices().get(channel, {})
    number = recipient.removeprefix("+")
    return next((listed[number[:size]] for size in range(len(number), -1, -1) if number[:size] in listed), 0)


def parts_of(message: Message) -> str:
    """Return how many parts a message has, in words; nothing where it has none."""
    return f"{message.segments} {'part' if message.segments == 1 else 'parts'}" if message.segments else "no parts"
