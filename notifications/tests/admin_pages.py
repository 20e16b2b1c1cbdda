"""Pages of the admin, asked for as a member of staff, on a floor where there are no accounts."""

from typing import Any

from django.contrib.admin import AdminSite, site
from django.contrib.messages.storage.base import BaseStorage
from django.http import HttpResponse
from django.test import RequestFactory

from notifications.admin import MessageAdmin
from notifications.models import Message
from notifications.tests.callers import VIEW, Caller

ACT = "notifications.change_message"
STAFF = Caller(frozenset({VIEW}))
ACTING = Caller(frozenset({VIEW, ACT}))


class Words(BaseStorage):
    """Keeps what a page tells its reader."""

    def _get(self, *args: Any, **kwargs: Any) -> tuple[list[Any], bool]:
        return [], True

    def _store(self, messages: list[Any], response: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return []


def view(
    name: str,
    *arguments: Any,
    query: str = "",
    user: Caller = STAFF,
    form: str | None = None,
    admin_site: AdminSite = site,
) -> tuple[HttpResponse, list[str]]:
    """Return what a view of the messages' admin answers, rendered, and what it says in passing."""
    factory = RequestFactory()
    request: Any = (
        factory.get(f"/?{query}")
        if form is None
        else factory.post("/", form, content_type="application/x-www-form-urlencoded")
    )
    request.user = user
    request._dont_enforce_csrf_checks = True
    request._messages = Words(request)
    response: Any = getattr(MessageAdmin(Message, admin_site), name)(request, *arguments)
    if hasattr(response, "render"):
        response.render()
    return response, [str(told) for told in request._messages._queued_messages]


def page(name: str, *arguments: Any, **how: Any) -> str:
    """Return the text of a page."""
    answer, _ = view(name, *arguments, **how)
    return answer.content.decode()


def found(query: str) -> list[Message]:
    """Return the messages that the feed lists for a query."""
    answer: Any = view("changelist_view", query=query)[0]
    return list(answer.context_data["cl"].result_list)
