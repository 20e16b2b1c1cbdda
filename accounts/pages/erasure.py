"""The page that brings a deleted account back."""

import datetime as dt
from typing import Any

from accounts import erasure
from accounts.models import Link
from accounts.pages.links import LinkPage
from kit.origin import Origin


class KeepAccountPage(LinkPage):
    """The page whose button stops the erasure of an account."""

    route = "keep-account"
    template = "accounts/keep_account.html"
    purposes = (Link.Purpose.KEEP,)

    def act(self, form: Any, *, token: str, now: dt.datetime, origin: Origin) -> None:
        """Spend the link."""
        erasure.stop(token=token, now=now, origin=origin)
