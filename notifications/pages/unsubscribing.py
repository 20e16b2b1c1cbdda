"""The page behind the link by which a mail is unsubscribed from. Opening it changes nothing: mail scanners open links.

A form of the page carries the token and nothing ambient, so there is nothing to forge across sites; and a mail program
posts to it by itself (RFC 8058), without having seen it.
"""

from enum import StrEnum
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from kit.clock import utcnow
from kit.errors import InvalidToken
from kit.permissions import Public
from kit.requests import address_of, origin_of
from limits import addresses
from notifications import unsubscribing
from notifications.unsubscribing import Subscription

TEMPLATE = "notifications/unsubscribe.html"
ONE_CLICK = "List-Unsubscribe"  # the field that a mail program posts, with the value One-Click


class State(StrEnum):
    """What the page shows: that mails come, that they come no more, that the link is not good, or to wait."""

    COMING = "coming"
    ENDED = "ended"
    AGAIN = "again"
    OVER = "over"
    WAIT = "wait"


class UnsubscribePage(View):
    """The page, and the address that one click posts to."""

    permission_classes = [Public]
    route = "unsubscribe"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show how it stands and a button. Changes nothing."""
        try:
            self._count(request)
            found = unsubscribing.read(_token_in(request))
        except (InvalidToken, addresses.TooMany) as refusal:
            return _refused(request, refusal)
        return _page(request, State.ENDED if unsubscribing.is_ended(found) else State.COMING, found)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Unsubscribe, or subscribe again where the form says so, and tell how it stands."""
        now, origin = utcnow(), origin_of(request)
        try:
            self._count(request)
            found = unsubscribing.read(_token_in(request))
        except (InvalidToken, addresses.TooMany) as refusal:
            return _refused(request, refusal)
        if request.POST.get("again"):
            unsubscribing.begin_again(found, now=now, origin=origin)
            return _page(request, State.AGAIN, found)
        unsubscribing.end(found, one_click=ONE_CLICK in request.POST, now=now, origin=origin)
        return _page(request, State.ENDED, found)

    def _count(self, request: HttpRequest) -> None:
        addresses.hit(route=self.route, address=address_of(request), now=utcnow())


def _token_in(request: HttpRequest) -> str:
    return request.POST.get("token") or request.GET.get("token", "")


def _refused(request: HttpRequest, refusal: InvalidToken | addresses.TooMany) -> HttpResponse:
    if isinstance(refusal, InvalidToken):
        return _page(request, State.OVER, status=400)
    page = _page(request, State.WAIT, status=429)
    page["Retry-After"] = str(refusal.retry_after)
    return page


def _page(request: HttpRequest, state: State, found: Subscription | None = None, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"state": state}
    if found is not None:
        context |= {"category": found.category.title, "token": unsubscribing.token_of(found.message)}
    return render(request, TEMPLATE, context, status=status)
