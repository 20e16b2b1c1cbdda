"""The mails about roles: who is asked to decide, what was decided, and what became of somebody's own grants.

Nothing that whoever asks can word freely is in them: her reason is read where she is decided about, and a resource is
told only where it looks like one.
"""

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.dateparse import parse_datetime

from audit.models import Entry
from notifications import samples
from notifications.kinds import Builder, Content, Kind
from notifications.lanes import Lane
from roles import event_types
from roles.models import AccessRequest
from roles.notices import News

# A type and an id that nobody reads as an address or a sentence: a UUID is one, "x:https://a.example" is not.
_PLAIN_RESOURCE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}:[A-Za-z0-9_-]{1,36}\Z")


def _asked(reference: uuid.UUID, now: dt.datetime) -> Content | None:
    """Build the mail to somebody who may decide a request; None once it does not wait any more."""
    waiting = AccessRequest.objects.filter(state=AccessRequest.State.PENDING, lapses_at__gt=now)
    row = waiting.select_related("user").filter(pk=reference).first()
    if row is None:
        return None
    proposer = None if row.minutes else get_user_model()._base_manager.filter(pk=row.asked_by).first()
    link = f"{settings.PUBLIC_URL}/admin/roles/accessrequest/{row.pk}/change/"
    more = {"proposer": _address(proposer), "lapses_at": row.lapses_at, "link": link}
    return Content(context={**_wish(row), **more})


def _decided(reference: uuid.UUID, _now: dt.datetime) -> Content | None:
    """Build the mail to who asked for a role or gets it; None where it is not known any more."""
    row = AccessRequest.objects.select_related("user").filter(pk=reference).first()
    if row is None or row.state in {AccessRequest.State.PENDING, AccessRequest.State.WITHDRAWN}:
        return None
    # To a person about whom others talk, nobody's words are sent: she asked them nothing.
    answer = row.answer if row.asked_by == row.user_id else ""
    context = {**_wish(row), "state": str(row.state), "answer": answer}
    if row.state == AccessRequest.State.APPROVED and row.minutes and row.decided_at:
        context["expires_at"] = row.decided_at + dt.timedelta(minutes=row.minutes)
    return Content(context=context)


def _grant(reference: uuid.UUID, _now: dt.datetime) -> Content | None:
    """Build the mail about a person's own grant from the entry of its change."""
    entry = Entry.objects.filter(pk=reference).first()
    if entry is None:
        return None
    details = entry.details
    end = details.get("expires_at")
    return Content(
        context={
            "role": details["role"],
            "resource": _shown(details.get("resource", "")),
            "limited": bool(details.get("resource")),
            "denies": bool(details.get("denies")),
            "changed": entry.action == event_types.GRANT_CHANGED.name,
            "expires_at": parse_datetime(end) if end else None,
            "at": entry.at,
        }
    )


def _wish(row: AccessRequest) -> dict[str, Any]:
    return {
        "person": _address(row.user),
        "role": row.role_id,
        "resource": _shown(row.resource),
        "limited": bool(row.resource),
        "minutes": row.minutes,
        "expires_at": row.expires_at,
    }


def _address(user: Any) -> str:
    return str(getattr(user, user.get_email_field_name(), "")) if user else ""


def _shown(resource: str) -> str:
    return resource if _PLAIN_RESOURCE.match(resource) else ""


_ROLE = {
    "role": "invoice-sender",
    "resource": "organisation:4711",
    "limited": True,
    "minutes": None,
    "expires_at": samples.LATER,
    "at": None,
}
_WISH = {**_ROLE, "person": "anna@example.com"}
_GRANT = {**_ROLE, "denies": False, "changed": False, "at": samples.AT}
_ASKED = {**_WISH, "proposer": "bert@example.com", "lapses_at": samples.LATER, "link": samples.LINK}
_DECIDED = {**_WISH, "state": "approved", "answer": "Until the end of the month."}


def _kind(news: News, build: Builder, sample: Mapping[str, Any]) -> Kind:
    return Kind(
        name=f"roles.{news}",
        lane=Lane.NORMAL,
        category="security",
        template=f"roles/messages/{news}",
        build=build,
        expires_after=dt.timedelta(days=2),
        sample=sample,
    )


KIND_OF: Mapping[News, Kind] = {
    News.REQUEST_ASKED: _kind(News.REQUEST_ASKED, _asked, _ASKED),
    News.REQUEST_DECIDED: _kind(News.REQUEST_DECIDED, _decided, _DECIDED),
    News.GRANT_GIVEN: _kind(News.GRANT_GIVEN, _grant, _GRANT),
    News.GRANT_TAKEN: _kind(News.GRANT_TAKEN, _grant, _GRANT),
    News.GRANT_ENDED: _kind(News.GRANT_ENDED, _grant, _GRANT),
}
KINDS = tuple(KIND_OF.values())
