"""Addresses that are not written to: what is learned of them, what staff decide, and the gate that holds to it.

What was unsubscribed, complained of or blocked by staff holds back all that need not arrive. STOP in answer to a short
message holds back everything on its channel: that is law. An address that could not be reached is tried again after a
while. Of somebody erased only a keyed digest is kept, so that nobody writes to her again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from audit import recording
from audit.vocabulary import EventType
from kit import canonical
from kit.errors import Conflict, Invalid, NotFound
from kit.ids import uuid7
from kit.origin import NOWHERE, Origin
from kit.tenants import HOUSE
from notifications import categories, conf, event_types, waiting
from notifications.channels import Channel
from notifications.drafts import Draft
from notifications.models import Message, Suppression
from notifications.requests import texts
from vault import digests

GATE = "suppressions"
MAX_DETAIL = 255
MAX_ADDRESS = 254
AT_ONCE = 500  # addresses in one statement

Reason = Suppression.Reason

# What weighs more is not written over by what weighs less.
_WEIGHT = (Reason.BOUNCED, Reason.UNSUBSCRIBED, Reason.COMPLAINED, Reason.STAFF, Reason.STOPPED)


@dataclass(frozen=True, slots=True)
class Place:
    """What a suppression is of: an address on a channel, for one category or (empty) for every one."""

    channel: str
    address: str
    category: str = ""
    tenant: UUID = HOUSE


def learn(
    *,
    tenant: UUID,
    channel: str,
    address: str,
    reason: str,
    now: datetime,
    category: str = "",
    detail: str = "",
    message: UUID | None = None,
) -> bool:
    """Hold back what would go to an address from now on, and what waits to; False where as much was known already.

    Learning the same twice, also in parallel, changes nothing. An empty address is nobody's.
    """
    place = Place(channel, canonical.fold(address), category, tenant)
    if not place.address:
        return False
    kept = {"detail": detail[:MAX_DETAIL], "message": message, "created_by": None}
    with transaction.atomic():
        learned = _write(place, Reason(reason), now=now, **kept)
        waiting.leave_out(place=place, passes=_passes(reason), why=reason)
    return learned


def forget(*, tenant: UUID, channel: str, address: str, reason: str, category: str = "") -> bool:
    """Take back what was learned for this one reason (START after STOP, subscribing again); False where nothing was."""
    rows = Suppression.objects.filter(address__in=names_of(canonical.fold(address)), channel=channel, tenant=tenant)
    return bool(rows.filter(category=category, reason=reason).delete()[0])


def add(*, place: Place, detail: str, actor: UUID, now: datetime, origin: Origin = NOWHERE) -> Suppression:
    """Have staff hold an address back, for a reason in words. Raises `Invalid`, or `Conflict` where it is already."""
    place = _checked(place)
    if not detail.strip():
        raise Invalid("detail", "Say why, in one line.", "required")
    with transaction.atomic():
        if not _write(place, Reason.STAFF, now=now, detail=detail[:MAX_DETAIL], message=None, created_by=actor):
            raise Conflict("This address is held back already.")
        waiting.leave_out(place=place, passes=_passes(Reason.STAFF), why=Reason.STAFF)
        row = _rows_of(place).get()
        _record(event_types.SUPPRESSION_ADDED, row, actor=actor, why=detail, now=now, origin=origin)
    return row


def lift(*, suppression: UUID, why: str, actor: UUID, now: datetime, tenant: UUID = HOUSE, origin: Origin) -> None:
    """Have staff take one away, for a reason in words. Raises `Invalid`, or NotFound where there is none."""
    if not why.strip():
        raise Invalid("reason", "Say why, in one line.", "required")
    with transaction.atomic():
        row = Suppression.objects.select_for_update().filter(pk=suppression, tenant=tenant).first()
        if row is None:
            raise NotFound
        Suppression.objects.filter(pk=row.pk).delete()
        _record(event_types.SUPPRESSION_LIFTED, row, actor=actor, why=why, now=now, origin=origin)


def require(suppression: UUID, *, tenant: UUID = HOUSE) -> None:
    """Raise NotFound where there is no such suppression."""
    if not Suppression.objects.filter(pk=suppression, tenant=tenant).exists():
        raise NotFound


def find(*, address: str = "", channel: str = "", reason: str = "", tenant: UUID = HOUSE) -> QuerySet[Suppression]:
    """Return the suppressions, of one address, channel or reason where these are given; erased addresses too."""
    rows = Suppression.objects.filter(tenant=tenant)
    if address:
        rows = rows.filter(address__in=names_of(canonical.fold(address)))
    if channel:
        rows = rows.filter(channel=channel)
    return rows.filter(reason=reason) if reason else rows


def gate(drafts: Sequence[Draft], now: datetime) -> None:
    """Leave out whom nothing may go to, and close what then has nobody left. One statement for 500 addresses."""
    asked = [draft for draft in drafts if draft.is_open]
    held = _held({canonical.fold(name) for draft in asked for name in draft.message.to}, now)
    for draft in asked if held else ():
        _pass(draft, held)


def _pass(draft: Draft, held: "_Held") -> None:
    message = draft.message
    # Of one recipient alone `remaining` may name her devices.
    names = message.remaining or message.to if len(message.to) > 1 else message.to
    found = {name: held.reason(message, name, must_arrive=draft.must_arrive) for name in names}
    if not any(found.values()):
        return
    left = [name for name, reason in found.items() if not reason]
    if not left:
        draft.close(GATE, next(reason for reason in found.values() if reason), "Nothing goes to this address.")
        return
    message.remaining = left
    draft.note(GATE, "left_out", f"Nothing goes to {len(found) - len(left)} of {len(found)} recipients.")


class _Held:
    """The suppressions of some addresses, in memory."""

    def __init__(self) -> None:
        self._reasons: dict[Place, str] = {}

    def __bool__(self) -> bool:
        return bool(self._reasons)

    def add(self, place: Place, reason: str) -> None:
        self._reasons[place] = reason

    def reason(self, message: Message, name: str, *, must_arrive: bool) -> str:
        """Return why nothing of this message may go to a recipient; empty where it may."""
        address, category = canonical.fold(name), categories.find(message.category).name
        for wide in ("", category):
            reason = self._reasons.get(Place(message.channel, address, wide, message.tenant), "")
            if reason and not (must_arrive and _passes(reason)):
                return reason
        return ""


def _held(addresses: Collection[str], now: datetime) -> _Held:
    held = _Held()
    named = {name: address for address in addresses for name in names_of(address)}
    for chunk in waiting.chunks(sorted(named), AT_ONCE):
        rows = Suppression.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), address__in=chunk)
        for tenant, channel, name, category, reason in rows.values_list(
            "tenant", "channel", "address", "category", "reason"
        ):
            held.add(Place(channel, named[name], category, tenant), reason)
    return held


def _passes(reason: str) -> bool:
    """Tell whether what must arrive goes out all the same."""
    return reason != Reason.STOPPED


def _write(place: Place, reason: Reason, *, now: datetime, **kept: object) -> bool:
    """Write one suppression unless a weightier one is there; tell whether anything was written."""
    expires_at = now + conf.bounce_rest() if reason == Reason.BOUNCED else None
    values = {"reason": reason, "created_at": now, "expires_at": expires_at, **kept}
    lighter = _WEIGHT[: _WEIGHT.index(reason) + (reason == Reason.BOUNCED)]  # bouncing again goes on for longer
    for _ in range(2):
        rows = _rows_of(place)
        if rows.filter(Q(reason__in=lighter) | Q(expires_at__lte=now)).update(**values):
            return True
        if rows.exists():
            return False
        row = Suppression(
            id=uuid7(),
            tenant=place.tenant,
            channel=place.channel,
            address=place.address,
            category=place.category,
            **values,
        )
        Suppression.objects.bulk_create([row], ignore_conflicts=True)
        if Suppression.objects.filter(pk=row.pk).exists():
            return True
    return False


def _rows_of(place: Place) -> QuerySet[Suppression]:
    return Suppression.objects.filter(
        address__in=names_of(place.address), channel=place.channel, tenant=place.tenant, category=place.category
    )


def erased_name(address: str) -> str:
    """Return what is kept of the address of somebody erased: good for finding it again, for nothing else."""
    return "#" + digests.keyed("notifications.suppression", address)


def erase(place: Place) -> bool:
    """Put the keyed digest in the place of an address that is held back; False where the digest is there already."""
    rows, erased = _rows_of(place), erased_name(place.address)
    if rows.filter(address=erased).exists():
        return False
    return bool(rows.update(address=erased, detail="", message=None, created_by=None))


def names_of(address: str) -> tuple[str, str]:
    """Return under which names an address may be held: its own, and the one of somebody erased."""
    return address, erased_name(address)


def _checked(place: Place) -> Place:
    if place.channel not in Channel.values:
        raise Invalid("channel", "Name one of the channels.")
    if place.category and not categories.is_name(place.category):
        raise Invalid("category", "Use at most 64 lower-case letters, digits, dots, hyphens or underscores.")
    address = canonical.fold(place.address)
    if place.channel == Channel.EMAIL:
        address = canonical.address(address, field="address")
    if place.channel in {Channel.SMS, Channel.WHATSAPP}:
        texts.check_number(address, field="address")
    if not 1 <= len(address) <= MAX_ADDRESS:
        raise Invalid("address", f"Use 1 to {MAX_ADDRESS} characters.")
    return Place(place.channel, address, place.category, place.tenant)


def _record(event: EventType, row: Suppression, *, actor: UUID, why: str, now: datetime, origin: Origin) -> None:
    recording.record(
        event,
        now=now,
        actor=actor,
        target_kind="suppression",
        target=row.pk,
        details={"channel": row.channel, "category": row.category, "reason": row.reason, "why": why},
        name=row.address,
        origin=origin,
        tenant=row.tenant,
    )
