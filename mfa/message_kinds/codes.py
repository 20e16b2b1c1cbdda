"""The messages that carry a code of a second factor. Its digits exist in the worker and in the message alone."""

import datetime as dt
import uuid
from collections.abc import Mapping

from accounts import codes, conf
from accounts.models import SentCode
from notifications import samples
from notifications.channels import Channel
from notifications.kinds import Content, Kind
from notifications.lanes import Lane


def _code(reference: uuid.UUID, now: dt.datetime) -> Content | None:
    """Build the message of a code, while it is good."""
    row = SentCode.objects.filter(pk=reference).first()
    if row is None or not codes.is_good(row, now=now):
        return None
    return Content(
        context={
            "code": codes.text_of(row),
            "enrols": row.purpose == SentCode.Purpose.ENROL,
            "network": row.network,
            "host": conf.public_host(),
            "site": conf.public_url(),
            "minutes": round(codes.LIFETIME.total_seconds() / 60),
        }
    )


def _kind(channel: Channel) -> Kind:
    return Kind(
        name=f"mfa.code_by_{channel.value}",
        lane=Lane.URGENT,
        category="security",
        template="mfa/messages/code" if channel == Channel.EMAIL else "mfa/messages/short_code",
        build=_code,
        expires_after=codes.LIFETIME,
        channel=channel,
        sample={
            "code": "314159",
            "enrols": False,
            "network": samples.NETWORK,
            "host": "accounts.example.org",
            "site": samples.SITE,
            "minutes": 10,
        },
    )


KIND_OF: Mapping[Channel, Kind] = {
    channel: _kind(channel) for channel in (Channel.EMAIL, Channel.SMS, Channel.WHATSAPP, Channel.TELEGRAM)
}
KINDS = tuple(KIND_OF.values())
