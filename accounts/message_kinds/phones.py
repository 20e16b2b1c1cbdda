"""What goes to a telephone."""

import datetime as dt
import uuid

from accounts import codes, conf
from accounts.models import SentCode
from notifications.channels import Channel
from notifications.kinds import Content, Kind
from notifications.lanes import Lane


def _code(reference: uuid.UUID, now: dt.datetime) -> Content | None:
    """Build the message of a code, while it is good."""
    row = SentCode.objects.filter(pk=reference).first()
    if row is None or not codes.is_good(row, now=now):
        return None
    return Content(context={"code": codes.text_of(row), "host": conf.public_host(), "minutes": 10})


PHONE_CODE = Kind(
    name="accounts.phone_code",
    lane=Lane.URGENT,
    category="security",
    template="accounts/messages/phone_code",
    build=_code,
    expires_after=codes.LIFETIME,
    channel=Channel.SMS,
    sample={"code": "314159", "host": "accounts.example.org", "minutes": 10},
)

KINDS = (PHONE_CODE,)
