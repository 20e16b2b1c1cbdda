"""The mail that asks an address for confirmation, and the notices to the addresses that somebody has already."""

import datetime as dt
import uuid

from accounts import conf, handles, links
from accounts.message_kinds.reversals import notice
from accounts.models import Handle, Link
from notifications import samples
from notifications.kinds import Content, Kind
from notifications.lanes import Lane

HOUR = 3600


def _confirm(reference: uuid.UUID, now: dt.datetime) -> Content | None:
    """Build the link of an address; or, where the address is somebody else's, word of that to its owner.

    Nothing of the person who named the address goes into the mail: it may be a stranger's.
    """
    link = Link.objects.filter(pk=reference).first()
    if link is None or not links.is_good(link, now=now):
        return None
    hers = Handle.objects.filter(canonical=link.address, user=link.user_id).exists()
    if not hers and handles.is_taken(link.address, now=now):
        return Content(template="accounts/messages/address_taken", context={"site": conf.public_url()})
    return Content(
        context={
            "link": links.url_of(link, page="confirm-address"),
            "hours": round((link.expires_at - link.created_at).total_seconds() / HOUR),
            "change": link.purpose == Link.Purpose.CHANGE_ADDRESS,
            "site": conf.public_url(),
        },
    )


CONFIRM_ADDRESS = Kind(
    name="accounts.confirm_address",
    lane=Lane.URGENT,
    category="security",
    template="accounts/messages/confirm_address",
    build=_confirm,
    expires_after=dt.timedelta(hours=24),
    sample={"link": samples.LINK, "hours": 24, "change": False, "site": samples.SITE},
)

CHANGE_REQUESTED = notice("address_change_requested")
ADDRESS_ADDED = notice("address_added")
ADDRESS_REMOVED = notice("address_removed")

KINDS = (CONFIRM_ADDRESS, CHANGE_REQUESTED, ADDRESS_ADDED, ADDRESS_REMOVED)
