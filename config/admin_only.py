"""Django's middleware for pages with a session, at work under /admin alone.

The API has no cookies and pays for none. Subclasses, because the admin's system checks look for them by class.
"""

from typing import Any

from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest, HttpResponseBase
from django.middleware import csrf

PREFIX = "/admin/"


class _AdminOnly:
    """Pass a request for anything else straight on."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(PREFIX):
            answer: HttpResponseBase = super().__call__(request)  # type: ignore[misc]
            return answer
        passed: HttpResponseBase = self.get_response(request)
        return passed


class SessionMiddleware(_AdminOnly, sessions.SessionMiddleware):
    def process_response(self, request: HttpRequest, response: Any) -> Any:
        # A form sent from a page with `no-referrer` has the Origin "null", which the CSRF check refuses.
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return super().process_response(request, response)


class MessageMiddleware(_AdminOnly, messages.MessageMiddleware):
    pass


class CsrfViewMiddleware(_AdminOnly, csrf.CsrfViewMiddleware):
    def process_view(self, request: HttpRequest, callback: Any, args: Any, kwargs: Any) -> Any:
        if request.path_info.startswith(PREFIX):
            return super().process_view(request, callback, args, kwargs)
        return None
