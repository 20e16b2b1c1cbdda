"""The mail to the owner of an account that strangers have been guessing at."""

import datetime as dt
import uuid

from accounts import conf, links, people
from accounts.message_kinds import wording
from accounts.models import Link
from notifications import samples
from notifications.kinds import Content, Kind
from notifications.lanes import Lane


def locked_notice(reference: uuid.UUID, now: dt.datetime) -> Content | None:
    """Build the link that lets the owner in; None for nobody, an account that is stopped, and a link that is over."""
    link = Link.objects.select_related("user").filter(pk=reference).first()
    if link is None or link.user is None or not people.may_act(link.user) or not links.is_good(link, now=now):
        return None
    return Content(
        context={
            "name": wording.person(link.user.first_name),
            "link": links.url_of(link, page="unlock"),
            "at": link.created_at,
            "hours": round((link.expires_at - link.created_at).total_seconds() / 3600),
            "site": conf.public_url(),
        },
    )


LOCKED = Kind(
    name="accounts.locked",
    lane=Lane.URGENT,
    category="security",
    template="accounts/messages/locked",
    build=locked_notice,
    expires_after=dt.timedelta(hours=24),
    sample={**samples.PERSON, "link": samples.LINK, "at": samples.AT, "hours": 24},
)
KINDS = (LOCKED,)
