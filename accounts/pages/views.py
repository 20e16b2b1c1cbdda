"""Pages behind the links of our mails. Opening one changes nothing (mail scanners open links); its button does."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts import fences, registration
from kit.clock import utcnow
from kit.errors import Invalid, Throttled
from kit.permissions import Public
from kit.requests import origin_of

MAX_TOKEN = 200


class VerifyEmailPage(View):
    """The page behind the link of a registration.

    Its form carries the token and nothing ambient (no cookie, no session), so there is nothing to forge across sites.
    """

    permission_classes = [Public]

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the button."""
        token = request.GET.get("token", "")[:MAX_TOKEN]
        return _page(request, {"state": "ask", "token": token})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Confirm the address, and say how it went."""
        now = utcnow()
        try:
            fences.hit(route="verify-email", origin=origin_of(request), now=now)
            token = request.POST.get("token", "")
            registration.confirm(token=token, now=now, origin=origin_of(request))
        except Invalid as refusal:
            return _page(request, {"state": "no", "why": refusal.detail}, status=400)
        except Throttled as refusal:
            page = _page(request, {"state": "no", "why": refusal.detail}, status=429)
            page["Retry-After"] = str(refusal.retry_after)
            return page
        return _page(request, {"state": "done"})


def _page(request: HttpRequest, context: dict[str, str], status: int = 200) -> HttpResponse:
    return render(request, "accounts/verify_email.html", context, status=status)
