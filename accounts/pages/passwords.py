"""The pages of a new password, and of taking back a change."""

import datetime as dt
from typing import Any

from accounts import password_changes, reversals
from accounts.models import Link
from accounts.pages.links import LinkPage
from kit.origin import Origin


class ResetPasswordPage(LinkPage):
    """The page where a new password is set."""

    route = "password-reset"
    template = "accounts/reset_password.html"
    purposes = (Link.Purpose.RESET,)
    fields = ("new_password",)

    def act(self, form: Any, *, token: str, now: dt.datetime, origin: Origin) -> None:
        """Set the password of the form."""
        password = form.get("new_password", "")
        password_changes.reset(token=token, new_password=password, now=now, origin=origin)


class UndoPage(LinkPage):
    """The page whose button takes back a change that was not the owner's."""

    route = "undo"
    template = "accounts/undo.html"
    purposes = (Link.Purpose.UNDO,)

    def act(self, form: Any, *, token: str, now: dt.datetime, origin: Origin) -> None:
        """Take it back."""
        reversals.undo(token=token, now=now, origin=origin)
