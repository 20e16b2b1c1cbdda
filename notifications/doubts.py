"""Which of the messages that a provider lists is ours: of equal words to one number, each message has its own.

A provider that keeps no keys is asked for a message by what it says and whom it goes to. What it finds so may be
another message of ours, or an earlier try of the same one, so its name is given to one attempt alone.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from kit.clock import utcnow
from notifications.models import Attempt, Message, ProviderState
from notifications.providers import registry
from notifications.providers.base import Deferred, Doubt
from notifications.providers.database import own_connection

Outcome = Attempt.Outcome

_UNSETTLED = (Outcome.OPEN, Outcome.UNKNOWN)


def doubt_of(attempt: Attempt, since: datetime | None) -> Doubt:
    """Return what a provider is told that is asked for an attempt's message, in doubt since the moment given."""
    return Doubt(since=since or attempt.message.created_at, claim=partial(_claim, attempt))


def _claim(attempt: Attempt, names: Sequence[str]) -> str:
    """Give an attempt the first of a provider's names that no other has. Raises Deferred where that is not known.

    Called on the thread that speaks with the provider. Claims of names are made one after the other.
    """
    with own_connection(), transaction.atomic():
        _lock(attempt.provider)
        others = _others(attempt, names)
        free = next((name for name in names if name not in others), "")
        if free and _may_be_anothers(attempt.message, attempt.provider):
            raise Deferred("look_up_undecided")
        if free:
            Attempt.objects.filter(pk=attempt.pk, outcome__in=_UNSETTLED).update(provider_id=free)
        return free


def _lock(provider: str) -> None:
    """Hold the provider's row for the two statements of a claim."""
    held = ProviderState.objects.select_for_update().filter(pk=provider)
    if held.first() is None:
        ProviderState.objects.bulk_create([ProviderState(name=provider, updated_at=utcnow())], ignore_conflicts=True)
        held.get()


def _others(attempt: Attempt, names: Sequence[str]) -> set[str]:
    """Return the names that other messages have, or a try of this one that has ended.

    By any provider in use: two of them may be one account.
    """
    providers = [provider.name for provider in registry.list_used()]
    named = Attempt.objects.filter(provider__in={*providers, attempt.provider}, provider_id__in=names)
    ours = Q(message=attempt.message, outcome__in=_UNSETTLED)
    return set(named.exclude(ours).values_list("provider_id", flat=True))


def _may_be_anothers(message: Message, provider: str) -> bool:
    """Tell whether the same words are on their way to the same place just now, under a name that is not known yet."""
    under_way = Attempt.objects.filter(provider=provider, outcome=Outcome.OPEN, provider_id="")
    return under_way.filter(message__in=_alike(message)).exists()


def _alike(message: Message) -> QuerySet[Message]:
    """Return the other messages that a worker holds and that may say the same. What a kind says is not kept."""
    held = Message.objects.filter(recipient=message.recipient, channel=message.channel, lease_until__gt=Now())
    return held.filter(kind=message.kind, text=message.text).exclude(pk=message.pk)
