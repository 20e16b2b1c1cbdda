"""The page where an invitation is accepted."""

import datetime as dt
from typing import Any

from accounts import invitations
from accounts.api.serializers.invitations import Acceptance
from accounts.links import Standing
from accounts.pages.links import LinkPage
from kit.errors import Invalid
from kit.origin import Origin

NAMES = ("first_name", "last_name")


class AcceptInvitationPage(LinkPage):
    """The page where the invited chooses a password, and says how she is called."""

    route = "accept-invitation"
    template = "accounts/accept_invitation.html"
    fields = ("password", *NAMES)
    kept = NAMES

    def standing_of(self, *, token: str, now: dt.datetime) -> Standing:
        """Look at the row that the link is of."""
        return invitations.standing_of(token=token, now=now)

    def act(self, form: Any, *, token: str, now: dt.datetime, origin: Origin) -> None:
        """Make the account."""
        given = Acceptance(data={"token": token, **{name: form.get(name, "") for name in ("password", *NAMES)}})
        if not given.is_valid():
            field, problems = next(iter(given.errors.items()))
            raise Invalid(field, str(problems[0]))
        invitations.accept(now=now, origin=origin, **given.validated_data)
