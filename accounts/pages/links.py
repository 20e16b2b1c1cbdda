"""What every page behind a link of our mails has in common. Opening one changes nothing: mail scanners open links.

Its form carries the token and nothing ambient (no cookie, no session), so there is nothing to forge across sites.
"""

import datetime as dt
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts import fences
from kit.clock import utcnow
from kit.errors import Delayed, Invalid, Refusal
from kit.origin import Origin
from kit.permissions import Public
from kit.problems import STATUS_OF_CODE
from kit.requests import origin_of

MAX_TOKEN = 200


class LinkPage(View):
    """A page whose button does what its link is for. `route` names the limit by network address of its call.

    `template` shows the states `ask`, `no` (with `why`) and `done`; in `ask` again, `wrong` is what is wrong with the
    field of the form that `field` names, and what was typed into those of `kept` is there again.
    """

    permission_classes = [Public]
    route: ClassVar[str]
    template: ClassVar[str]
    field: ClassVar[str] = ""
    kept: ClassVar[tuple[str, ...]] = ()

    def act(self, form: Any, *, token: str, now: dt.datetime, origin: Origin) -> None:
        """Do what the link is for, or raise a refusal."""
        raise NotImplementedError

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the button."""
        return self._page(request, state="ask", token=request.GET.get("token", "")[:MAX_TOKEN])

    def post(self, request: HttpRequest) -> HttpResponse:
        """Do it, and say how it went."""
        now, origin = utcnow(), origin_of(request)
        token = request.POST.get("token", "")[:MAX_TOKEN]
        try:
            fences.hit(route=self.route, origin=origin, now=now)
            self.act(request.POST, token=token, now=now, origin=origin)
        except Refusal as refusal:
            return self._refused(request, token, refusal)
        return self._page(request, state="done")

    def _refused(self, request: HttpRequest, token: str, refusal: Refusal) -> HttpResponse:
        """Ask again where the field of the form is wrong; otherwise say why it did not work."""
        status = STATUS_OF_CODE[refusal.code]
        if isinstance(refusal, Invalid) and refusal.field == self.field:
            kept = {name: request.POST.get(name, "") for name in self.kept}
            return self._page(request, state="ask", status=status, token=token, wrong=refusal.detail, **kept)
        page = self._page(request, state="no", status=status, why=refusal.detail)
        if isinstance(refusal, Delayed):
            page["Retry-After"] = str(refusal.retry_after)
        return page

    def _page(self, request: HttpRequest, *, state: str, status: int = 200, **context: str) -> HttpResponse:
        return render(request, self.template, {"state": state, **context}, status=status)
