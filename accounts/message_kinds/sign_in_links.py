"""The mail by which somebody signs in without a password: a code to type, and a link to a page of a client's own."""

import datetime as dt
import uuid

from accounts import codes, conf, links
from accounts.models import Link, SentCode
from notifications import samples
from notifications.kinds import Content, Kind
from notifications.lanes import Lane


def _sign_in(reference: uuid.UUID, now: dt.datetime) -> Content | None:
    """Build the mail of a link and its code; None for nobody's, and once either is good no more."""
    link = Link.objects.filter(pk=reference).first()
    if link is None or not links.is_good(link, now=now):
        return None
    code = SentCode.objects.filter(pk=link.data["code"]).first()
    if code is None or not codes.is_good(code, now=now):
        return None
    return Content(
        context={
            "code": codes.text_of(code),
            "link": links.url_of(link, page="") if link.landing else "",
            "minutes": round((link.expires_at - link.created_at).total_seconds() / 60),
            "network": link.data["network"],
            "site": conf.public_url(),
        },
    )


SIGN_IN = Kind(
    name="accounts.sign_in",
    lane=Lane.URGENT,
    category="security",
    template="accounts/messages/sign_in",
    build=_sign_in,
    expires_after=dt.timedelta(minutes=10),
    sample={
        "code": "314159",
        "link": samples.LINK,
        "minutes": 10,
        "network": samples.NETWORK,
        "site": samples.SITE,
    },
)
KINDS = (SIGN_IN,)
