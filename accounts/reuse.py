"""A refresh token that came twice: what it is taken for, by which evidence, and what the owner is told.

Three verdicts. *Race*: within the grace, answered. *Late retry*: too late, but by the very client that had spent it and
that never used what it got for it, so most likely the answer was lost. *Theft*: everything else; a copy may be out.
Both end the session. Where the evidence allows two readings it is theft: a calm word to the victim would cost more than
an alarm to somebody whose phone changed its network.
"""

import datetime as dt
from typing import Any

from django.db import transaction

from accounts import event_types, places, sessions
from accounts.message_kinds.sessions import REFRESH_REUSED
from accounts.models import RefreshToken, Session
from audit import recording
from audit.vocabulary import ActorKind, EventType, Outcome
from kit.origin import Origin, network_of
from notifications import sending

_FACTS = ("spent_seconds_ago", "same_address", "same_agent", "successor_used")


def spender(origin: Origin) -> dict[str, str]:
    """Return the columns of a refresh token that say who spends it."""
    return {"spent_address": origin.address, "spent_agent": origin.agent[:256]}


def note_race(*, row: RefreshToken, now: dt.datetime, origin: Origin) -> None:
    """Note that a spent token was answered once more: the first time on its session, for seven tabs do it all day."""
    if row.session.verdict:
        return
    evidence = _evidence(row, now, origin)
    race = Session.Verdict.RACE
    with transaction.atomic():
        first = Session.objects.filter(pk=row.session_id, verdict="", ended_at=None)
        if first.update(verdict=race, evidence=evidence):
            _record(event_types.REFRESH_RACED, row, race, evidence, now=now, origin=origin)


def end_session(*, row: RefreshToken, now: dt.datetime, origin: Origin) -> None:
    """End the session of a token that came back too late, with verdict and evidence, and tell the owner."""
    session = row.session
    evidence = _evidence(row, now, origin)
    verdict = _verdict(evidence)
    with transaction.atomic():
        if not sessions.end(session=session, reason=Session.EndReason.REUSE, actor=None, now=now, origin=origin):
            return
        Session.objects.filter(pk=session.pk).update(verdict=verdict, evidence=evidence)
        _record(event_types.REFRESH_REUSED, row, verdict, evidence, now=now, origin=origin)
        sending.send(kind=REFRESH_REUSED, to=session.user.email, reference=session.pk, now=now)


def _verdict(evidence: dict[str, Any]) -> Session.Verdict:
    """Return what a token that came too late is taken for."""
    same_client = evidence["same_address"] and evidence["same_agent"]
    benign = same_client and not evidence["successor_used"]
    return Session.Verdict.LATE_RETRY if benign else Session.Verdict.THEFT


def _evidence(row: RefreshToken, now: dt.datetime, origin: Origin) -> dict[str, Any]:
    """Return what is known of the two who showed one token, as the session's row keeps it for owner and staff."""
    spent_at = row.spent_at or now
    # Told apart by the moment of its making: the link from a token to its successor is sealed, and erased by now.
    successor = RefreshToken.objects.filter(session=row.session_id, issued_at=spent_at, spent_at__isnull=False)
    agent = origin.agent[:256]
    return {
        "first": _user(row.spent_address, row.spent_agent, spent_at),
        "again": _user(origin.address, agent, now),
        "spent_seconds_ago": int((now - spent_at).total_seconds()),
        "same_address": network_of(origin.address) == network_of(row.spent_address),
        "same_agent": agent == row.spent_agent,
        "successor_used": successor.exclude(digest=row.digest).exists(),
    }


def _user(address: str, agent: str, at: dt.datetime) -> dict[str, str]:
    when = at.isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"at": when, "ip_address": address, "place": places.find(address), "user_agent": agent}


def _record(
    event: EventType,
    row: RefreshToken,
    verdict: Session.Verdict,
    evidence: dict[str, Any],
    *,
    now: dt.datetime,
    origin: Origin,
) -> None:
    """Write the entry. It has no address among its details, since it outlives their erasure."""
    refused = verdict != Session.Verdict.RACE
    recording.record(
        event,
        now=now,
        actor_kind=ActorKind.STRANGER,
        target_kind="session",
        target=row.session_id,
        outcome=Outcome.REFUSED if refused else Outcome.DONE,
        origin=origin,
        details={"verdict": verdict.value, **{fact: evidence[fact] for fact in _FACTS}},
    )
