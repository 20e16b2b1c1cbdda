"""From what a caller asks for to a draft: whom it is for, how pressing it is, when it is due, and what it says."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit import canonical
from kit.errors import PermissionRefused
from kit.origin import NOWHERE, Origin
from kit.tenants import HOUSE
from notifications import categories, channels
from notifications.categories import Category
from notifications.channels import Channel
from notifications.drafts import Draft
from notifications.filling import Filled
from notifications.lanes import Lane
from notifications.models import Message
from notifications.requests import moments

MAX_RECIPIENT = 254


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """Who asks, for which tenant, and from where. `may_insist`: also for what nobody can switch off."""

    caller: UUID
    origin: Origin = NOWHERE
    tenant: UUID = HOUSE
    may_insist: bool = False


def draft_of(
    filled: Filled, *, sender: Sender, now: datetime, person: UUID | None = None, batch: UUID | None = None
) -> Draft:
    """Return the draft of a request whose words are known.

    Raises `Invalid` for its moments, PermissionRefused for a category that is not the sender's to use, and
    ChannelUnavailable where nothing carries its channel. A caller can step back behind others by the category, never
    in front of them.
    """
    category = _category_of(filled, sender=sender)
    channels.require_carried(Channel(filled.request.channel))
    lane = Lane.BULK if category.bulk else Lane.NORMAL
    return Draft(
        _message_of(filled, sender=sender, lane=lane, now=now, person=person, batch=batch),
        person=person,
        must_arrive=category.must_arrive,
        address=sender.origin.address,
        files=filled.request.attachments,
    )


def _category_of(filled: Filled, *, sender: Sender) -> Category:
    """Return the category of a message. Raises PermissionRefused, as `draft_of` says."""
    named = categories.find(filled.request.category or filled.category)
    insists = named.must_arrive or categories.find(filled.category).must_arrive
    if insists and not sender.may_insist:
        raise PermissionRefused(
            "Messages of this category cannot be switched off; they need a permission of their own."
        )
    return categories.find(_word_of(filled))


def _word_of(filled: Filled) -> str:
    """Return the word that a request names, or its template; of a mailing nobody makes what cannot be unsubscribed."""
    word = filled.request.category or filled.category
    is_mailing = bool(filled.category) and categories.find(filled.category).can_be_unsubscribed
    return filled.category if is_mailing and not categories.find(word).can_be_unsubscribed else word


def _message_of(
    filled: Filled, *, sender: Sender, lane: Lane, now: datetime, person: UUID | None, batch: UUID | None
) -> Message:
    """Return the row of a request, with its moments. Raises `Invalid` for those."""
    request = filled.request
    due_at, expires_at = moments.span_of(request, lane=lane, now=now)
    return Message(
        tenant=sender.tenant,
        channel=request.channel,
        lane=lane,
        locale=request.locale,
        to=list(request.to),
        recipient=canonical.fold(request.to[0])[:MAX_RECIPIENT],
        subject=request.subject,
        text=request.text,
        html=request.html,
        data=dict(request.payload),
        reply_to=request.reply_to,
        files=len(request.attachments),
        template=request.template,
        template_version=filled.version,
        category=_word_of(filled),
        metadata=dict(request.metadata),
        person=person,
        caller=sender.caller,
        batch=batch,
        status=Message.Status.SCHEDULED if due_at > now else Message.Status.QUEUED,
        created_at=now,
        due_at=due_at,
        expires_at=expires_at,
    )
