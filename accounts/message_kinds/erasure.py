"""What a person is told whose account has been deleted: when it is erased, and how that is stopped."""

import datetime as dt
import uuid

from accounts import conf, links
from accounts.models import Link, User
from notifications import samples
from notifications.kinds import Content, Kind
from notifications.lanes import Lane


def _deleted(reference: uuid.UUID, now: dt.datetime) -> Content | None:
    """Build the mail with the link that brings the account back; None once it is good no more."""
    link = Link.objects.filter(pk=reference).first()
    if link is None or not links.is_good(link, now=now):
        return None
    return Content(
        context={
            "link": links.url_of(link, page="keep-account"),
            "at": link.created_at,
            "network": link.data["network"],
            "erased_at": link.expires_at,
            "site": conf.public_url(),
        }
    )


def _deleted_by_staff(reference: uuid.UUID, _now: dt.datetime) -> Content | None:
    """Build the mail to somebody whose account staff have deleted; None once they have brought it back."""
    user = User.objects.filter(pk=reference, erase_at__isnull=False).first()
    return Content(context={"erased_at": user.erase_at, "site": conf.public_url()}) if user else None


DELETED = Kind(
    name="accounts.deleted",
    lane=Lane.URGENT,
    category="security",
    template="accounts/messages/deleted",
    build=_deleted,
    expires_after=dt.timedelta(days=2),
    sample={
        "link": samples.LINK,
        "at": samples.AT,
        "network": samples.NETWORK,
        "erased_at": samples.LATER,
        "site": samples.SITE,
    },
)
DELETED_BY_STAFF = Kind(
    name="accounts.deleted_by_staff",
    lane=Lane.URGENT,
    category="security",
    template="accounts/messages/deleted_by_staff",
    build=_deleted_by_staff,
    expires_after=dt.timedelta(days=2),
    sample={"erased_at": samples.LATER, "site": samples.SITE},
)
KINDS = (DELETED, DELETED_BY_STAFF)
