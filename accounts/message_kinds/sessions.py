"""What the owner is told about her sessions."""

import datetime as dt
import uuid

from accounts import conf
from accounts.models import Session
from notifications.kinds import Content, Kind
from notifications.lanes import Lane


def _reuse_notice(reference: uuid.UUID, _now: dt.datetime) -> Content | None:
    """Tell the owner that a spent refresh token came back and one of her sessions was ended for it."""
    session = Session.objects.select_related("user").filter(pk=reference).first()
    if session is None:
        return None
    return Content(
        context={
            "name": session.user.first_name,
            "device": session.device_name or session.agent or "a device without a name",
            "at": session.ended_at,
            "site": conf.public_url(),
        },
    )


REFRESH_REUSED = Kind(
    name="accounts.refresh_reused",
    lane=Lane.URGENT,
    category="security",
    template="accounts/messages/refresh_reused",
    build=_reuse_notice,
    expires_after=dt.timedelta(days=2),
)

KINDS = (REFRESH_REUSED,)
