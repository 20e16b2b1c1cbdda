"""Refresh tokens: spent once, by one conditional update, and still kind to a client that races itself.

The successor is kept sealed under a key that only the text of its predecessor yields. Within the grace (20 seconds)
a spent token is answered with the live end of its chain; later it ends its session (RFC 9700, section 4.14.2). What a
token that came twice is taken for, and why, is for `accounts.reuse` to say.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts import conf, event_types, metrics, people, reuse, sessions, tokens
from accounts.models import RefreshToken, Session
from audit import recording
from audit.vocabulary import ActorKind, Outcome
from kit.errors import InvalidToken
from kit.origin import Origin
from vault import derived, sealing

_LABEL = "accounts.refresh.successor"


@dataclass(frozen=True, slots=True)
class Renewed:
    """A live refresh token, the session it belongs to, and until when it is good.

    That is its own end or the session's, whichever comes first; both are sooner for staff.
    """

    text: str = field(repr=False)
    session: Session
    expires_at: dt.datetime


class Dead(InvalidToken):
    """A token that opens nothing (any more). `reason` is for the log alone, `session` the one it was of, if any."""

    def __init__(self, reason: str, session: Session | None = None) -> None:
        super().__init__()
        self.reason, self.session = reason, session


def issue(*, session: Session, now: dt.datetime) -> Renewed:
    """Return the first refresh token of a session, written in the caller's transaction."""
    text, digest = tokens.mint(tokens.Kind.REFRESH)
    return _store(text, digest, session, now)


def replace(*, session: Session, now: dt.datetime) -> Renewed:
    """Return a new first token of a session, in the caller's transaction; those it had are good no more."""
    for _ in range(2):  # the second look finds what a refresh under way has just made of the token it spent
        unspent = RefreshToken.objects.filter(session=session, spent_at=None, expires_at__gt=now)
        # Before any moment at which one was shown: a refresh may have come earlier than this and be waiting for us.
        unspent.update(expires_at=F("issued_at"))
    return issue(session=session, now=now)


def renew(*, token: Any, now: dt.datetime, origin: Origin) -> Renewed:
    """Spend a refresh token and return its successor; the same one to everybody who asks within the grace.

    Raises `InvalidToken`. A token that was spent longer ago ends its session, and the owner is told. Every refusal
    is recorded.
    """
    try:
        row = _find(token, now)
        if row.spent_at is None:
            renewed = _spend(token, row, now, origin)
            if renewed is not None:
                metrics.REFRESHES.count(verdict="renewed")
                return renewed
            row = _find(token, now)  # spent or replaced meanwhile
        live = _follow(token, row, now, origin)
    except Dead as refusal:
        _record_refusal(refusal, now, origin)
        raise
    reuse.note_race(row=row, now=now, origin=origin)
    metrics.REFRESHES.count(verdict="grace")
    return live


def find_session(*, token: Any, now: dt.datetime) -> Session:
    """Return the live session of a refresh token that is unspent or within its grace, or raise `InvalidToken`."""
    row = _find(token, now)
    if row.spent_at is not None and now - row.spent_at > _grace():
        raise InvalidToken
    return row.session


def erase_successors(*, now: dt.datetime) -> int:
    """Erase the sealed successors whose grace is over, and say how many."""
    # Some seconds late, so that a clock which runs ahead erases nothing that another process still answers with.
    before = now - _grace() - dt.timedelta(seconds=tokens.LEEWAY)
    over = RefreshToken.objects.filter(successor__isnull=False, spent_at__lte=before)
    return over.update(successor=None)


def purge(*, now: dt.datetime) -> int:
    """Delete the tokens that nobody could present any more, a day after their end; say how many."""
    deleted, _ = RefreshToken.objects.filter(expires_at__lte=now - dt.timedelta(days=1)).delete()
    return deleted


def _key(token: str) -> bytes:
    return derived.key_from(token, purpose=_LABEL)


def _grace() -> dt.timedelta:
    return dt.timedelta(seconds=conf.refresh_grace())


def _find(token: Any, now: dt.datetime) -> RefreshToken:
    """Return the row of a token whose session lives, by one statement. Raises `Dead`."""
    try:
        digest = tokens.verify(token, tokens.Kind.REFRESH)
    except InvalidToken as error:
        raise Dead("unknown") from error
    row = RefreshToken.objects.select_related("session__user", "session__device").filter(digest=digest).first()
    if row is None:
        raise Dead("unknown")
    session = row.session
    if row.expires_at <= now or session.over_at <= now:
        raise Dead("expired", session)
    if session.ended_at is not None or not people.may_act(session.user):
        raise Dead("ended", session)
    return row


def _spend(token: str, row: RefreshToken, now: dt.datetime, origin: Origin) -> Renewed | None:
    """Spend an unspent token; None when somebody else was quicker."""
    text, digest = tokens.mint(tokens.Kind.REFRESH)
    sealed = sealing.seal_under(_key(token), text.encode(), label=_LABEL, row=row.digest)
    with transaction.atomic():
        fresh = RefreshToken.objects.filter(digest=row.digest, spent_at=None, expires_at__gt=now)
        if not fresh.update(spent_at=now, successor=sealed, **reuse.spender(origin)):
            return None
        sessions.touch(session=row.session, now=now)
        renewed = _store(text, digest, row.session, now)
        recording.record(
            event_types.SESSION_REFRESHED,
            now=now,
            actor=row.session.user_id,
            target_kind="session",
            target=row.session_id,
            origin=origin,
        )
    return renewed


def _store(text: str, digest: str, session: Session, now: dt.datetime) -> Renewed:
    expires_at = min(now + dt.timedelta(seconds=conf.refresh_lifetime()), session.expires_at)
    RefreshToken.objects.create(digest=digest, session=session, issued_at=now, expires_at=expires_at)
    return Renewed(text=text, session=session, expires_at=min(expires_at, session.over_at))


def _follow(token: str, row: RefreshToken, now: dt.datetime, origin: Origin) -> Renewed:
    """Walk from a spent token to the live end of its chain, each link opened by the text before it."""
    first = row
    late = first.spent_at is not None and now - first.spent_at > _grace()
    while row.spent_at is not None:
        if late or row.successor is None:
            metrics.REFRESHES.count(verdict="reused")
            reuse.end_session(row=first, now=now, origin=origin)
            raise InvalidToken
        key = _key(token)
        token = sealing.unseal_under(key, bytes(row.successor), label=_LABEL, row=row.digest).decode()
        row = _find(token, now)
    return Renewed(text=token, session=row.session, expires_at=min(row.expires_at, row.session.over_at))


def _record_refusal(refusal: Dead, now: dt.datetime, origin: Origin) -> None:
    metrics.REFRESHES.count(verdict=refusal.reason)
    recording.record(
        event_types.REFRESH_REFUSED,
        now=now,
        actor_kind=ActorKind.STRANGER,
        target_kind="session",
        target=refusal.session.pk if refusal.session else "",
        outcome=Outcome.REFUSED,
        origin=origin,
        details={"reason": refusal.reason},
    )
