"""Telling people by mail what became of roles and requests (the answer to ROLES_NOTICES)."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from audit.models import Entry
from limits import counters
from limits.counters import Limit
from notifications import sending
from roles.message_kinds import KIND_OF
from roles.models import AccessRequest
from roles.notices import News

MOST_AN_HOUR, HOUR = 20, 3600  # mails that one person causes another


def tell(*, news: News, people: Iterable[Any], reference: UUID, now: dt.datetime) -> None:
    """Queue a mail to each person who can act, in the caller's transaction.

    Whoever gives and takes back, or proposes and withdraws, again and again fills nobody's mailbox.
    """
    able = [person for person in people if person.is_active and _address(person)]
    for person in _not_too_often(able, by=_author(news, reference), now=now):
        locale = getattr(person, "locale", "")
        sending.send(kind=KIND_OF[news], to=_address(person), reference=reference, now=now, locale=locale)


def _address(person: Any) -> str:
    return str(getattr(person, person.get_email_field_name(), ""))


def _author(news: News, reference: UUID) -> UUID | None:
    """Return who has done what is told; None where it came about by itself."""
    if news not in {News.REQUEST_ASKED, News.REQUEST_DECIDED}:
        return Entry.objects.filter(pk=reference).values_list("actor", flat=True).first()
    column = "asked_by" if news == News.REQUEST_ASKED else "decided_by"
    return AccessRequest.objects.filter(pk=reference).values_list(column, flat=True).first()


def _not_too_often(people: Sequence[Any], *, by: UUID | None, now: dt.datetime) -> list[Any]:
    if by is None or not people:
        return list(people)
    keys = [Limit(f"roles.mail:{by}:{person.pk}", MOST_AN_HOUR, HOUR) for person in people]
    verdicts = counters.hit_all(keys, now=now)
    return [person for person, verdict in zip(people, verdicts, strict=True) if verdict.allowed]
