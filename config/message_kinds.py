"""The mails of the house itself: alerts to staff. What one says is in the audit entry that its reference names."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.conf import settings

from audit.models import Entry
from notifications import samples
from notifications.kinds import Content, Kind
from notifications.lanes import Lane


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """What an alert may be about: in one phrase, what may lie behind it, and where to look (a path of the admin)."""

    title: str
    advice: str
    link: str
    template: str = ""  # where it is no matter of becoming more frequent


_LOG = "/admin/audit/entry/?outcome__exact=refused"

CAUSES = {
    "sign_ins": Cause(
        title="Refused sign-ins",
        advice="Somebody may be trying passwords, or an application signs in with an old one. The entries say from "
        "where, and at how many accounts.",
        link=f"{_LOG}&action=accounts.login.refused",
    ),
    "sessions": Cause(
        title="Refused renewals of a session",
        advice="Somebody may be trying stolen tokens, or an application goes on using what has ended. Reused tokens "
        "are the ones to look at first.",
        link=_LOG,
    ),
    "registrations": Cause(
        title="Refused registrations",
        advice="Somebody may be registering addresses that are not theirs, or trying links from mails.",
        link=_LOG,
    ),
    "permissions": Cause(
        title="Refused permissions",
        advice="Somebody may be trying what their account can do, or a role has lost a permission that an application "
        "needs. The entries name both.",
        link=f"{_LOG}&action=house.permission.refused",
    ),
    "deliveries": Cause(
        title="Failed deliveries",
        advice="A mail provider may be down or refuse us. Messages that can wait are tried again; their attempts say "
        "what the provider said.",
        link="/admin/notifications/message/",
    ),
    "requests": Cause(
        title="Failed requests",
        advice="Requests ended in an error of ours (status 500). The service's log has each of them under its request "
        "id.",
        link="/admin/",
    ),
    "workers": Cause(
        title="Silent workers",
        advice="A silent worker did not end as it should: killed, out of memory, stuck, or cut off from the database "
        "or the broker. What it had in hand is taken up by another after a minute.",
        link="/admin/",
        template="house/messages/silent_workers",
    ),
    "codes": Cause(
        title="Codes that nobody enters",
        advice="Somebody may be having codes sent to numbers that earn on each of them. A prefix gets none by short "
        "message for an hour, a country goes on; the entries name it, and how many were sent and entered. Narrow "
        "SMS_COUNTRIES if nobody of yours lives there.",
        link="/admin/audit/entry/?action=notifications.area.blocked",
        template="house/messages/codes_not_entered",
    ),
    "short_messages": Cause(
        title="Short messages stopped",
        advice="Nobody gets a code by SMS or WhatsApp until the day is over that began with its first message. Look at "
        "whom they went to. If it was all right, raise SMS_PER_DAY or SMS_COST_PER_DAY.",
        link="/admin/notifications/message/?channel=sms",
        template="house/messages/short_messages_stopped",
    ),
}


def _alert(reference: uuid.UUID, _now: dt.datetime) -> Content | None:
    """Tell a member of staff that something has become much more frequent, with the numbers of that moment."""
    entry = Entry.objects.filter(pk=reference).first()
    cause = CAUSES.get(entry.details["cause"]) if entry else None
    if entry is None or cause is None:
        return None
    minutes = entry.details["minutes"]
    return Content(
        template=cause.template,
        context={
            "title": cause.title,
            "advice": cause.advice,
            "count": entry.details["count"],
            "minutes": minutes,
            "usual": round(entry.details["hour_before"] * minutes / 60),
            "at": entry.at,
            "link": settings.PUBLIC_URL + cause.link,
        },
    )


ALERT = Kind(
    name="house.alert",
    lane=Lane.URGENT,
    category="alert",
    template="house/messages/alert",
    build=_alert,
    expires_after=dt.timedelta(hours=6),
    sample={
        "title": CAUSES["sign_ins"].title,
        "advice": CAUSES["sign_ins"].advice,
        "count": 120,
        "minutes": 10,
        "usual": 3,
        "at": samples.AT,
        "link": samples.SITE + CAUSES["sign_ins"].link,
    },
)

KINDS = (ALERT,)
