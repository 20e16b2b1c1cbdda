"""What every page behind a link of our mails has in common. Opening one changes nothing: mail scanners open links.

Its form carries the token and nothing ambient (no cookie, no session), so there is nothing to forge across sites.
"""

import datetime as dt
from enum import StrEnum
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts import fences, tokens
from kit.clock import utcnow
from kit.errors import Delayed, Invalid, InvalidToken, Refusal
from kit.origin import Origin
from kit.permissions import Public
from kit.problems import STATUS_OF_CODE
from kit.requests import origin_of

MAX_TOKEN = 200


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

    `template` extends `accounts/link_page.html` and fills its states: `ask` and `done`, and `over`, what helps where
    the link is good no more. In `ask` again `wrong` tells what is wrong with a field of `fields`, and what was typed
    into those of `kept` is there again.
    """

    permission_classes = [Public]
    route: ClassVar[str]
    template: ClassVar[str]
    fields: ClassVar[tuple[str, ...]] = ()
    kept: ClassVar[tuple[str, ...]] = ()

    def act(self, form: Any, *, token: str, now: dt.datetime, origin: Origin) -> None:
        """Do what the link is for, or raise a refusal."""
        raise NotImplementedError

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the button; or say at once that the link was cut. Whether a whole one is good is not looked up here."""
        token = request.GET.get("token", "")[:MAX_TOKEN]
        try:
            tokens.verify(token, tokens.Kind.LINK)
        except InvalidToken:
            return self._page(request, state=State.CUT, status=400)
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
