"""Unsubscribing from bulk mail by one click (RFC 8058, RFC 2369): a link for each recipient, good without signing in.

Its token is a keyed digest over the message and the recipient: nobody can make one, and it can do nothing but end, and
begin again, the mails of one category to one address. A mail to several carries no link: it would be everybody's.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.db import transaction

from audit import recording
from audit.vocabulary import ActorKind, EventType
from kit.errors import InvalidToken
from kit.origin import Origin
from notifications import categories, conf, event_types, preferences, suppressions
from notifications.channels import Channel
from notifications.models import Message, Suppression
from vault import digests

PATH = "/unsubscribe"
PURPOSE = "notifications.unsubscribe"
LENGTH = 32 + 64  # hexadecimal digits: the message, and the digest

Headers = tuple[tuple[str, str], ...]
Reason = Suppression.Reason


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a link is about: the mails of one category to one recipient."""

    message: Message
    category: categories.Category

    @property
    def place(self) -> suppressions.Place:
        """Return the address and category, as suppressions name them."""
        return suppressions.Place(Channel.EMAIL, self.message.recipient, self.category.name, self.message.tenant)


def headers_of(message: Message) -> Headers:
    """Return the headers by which a mail program offers to unsubscribe; none where there is nothing to be ended."""
    if message.channel != Channel.EMAIL or len(message.to) != 1:
        return ()
    if not categories.find(message.category).can_be_unsubscribed:
        return ()
    ways = [f"<{link_of(message)}>"]
    if address := conf.unsubscribe_address():
        ways.append(f"<mailto:{address}?subject={quote('unsubscribe ' + token_of(message))}>")
    return ("List-Unsubscribe", ", ".join(ways)), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")


def link_of(message: Message) -> str:
    """Return the address of the page, which one click on a mail program's button posts to."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{PATH}?token={token_of(message)}"


def token_of(message: Message) -> str:
    """Return the token of a message to one recipient."""
    return message.pk.hex + digests.keyed(PURPOSE, _named(message))


def read(token: str) -> Subscription:
    """Return what a token is good for. Raises InvalidToken for one that is not ours, or of a message long forgotten."""
    message = _message_of(token)
    good = message is not None and any(
        hmac.compare_digest(token[32:].encode(), digest.encode())
        for digest in digests.under_each(PURPOSE, _named(message))
    )
    if message is None or not good or not message.recipient:
        raise InvalidToken
    return Subscription(message, categories.find(message.category))


def is_ended(subscription: Subscription) -> bool:
    """Tell whether the recipient has unsubscribed."""
    place = subscription.place
    rows = suppressions.find(address=place.address, channel=place.channel, tenant=place.tenant)
    return rows.filter(category=place.category, reason=Reason.UNSUBSCRIBED).exists()


def end(subscription: Subscription, *, one_click: bool, now: datetime, origin: Origin) -> None:
    """Send nothing more of the category to the recipient, and nothing that waits. Once more changes nothing."""
    message, place = subscription.message, subscription.place
    with transaction.atomic():
        learned = suppressions.learn(
            tenant=place.tenant,
            channel=place.channel,
            address=place.address,
            category=place.category,
            reason=Reason.UNSUBSCRIBED,
            message=message.pk,
            now=now,
        )
        if learned:
            _switch(subscription, allowed=False, now=now)
            _record(
                event_types.ADDRESS_UNSUBSCRIBED, subscription, now=now, origin=origin, details={"one_click": one_click}
            )


def begin_again(subscription: Subscription, *, now: datetime, origin: Origin) -> None:
    """Let the mails of the category come again. What was a complaint, or staff's decision, stays."""
    place = subscription.place
    with transaction.atomic():
        forgotten = suppressions.forget(
            tenant=place.tenant,
            channel=place.channel,
            address=place.address,
            category=place.category,
            reason=Reason.UNSUBSCRIBED,
        )
        if forgotten:
            _switch(subscription, allowed=True, now=now)
            _record(event_types.ADDRESS_RESUBSCRIBED, subscription, now=now, origin=origin, details={})


def _message_of(token: str) -> Message | None:
    try:
        key = UUID(hex=token[:32])
    except ValueError:
        return None
    if len(token) != LENGTH:
        return None
    columns = ("id", "tenant", "recipient", "category", "person", "to", "channel")
    return Message.objects.filter(pk=key, channel=Channel.EMAIL).only(*columns).first()


def _named(message: Message) -> str:
    return f"{message.pk}:{message.recipient}"


def _switch(subscription: Subscription, *, allowed: bool, now: datetime) -> None:
    """Let what she sees of her own choices say the same, where it is known who she is."""
    message = subscription.message
    if message.person is not None:
        preferences.switch(
            person=message.person,
            category=subscription.category.name,
            channel=Channel.EMAIL,
            allowed=allowed,
            now=now,
            tenant=message.tenant,
        )


def _record(
    event: EventType, subscription: Subscription, *, now: datetime, origin: Origin, details: dict[str, bool]
) -> None:
    message = subscription.message
    recording.record(
        event,
        now=now,
        actor_kind=ActorKind.STRANGER,
        target_kind="message",
        target=message.pk,
        details={"category": subscription.category.name, **details},
        name=message.recipient,
        origin=origin,
        tenant=message.tenant,
    )
