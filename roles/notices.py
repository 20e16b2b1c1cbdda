"""Telling people what became of roles and requests, in the transaction of the change. Who carries it is a seam.

This app knows of no mail: `ROLES_NOTICES` names the function that does, and without it nobody is told anything.
"""

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum
from typing import Any
from uuid import UUID

from audit.models import Entry
from kit import seams
from roles import conf


class News(StrEnum):
    """What people are told of. A request is referred to by its own id, a grant by that of its entry in the log."""

    REQUEST_ASKED = "request_asked"
    REQUEST_DECIDED = "request_decided"
    GRANT_GIVEN = "grant_given"
    GRANT_TAKEN = "grant_taken"
    GRANT_ENDED = "grant_ended"


def tell(news: News, *, people: Iterable[Any], reference: UUID, now: dt.datetime) -> None:
    """Tell each of these people of a request."""
    path = conf.notices()
    if path:
        seams.load(path)(news=news, people=tuple(people), reference=reference, now=now)


def tell_of_grant(news: News, *, person: Any, entry: Entry | None, now: dt.datetime) -> None:
    """Tell a person of what has been done to her own grants, unless the house keeps that to itself."""
    if entry is not None and conf.tells_of_grants():
        tell(news, people=[person], reference=entry.pk, now=now)
