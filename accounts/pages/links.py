"""What every page behind a link of our mails has in common. Opening one changes nothing: mail scanners open links.

Its form carries the token and nothing ambient (no cookie, no session), so there is nothing to forge across sites.
"""

import datetime as dt
from enum import StrEnum
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts import fences, links
from accounts.links import Standing
from accounts.models import Link
from kit.clock import utcnow
from kit.errors import Delayed, Invalid, InvalidToken, Refusal
from kit.origin import Origin
from kit.permissions import Public
from kit.problems import STATUS_OF_CODE
from kit.requests import origin_of

MAX_TOKEN = 200
_WHY = {
    Standing.USED: "This link has been used already.",
    Standing.EXPIRED: "This link has expired.",
    Standing.REPLACED: "A newer link like this was sent. Only the newest is good.",
    Standing.WITHDRAWN: "This link is good no more: something has happened since that ended it.",
    Standing.UNKNOWN: "This link is not valid. It may have expired long ago.",
}


class State(StrEnum):
    """What a page shows: its form, what was done, or why not (cut, over and refused links, and a wait)."""

    ASK = "ask"
    DONE = "done"
    CUT = "cut"
    OVER = "over"
    WAIT = "wait"
    REFUSED = "refused"


class LinkPage(View):
    """A page whose button does what its link is for. `route` names the limit by network address of its call.

    `purposes` are those of its links. `template` extends `accounts/link_page.html` and fills its states: `ask` and
    `done`, and `over`, what helps where the link is good no more (when opened, with its `standing`). In `ask` again
    `wrong` tells what is wrong with a field of `fields`, and what was typed into those of `kept` is there again.
    """

    permission_classes = [Public]
    route: ClassVar[str]
    template: ClassVar[str]
    purposes: ClassVar[tuple[Link.Purpose, ...]] = ()
    fields: ClassVar[tuple[str, ...]] = ()
    kept: ClassVar[tuple[str, ...]] = ()

    def act(self, form: Any, *, token: str, now: dt.datetime, origin: Origin) -> None:
        """Do what the link is for, or raise a refusal."""
        raise NotImplementedError

    def standing_of(self, *, token: str, now: dt.datetime) -> Standing:
        """Return how the link stands, changing nothing. Raises `InvalidToken` for one that was cut."""
        return links.standing_of(token=token, purposes=self.purposes, now=now)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the button; or say at once that the link was cut, or that and why it is good no more.

        The button decides all the same: nothing is held between the two, and nothing is written or counted here.
        """
        token = request.GET.get("token", "")[:MAX_TOKEN]
        try:
            standing = self.standing_of(token=token, now=utcnow())
        except InvalidToken:
            return self._page(request, state=State.CUT, status=400)
        if standing != Standing.GOOD:
            return self._page(request, state=State.OVER, status=400, why=_WHY[standing], standing=standing)
        return self._page(request, state=State.ASK, token=token)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Do it, and say how it went."""
        now, origin = utcnow(), origin_of(request)
        token = request.POST.get("token", "")[:MAX_TOKEN]
        try:
            fences.hit(route=self.route, origin=origin, now=now)
            self.act(request.POST, token=token, now=now, origin=origin)
        except Refusal as refusal:
            return self._refused(request, token, refusal)
        return self._page(request, state=State.DONE)

    def _refused(self, request: HttpRequest, token: str, refusal: Refusal) -> HttpResponse:
        """Ask again where a field of the form is wrong; otherwise say why it did not work, and what helps."""
        status = STATUS_OF_CODE[refusal.code]
        if isinstance(refusal, Invalid) and refusal.field in self.fields:
            kept = {name: request.POST.get(name, "") for name in self.kept}
            wrong = {refusal.field: refusal.detail}
            return self._page(request, state=State.ASK, status=status, token=token, wrong=wrong, **kept)
        if isinstance(refusal, Delayed):
            page = self._page(request, state=State.WAIT, status=status, why=refusal.detail)
            page["Retry-After"] = str(refusal.retry_after)
            return page
        state = State.OVER if isinstance(refusal, Invalid) else State.REFUSED
        return self._page(request, state=state, status=status, why=refusal.detail)

    def _page(self, request: HttpRequest, *, state: State, status: int = 200, **context: Any) -> HttpResponse:
        return render(request, self.template, {"state": state, **context}, status=status)
