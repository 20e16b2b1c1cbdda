"""What a person says of herself: names, user name, telephone number, language and time zone."""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping

from django.db import transaction

from accounts import event_types, handles, phones
from accounts.models import User
from audit import recording
from kit.errors import Invalid
from kit.origin import NOWHERE, Origin

EDITABLE = ("first_name", "last_name", "username", "phone", "locale", "time_zone")


def update(
    *,
    user: User,
    changes: Mapping[str, str | None],
    now: dt.datetime,
    origin: Origin = NOWHERE,
    actor: uuid.UUID | None = None,
) -> User:
    """Change the fields of `EDITABLE` that are among the changes; others are left as they are. Returns the person.

    Another number is one that nobody has confirmed. `actor` is who changes it, herself unless given. Raises `Invalid`
    for a user name that is taken or that nobody may have; the one that is given up is held for her (`handles`).
    """
    with transaction.atomic():
        row = User.objects.lock(user.pk)  # of two changes at once neither undoes the other
        changed = dict(_differing(row, changes))
        if not changed:
            return row
        if "username" in changed:
            _change_username(row, changed["username"], now)
        if "phone" in changed:
            phones.replace(user=row, phone=changed["phone"], confirmed_at=None, now=now, origin=origin)
        for name in changed.keys() - {"username", "phone"}:
            setattr(row, name, changed[name])
        row.save(update_fields=changed.keys() - {"phone"})
        recording.record(
            event_types.PROFILE_CHANGED,
            now=now,
            actor=actor or row.pk,
            target_kind="user",
            target=row.pk,
            origin=origin,
            details={"fields": ",".join(sorted(changed))},
        )
    return row


def _differing(user: User, changes: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    """Yield what is to be changed and is not so already."""
    for name in EDITABLE:
        if name in changes and (getattr(user, name) or "") != (changes[name] or ""):
            yield name, changes[name] or ""


def _change_username(user: User, username: str, now: dt.datetime) -> None:
    user.username = username or None
    try:
        handles.change_username(user=user, name=handles.username(username) if username else "", now=now)
    except handles.NameTaken as error:
        raise Invalid("username", "Somebody has this user name already.", "taken") from error
