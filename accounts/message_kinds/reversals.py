"""Notices of a change, each with the link that undoes it; and the mail that follows when the owner has used one."""

import datetime as dt
import uuid

from accounts import conf, links
from accounts.message_kinds.password_changes import SAMPLE, reset_link
from accounts.models import Link
from notifications import samples
from notifications.kinds import Content, Kind
from notifications.lanes import Lane

DAY = 24 * 3600


def undo_link(reference: uuid.UUID, now: dt.datetime) -> Content | None:
    """Build the notice of the change that this link undoes; None once it is undone. For every kind of notice.

    Nothing that came with the change goes into the mail: an intruder would be writing to the owner with our name.
    """
    link = Link.objects.filter(pk=reference).first()
    if link is None or not links.is_good(link, now=now):
        return None
    return Content(
        context={
            "link": links.url_of(link, page="undo"),
            "days": round((link.expires_at - link.created_at).total_seconds() / DAY),
            "at": link.created_at,
            "network": link.data["network"],
            "site": conf.public_url(),
        },
    )


def notice(name: str) -> Kind:
    """Return the kind of a notice that carries the link which undoes what it tells of."""
    return Kind(
        name=f"accounts.{name}",
        lane=Lane.URGENT,
        category="security",
        template=f"accounts/messages/{name}",
        build=undo_link,
        expires_after=dt.timedelta(days=2),
        sample=samples.UNDO,
    )


PASSWORD_CHANGED = notice("password_changed")
ADDRESS_CHANGED = notice("address_changed")
PHONE_CHANGED = notice("phone_changed")
NOTICES = {"password": PASSWORD_CHANGED, "address": ADDRESS_CHANGED, "phone": PHONE_CHANGED}

FROZEN = Kind(
    name="accounts.frozen",
    lane=Lane.URGENT,
    category="security",
    template="accounts/messages/frozen",
    build=reset_link,
    expires_after=dt.timedelta(minutes=30),
    sample=SAMPLE,
)
KINDS = (*NOTICES.values(), FROZEN)
