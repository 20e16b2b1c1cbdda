"""The page that lets the owner of an account in that strangers have been guessing at."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts import admin_session, lockouts
from accounts.models import Device, Link
from accounts.pages.links import LinkPage
from kit.origin import Origin


class UnlockPage(LinkPage):
    """The page whose button makes this browser a device that her account knows."""

    route = "unlock"
    template = "accounts/unlock.html"
    purposes = (Link.Purpose.UNLOCK,)
    device: Device | None = None

    def act(self, form: Any, *, token: str, now: dt.datetime, origin: Origin) -> None:
        """Spend the link."""
        self.device = lockouts.let_in(token=token, now=now, origin=origin)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Spend the link and give the browser the cookie of its device.

        Not where another site's page has sent the form: it could take the browser's own cookie away by one of its own.
        """
        answer = super().post(request)
        if self.device is not None and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin":
            admin_session.remember_device(answer, self.device)
        return answer
