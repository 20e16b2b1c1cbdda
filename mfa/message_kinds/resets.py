"""The mail to somebody whose second factors staff have taken away."""

import dataclasses
import datetime as dt
import uuid

from accounts.message_kinds.reversals import undo_link
from accounts.models import Link
from notifications import samples
from notifications.kinds import Content, Kind
from notifications.lanes import Lane


def _notice(reference: uuid.UUID, now: dt.datetime) -> Content | None:
    """Build the notice with its link and the reason that staff gave; None once the link has been used."""
    content = undo_link(reference, now)
    if content is None:
        return None
    reason = Link.objects.get(pk=reference).data["data"]["reason"]
    return dataclasses.replace(content, context={**content.context, "reason": reason})


FACTORS_RESET = Kind(
    name="mfa.factors_reset",
    lane=Lane.URGENT,
    category="security",
    template="mfa/messages/factors_reset",
    build=_notice,
    expires_after=dt.timedelta(days=2),
    sample={**samples.UNDO, "reason": "She has lost her telephone."},
)
KINDS = (FACTORS_RESET,)
