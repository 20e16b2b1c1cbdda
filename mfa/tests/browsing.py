"""What the tests of the pages of second factors do in a browser."""

import datetime as dt
import re
from typing import Any

from django.test import Client

from accounts.models import Session
from accounts.testing import PASSWORD
from kit.clock import utcnow
from mfa.models import Totp
from mfa.testing import code_of

LOGIN, STEP, SET_UP = "/admin/login/", "/admin/second-factor/", "/admin/second-factor/set-up/"
CONFIRM, OWN, PROOF = "/admin/second-factor/confirm/", "/admin/second-factors/", "/admin/second-factors/proof/"
SEND = "/admin/second-factor/send/"
EMAIL = "anna@example.com"
CODE = re.compile(r"<code>([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})</code>")


def enter(client: Client, **more: str) -> Any:
    """Give the password at the admin's door."""
    return client.post(LOGIN, {"username": EMAIL, "password": PASSWORD, **more})


def long_ago() -> None:
    """Let every sign-in be an hour ago."""
    then = utcnow() - dt.timedelta(hours=1)
    Session.objects.update(auth_time=then)
    Session.objects.exclude(factor_at=None).update(factor_at=then)


def first_code(page: Any) -> str:
    """Return the code of the app that has scanned the QR code of a page."""
    found = re.search(r"secret=([A-Z2-7]+)", page.text)
    assert found is not None
    device = Totp.objects.get(confirmed=False)
    assert device.key == found[1]
    return code_of(device, utcnow())


def options_at(client: Client, path: str) -> dict[str, Any]:
    """Return what the script of a page is answered."""
    return {"publicKey": client.post(f"/admin/{path}").json()}
