"""Where push reaches a person: browsers that have subscribed, and phones that have registered."""

import datetime as dt
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from audit import recording
from audit.vocabulary import EventType
from kit.errors import Invalid, NotFound
from kit.origin import NOWHERE, Origin
from notifications import event_types
from notifications.models import PushTarget
from notifications.providers import apprise_urls, web_push
from vault import digests

MOST = 20
"""How many targets a person has at most: one more takes the place of the oldest."""

LABEL = "notifications.push_target.target"
Driver = PushTarget.Driver


@dataclass(frozen=True, slots=True)
class Registered:
    """A target, and whether it is new to its person."""

    target: PushTarget
    created: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a target leads: `name` is what tells it from others."""

    driver: PushTarget.Driver
    name: str
    target: str


def register_browser(
    *, person: UUID, endpoint: str, p256dh: str, auth: str, label: str = "", now: dt.datetime, origin: Origin = NOWHERE
) -> Registered:
    """Have push reach a browser that has subscribed (RFC 8030). Raises Invalid for one that cannot be reached."""
    try:
        web_push.subscription_of(endpoint, p256dh, auth)
    except web_push.BadSubscription as error:
        raise Invalid(str(error), "This is no subscription to a push service that is known here.") from None
    target = json.dumps({"endpoint": endpoint, "p256dh": p256dh, "auth": auth})
    return _register(_Place(Driver.WEB, endpoint, target), person=person, label=label, now=now, origin=origin)


def register_phone(
    *, person: UUID, token: str, label: str = "", now: dt.datetime, origin: Origin = NOWHERE
) -> Registered:
    """Have push reach a phone by its registration with Firebase. Raises Invalid for what is no token."""
    if not apprise_urls.fits(token):
        raise Invalid("token", "This is no registration token.")
    return _register(_Place(Driver.FCM, token, token), person=person, label=label, now=now, origin=origin)


def _register(place: _Place, *, person: UUID, label: str, now: dt.datetime, origin: Origin) -> Registered:
    """Write a target down. Who holds it has it: one that was another person's is hers from now on."""
    digest = digests.keyed(LABEL, f"{place.driver.value}:{place.name}")
    values = {"person": person, "driver": place.driver, "target": place.target, "label": label}
    with transaction.atomic():
        row, created = PushTarget.objects.select_for_update().get_or_create(
            digest=digest, defaults={**values, "created_at": now}
        )
        if not created:
            created = row.person != person
            row.person, row.target, row.label = person, place.target, label
            row.created_at = now if created else row.created_at
            row.save()
        if created:
            _make_room(person, kept=row)
            _record(event_types.PUSH_TARGET_ADDED, row.pk, person, now, origin)
    return Registered(row, created)


def _record(event: EventType, target: UUID, person: UUID, now: dt.datetime, origin: Origin) -> None:
    recording.record(event, now=now, actor=person, target_kind="push_target", target=target, origin=origin)


def _make_room(person: UUID, *, kept: PushTarget) -> None:
    """Forget a person's oldest targets beyond `MOST`."""
    others = PushTarget.objects.filter(person=person).exclude(pk=kept.pk).order_by("-created_at", "-id")
    surplus = list(others.values_list("pk", flat=True)[MOST - 1 :])
    if surplus:
        PushTarget.objects.filter(pk__in=surplus).delete()


def list_of(person: UUID) -> list[PushTarget]:
    """Return a person's targets, the newest first."""
    return list(PushTarget.objects.filter(person=person))


def remove(*, person: UUID, target_id: UUID, now: dt.datetime, origin: Origin = NOWHERE) -> None:
    """Have push reach a person there no more. Raises NotFound for what is not hers."""
    with transaction.atomic():
        deleted, _ = PushTarget.objects.filter(pk=target_id, person=person).delete()
        if not deleted:
            raise NotFound
        _record(event_types.PUSH_TARGET_REMOVED, target_id, person, now, origin)


def reached_by(names: Iterable[str]) -> list[PushTarget]:
    """Return the targets that names stand for, each a person's id or a target's own: two statements."""
    ids = [one for one in map(_uuid, names) if one is not None]
    own = {row.pk: row for row in PushTarget.objects.filter(pk__in=ids)}
    hers = {row.pk: row for row in PushTarget.objects.filter(person__in=ids)}
    return list((own | hers).values())


def settle(*, gone: Collection[UUID], used: Collection[UUID], now: dt.datetime) -> None:
    """Forget targets that nothing reaches any more, and note when others were used: at most two statements."""
    if gone:
        PushTarget.objects.filter(pk__in=gone).delete()
    if used:
        PushTarget.objects.filter(pk__in=used).update(last_used_at=now)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
