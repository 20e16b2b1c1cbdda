"""The mail that invites somebody."""

import datetime as dt
import uuid

from accounts import conf, links
from accounts.message_kinds import wording
from accounts.models import Invitation
from notifications import samples
from notifications.kinds import Content, Kind
from notifications.lanes import Lane
from vault import derived

INVITATION_PURPOSE = "accounts.invitation"
DAY = 24 * 3600


def _invitation(reference: uuid.UUID, now: dt.datetime) -> Content | None:
    """Build the link of an invitation that can be accepted. Who invites is not told: names are whatever one types."""
    row = Invitation.objects.filter(pk=reference, accepted_at=None, withdrawn_at=None, expires_at__gt=now).first()
    if row is None:
        return None
    token = derived.again(INVITATION_PURPOSE, row.pk, row.key_id)
    return Content(
        context={
            "name": wording.person(row.first_name),
            "link": links.with_token(row.landing, page="accept-invitation", token=token),
            "days": max(1, round((row.expires_at - now).total_seconds() / DAY)),
            "site": conf.public_url(),
        },
    )


INVITATION = Kind(
    name="accounts.invitation",
    lane=Lane.URGENT,
    category="security",
    template="accounts/messages/invitation",
    build=_invitation,
    expires_after=dt.timedelta(days=1),
    sample={**samples.PERSON, "link": samples.LINK, "days": 7},
)

KINDS = (INVITATION,)
