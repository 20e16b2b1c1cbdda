"""Telling people by mail what became of roles and requests (the answer to ROLES_NOTICES)."""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from notifications import sending
from roles.message_kinds import KIND_OF
from roles.notices import News


def tell(*, news: News, people: Iterable[Any], reference: UUID, now: dt.datetime) -> None:
    """Queue a mail to each person who can act, in the caller's transaction."""
    for person in people:
        address = getattr(person, person.get_email_field_name(), "")
        if address and person.is_active:
            sending.send(
                kind=KIND_OF[news], to=address, reference=reference, now=now, locale=getattr(person, "locale", "")
            )
