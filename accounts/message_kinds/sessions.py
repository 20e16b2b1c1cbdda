"""What the owner is told about her sessions."""

import datetime as dt
import uuid
from typing import Any

from accounts import conf
from accounts.message_kinds import wording
from accounts.message_kinds.reversals import undo_link
from accounts.models import Link, Session
from notifications import samples
from notifications.kinds import Content, Kind
from notifications.lanes import Lane


def _find(reference: uuid.UUID | str) -> Session | None:
    return Session.objects.select_related("user").filter(pk=reference).first()


def _about(session: Session) -> dict[str, Any]:
    """Return what every notice of a session says."""
    return {
        "name": wording.person(session.user.first_name),
        "device": wording.device(session.device_name) or wording.program(session.agent) or "a device without a name",
        "site": conf.public_url(),
    }


def _reuse_notice(reference: uuid.UUID, _now: dt.datetime) -> Content | None:
    """Tell the owner that a spent refresh token came back, what that is taken for, and who showed it."""
    session = _find(reference)
    if session is None:
        return None
    evidence = session.evidence
    uses = [_use(evidence[use]) for use in ("first", "again") if use in evidence]
    calm = session.verdict == Session.Verdict.LATE_RETRY
    return Content(context={**_about(session), "at": session.ended_at, "uses": uses, "calm": calm})


def _use(told: dict[str, str]) -> dict[str, Any]:
    return {**told, "at": dt.datetime.fromisoformat(told["at"]), "user_agent": wording.program(told["user_agent"])}


def _new_device_notice(reference: uuid.UUID, now: dt.datetime) -> Content | None:
    """Tell the owner of a sign-in from a device that was not known, with the link that undoes it."""
    notice = undo_link(reference, now)
    session = _find(Link.objects.get(pk=reference).data["data"]["session"]) if notice else None
    if notice is None or session is None:
        return None
    told = {"at": session.created_at, "address": session.address, "place": session.place}
    return Content(context={**notice.context, **_about(session), **told})


def _impersonation_notice(reference: uuid.UUID, _now: dt.datetime) -> Content | None:
    """Tell a person that staff act for her, since when and until when; nothing of who or why."""
    session = _find(reference)
    if session is None:
        return None
    name = wording.person(session.user.first_name)
    told = {"name": name, "at": session.created_at, "until": session.expires_at, "site": conf.public_url()}
    return Content(context=told)


REFRESH_REUSED = Kind(
    name="accounts.refresh_reused",
    lane=Lane.URGENT,
    category="security",
    template="accounts/messages/refresh_reused",
    build=_reuse_notice,
    expires_after=dt.timedelta(days=2),
    sample={
        **samples.PERSON,
        "device": "Work laptop",
        "at": samples.AT,
        "uses": [
            {"at": samples.AT, "ip_address": samples.NETWORK, "place": samples.PLACE, "user_agent": "Firefox on a Mac"}
        ],
        "calm": False,
    },
)

NEW_DEVICE = Kind(
    name="accounts.new_device",
    lane=Lane.URGENT,
    category="security",
    template="accounts/messages/new_device",
    build=_new_device_notice,
    expires_after=dt.timedelta(days=2),
    sample={
        **samples.UNDO,
        **samples.PERSON,
        "device": "Firefox on a Mac",
        "address": samples.NETWORK,
        "place": samples.PLACE,
    },
)

IMPERSONATED = Kind(
    name="accounts.impersonated",
    lane=Lane.URGENT,
    category="security",
    template="accounts/messages/impersonated",
    build=_impersonation_notice,
    expires_after=dt.timedelta(days=2),
    sample={**samples.PERSON, "at": samples.AT, "until": samples.LATER},
)

KINDS = (REFRESH_REUSED, NEW_DEVICE, IMPERSONATED)
