"""The mail to a person at whose second factor somebody is guessing."""

import datetime as dt
import uuid

from accounts import conf, people
from accounts.message_kinds import wording
from accounts.models import User
from notifications import samples
from notifications.kinds import Content, Kind
from notifications.lanes import Lane


def _guessed(reference: uuid.UUID, _now: dt.datetime) -> Content | None:
    """Build the warning; None for an account that may not act any more."""
    user = User.objects.filter(pk=reference).first()
    if user is None or not people.may_act(user):
        return None
    return Content(context={"name": wording.person(user.first_name), "site": conf.public_url()})


FACTOR_GUESSED = Kind(
    name="mfa.factor_guessed",
    lane=Lane.URGENT,
    category="security",
    template="mfa/messages/factor_guessed",
    build=_guessed,
    expires_after=dt.timedelta(hours=24),
    sample=samples.PERSON,
)
KINDS = (FACTOR_GUESSED,)
