"""The mail to somebody whose passkey was answered with by something that is not what she set up."""

import datetime as dt
import uuid

from accounts import conf
from accounts.message_kinds import wording
from mfa.models import Passkey
from notifications import samples
from notifications.kinds import Content, Kind
from notifications.lanes import Lane


def _copied(reference: uuid.UUID, _now: dt.datetime) -> Content | None:
    """Build the warning; None once the passkey is gone. What she calls it is not in it: it is anybody's text."""
    passkey = Passkey.objects.select_related("user").filter(pk=reference).first()
    if passkey is None:
        return None
    return Content(context={"name": wording.person(passkey.user.first_name), "site": conf.public_url()})


PASSKEY_COPIED = Kind(
    name="mfa.passkey_copied",
    lane=Lane.URGENT,
    category="security",
    template="mfa/messages/passkey_copied",
    build=_copied,
    expires_after=dt.timedelta(days=2),
    sample=samples.PERSON,
)
KINDS = (PASSKEY_COPIED,)
