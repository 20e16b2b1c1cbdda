"""What is kept of a person, shown to herself: the account here, and what each app adds (ACCOUNTS_EXPORTERS)."""

import datetime as dt
from typing import Any

from django.db.models import Q

from accounts import conf, erasure, event_types
from accounts.models import (
    Device,
    FormerName,
    Handle,
    Invitation,
    Link,
    LoginAttempt,
    Registration,
    SentCode,
    Session,
    User,
)
from audit import recording
from kit import seams
from kit.origin import NOWHERE, Origin
from kit.personal_data import Exporter, Rows, Subject, shown


def export(*, user: User, now: dt.datetime, origin: Origin = NOWHERE) -> dict[str, Any]:
    """Return everything that is kept of a person, by app, and record that she took it.

    Passwords, tokens and codes are no part of it, in any form; nor is what is another's. Of each kind the newest, as
    many as `kit.personal_data.shown` has room for; `left_out` tells of how many older ones are not in it.
    """
    subject = erasure.subject_of(user)
    exporters: list[Exporter] = [seams.load(path) for path in conf.exporters()]
    collected = {exporter.name: exporter.collect(subject) for exporter in exporters}
    recording.record(
        event_types.DATA_EXPORTED, now=now, actor=user.pk, target_kind="user", target=user.pk, origin=origin
    )
    left_out = {
        f"{name}.{kind}": rows.left_out
        for name, kinds in collected.items()
        for kind, rows in kinds.items()
        if isinstance(rows, Rows) and rows.left_out
    }
    return {"exported_at": now, "user": str(user.pk), "left_out": left_out, **collected}


def _collect(subject: Subject) -> dict[str, Any]:
    own = Q(user=subject.id)
    named = Q(address__in=subject.names)
    mailed = ("purpose", "created_at", "expires_at", "used_at")
    sessions = ("id", "door", "device_name", "address", "place", "agent", "amr", "auth_time", "created_at")
    return {
        "person": shown(
            User.objects.filter(pk=subject.id),
            *("id", "email", "username", "first_name", "last_name", "phone", "phone_confirmed_at", "locale"),
            *("time_zone", "is_active", "is_staff", "is_superuser", "created_at", "password_changed_at"),
            *("frozen_at", "erase_at"),
        ),
        "names": shown(Handle.objects.filter(own), "kind", "canonical", "is_primary", "confirmed_at", "held_until"),
        "former_names": shown(FormerName.objects.filter(own), "canonical", "until"),
        "sessions": shown(
            Session.objects.filter(own),
            *sessions,
            *("last_seen_at", "expires_at", "ended_at", "end_reason", "verdict", "evidence"),
        ),
        "devices": shown(Device.objects.filter(own), "name", "created_at", "last_seen_at"),
        "links": shown(Link.objects.filter(own), "address", *mailed),
        "codes": shown(SentCode.objects.filter(own), "channel", "to", "network", *mailed),
        "sign_ins_under_way": shown(LoginAttempt.objects.filter(own), "door", "device_name", "created_at"),
        "registrations": shown(
            Registration.objects.filter(named),
            *("address", "username", "first_name", "last_name", "phone", "created_at", "confirmed_at"),
        ),
        "invitations": shown(
            Invitation.objects.filter(named | own),
            *("address", "first_name", "last_name", "locale", "created_at", "accepted_at"),
        ),
    }


EXPORTER = Exporter(name="account", models=erasure.ERASER.models - {"accounts.RefreshToken"}, collect=_collect)
