"""How the log stands, read by three statements when somebody asks: what waits for its seal, floods being counted."""

import datetime as dt
from collections.abc import Iterator

from django.db.models import Count, F, Q, Sum

from audit import floods
from audit.models import Flood, Personal
from kit.metrics import Reading, Sample

UNSEALED = Reading("audit_unsealed_entries", "Entries that wait for their seal.")
UNSEALED_AGE = Reading("audit_unsealed_seconds", "How long the oldest of them has waited; 0: none waits.")
FLOODS = Reading("audit_floods", "Floods of refusals (of one cause from one source) that are being counted.")
FLOODED = Reading("audit_flooded_refusals", "Refusals in these floods that were counted and not written one by one.")


def read(now: dt.datetime) -> Iterator[Sample]:
    """Yield how much of the log is unsealed, from the index over it, and the floods of the last minutes."""
    waiting = Personal.objects.filter(sealed=False)
    oldest = waiting.order_by("entry_id").values_list("entry__at", flat=True).first() or now
    yield UNSEALED.of(waiting.count())
    yield UNSEALED_AGE.of(max(0.0, (now - oldest).total_seconds()))
    flooded = Q(count__gt=floods.LIMIT)
    found = Flood.objects.aggregate(
        number=Count("pk", filter=flooded), refusals=Sum(F("count") - floods.LIMIT, filter=flooded, default=0)
    )
    yield FLOODS.of(found["number"])
    yield FLOODED.of(found["refusals"])
