"""The pages that confirm an address: of somebody who wants an account, and of somebody who has one."""

import datetime as dt
from typing import Any

from accounts import addresses, registration
from accounts.links import Standing
from accounts.pages.links import LinkPage
from kit.origin import Origin


class VerifyEmailPage(LinkPage):
    """The page whose button makes the account of a registration."""

    route = "verify-email"
    template = "accounts/verify_email.html"

    def standing_of(self, *, token: str, now: dt.datetime) -> Standing:
        """Look at the row that the link is of."""
        return registration.standing_of(token=token, now=now)

    def act(self, form: Any, *, token: str, now: dt.datetime, origin: Origin) -> None:
        """Make it."""
        registration.confirm(token=token, now=now, origin=origin)


class ConfirmAddressPage(LinkPage):
    """The page whose button confirms a further address of an account, or another first one."""

    route = "confirm-address"
    template = "accounts/confirm_address.html"
    purposes = (addresses.CHANGE, addresses.ADD)

    def act(self, form: Any, *, token: str, now: dt.datetime, origin: Origin) -> None:
        """Confirm it."""
        addresses.confirm(token=token, now=now, origin=origin)
