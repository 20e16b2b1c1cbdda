"""The mail that a wish for an account brings to its address."""

import datetime as dt
import uuid

from accounts import conf, handles, links
from accounts.models import Registration
from notifications import samples
from notifications.kinds import Content, Kind
from notifications.lanes import Lane
from vault import derived

REGISTRATION_PURPOSE = "accounts.registration"


def _confirmation(reference: uuid.UUID, now: dt.datetime) -> Content | None:
    """Build the link of a registration; or, where the address is somebody's already, word of that to its owner.

    Nothing that was typed goes into the mail, names included: whoever asked may be a stranger to this address, and
    would be sending it words of his own with our name under them.
    """
    row = Registration.objects.filter(pk=reference).first()
    if row is None or row.confirmed_at is not None or row.expires_at <= now:
        return None
    if handles.is_taken(row.address, now=now):
        return Content(template="accounts/messages/already_registered", context={"site": conf.public_url()})
    token = derived.again(REGISTRATION_PURPOSE, row.pk, row.key_id)
    return Content(
        context={
            "link": links.with_token(row.landing, page="verify-email", token=token),
            "at": row.created_at,  # of several that were asked for she can tell which is hers
            "hours": round((row.expires_at - row.created_at).total_seconds() / 3600),
            "site": conf.public_url(),
        },
    )


CONFIRMATION = Kind(
    name="accounts.confirmation",
    lane=Lane.URGENT,
    category="security",
    template="accounts/messages/confirmation",
    build=_confirmation,
    expires_after=dt.timedelta(hours=24),
    sample={"link": samples.LINK, "at": samples.AT, "network": "", "hours": 24, "site": samples.SITE},
)
KINDS = (CONFIRMATION,)
