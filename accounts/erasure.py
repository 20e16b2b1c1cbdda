"""The end of an account: stopped at once, erased when its grace is over, and until then called off.

A person who deletes her account can stop that by the link in her mail, since whoever held her phone could have done it;
what staff delete, staff bring back. After the grace nothing can: each app erases what it keeps (ACCOUNTS_ERASERS), then
the row goes. The log keeps its entries, with an id that nobody has any more and never will.
"""

import datetime as dt
from collections.abc import Mapping

import structlog
from django.db import transaction
from django.db.models import F, Q

from accounts import authority, conf, event_types, links, pending, people, sessions
from accounts.message_kinds.erasure import DELETED, DELETED_BY_STAFF
from accounts.models import FormerName, Handle, Invitation, Link, Registration, SentCode, Session, User
from audit import recording
from audit.vocabulary import ActorKind, EventType, Outcome
from kit import canonical, seams
from kit.errors import Conflict, Invalid, InvalidToken
from kit.origin import NOWHERE, Origin
from kit.personal_data import Eraser, Subject
from notifications import sending

BATCH = 100
AGAIN = dt.timedelta(hours=1)  # after a failure
_log = structlog.get_logger("accounts")


class EndedForGood(Conflict):
    """The grace is over: parts of the account may be erased already."""

    default_detail = "The account is being erased. It cannot be brought back."


class StoppedMeanwhile(Conflict):
    """Between the request and the change the account was stopped, or frozen."""

    default_detail = "The account has been stopped. Nothing was changed."


def request(*, user: User, actor: User | None, now: dt.datetime, origin: Origin = NOWHERE) -> dt.datetime:
    """Stop an account for good: sessions end at once, and it is erased when the grace is over. Returns when that is.

    Asked again, nothing changes. Raises a `Conflict` for the last person who may do everything, and where somebody has
    stopped the account while its owner asked: her link would bring back what is not hers to bring back.
    """
    by = actor.pk if actor else None
    with transaction.atomic(), authority.last_holder_kept(user=user, now=now):
        row = User.objects.lock(user.pk)
        if row.erase_at is not None:
            return row.erase_at
        if by == row.pk and not people.may_act(row):
            raise StoppedMeanwhile
        row.is_active, row.erase_at = False, now + dt.timedelta(seconds=conf.erasure_grace())
        row.save(update_fields=["is_active", "erase_at"])
        pending.void(user=row, now=now)
        sessions.end_all(user=row, reason=Session.EndReason.DELETED, actor=by, now=now, origin=origin)
        _notify(row, own=by == row.pk, now=now, origin=origin)
        _record(event_types.USER_DELETED, row, actor, now=now, origin=origin, details={"erase_at": row.erase_at})
        return row.erase_at


def stop(*, token: str, now: dt.datetime, origin: Origin) -> User:
    """Bring an account back by the link of its mail: it may act again. Raises `Invalid` on `token`, always alike."""
    try:
        link = links.find(token=token, purpose=Link.Purpose.KEEP, now=now)
        with transaction.atomic():
            row = User.objects.lock(link.user_id)
            links.use(token=token, purpose=Link.Purpose.KEEP, now=now)
            row.is_active, row.erase_at = True, None
            row.save(update_fields=["is_active", "erase_at"])
            _record(event_types.USER_KEPT, row, row, now=now, origin=origin)
    except InvalidToken as error:
        _record(event_types.USER_KEPT, None, now=now, origin=origin, outcome=Outcome.REFUSED)
        raise Invalid("token", "This link has been used, has expired, or is not one of ours.", "invalid") from error
    return row


def call_off(*, user: User, now: dt.datetime) -> None:
    """Take back, on a locked row that the caller saves, a deletion that was asked for with the account's own password.

    For the owner who says that it was not her. What staff have deleted stays deleted.
    """
    if user.erase_at is not None and links.void(user=user, purposes=(Link.Purpose.KEEP,), now=now):
        user.is_active, user.erase_at = True, None


def restore(*, user: User, actor: User | None, now: dt.datetime, origin: Origin = NOWHERE) -> None:
    """Bring a deleted account back by staff; it may act again. Raises `EndedForGood` when its grace is over."""
    with transaction.atomic():
        row = User.objects.lock(user.pk)
        if row.erase_at is None:
            return
        if row.erase_at <= now:
            raise EndedForGood
        row.is_active, row.erase_at = True, None
        row.save(update_fields=["is_active", "erase_at"])
        links.void(user=row, purposes=(Link.Purpose.KEEP,), now=now)
        _record(event_types.USER_KEPT, row, actor, now=now, origin=origin)


def erase_due(*, now: dt.datetime) -> int:
    """Erase the accounts whose grace is over, at most a hundred; return how many.

    One that an app fails to erase comes after those that have not been tried, and again in an hour: however many fail,
    they keep no other waiting. The first failure is recorded, and staff see it until it is erased.
    """
    ready = Q(erasure_failed_at=None) | Q(erasure_failed_at__lte=now - AGAIN)
    due = User.objects.filter(ready, erase_at__lte=now).order_by(
        F("erasure_failed_at").asc(nulls_first=True), "erase_at"
    )
    erased = 0
    for user in due[:BATCH]:
        try:
            erase(user=user, now=now)
            erased += 1
        except Exception as error:  # noqa: BLE001 - whatever an app fails with, the others' wait ends
            _log.exception("an account could not be erased", user=str(user.pk))
            _note_failure(user, error, now)
    return erased


def erase(*, user: User, now: dt.datetime) -> None:
    """Erase what every app keeps of a person whose grace is over, and then her row. Safe to be done again."""
    subject = subject_of(user)
    erasers: list[Eraser] = [seams.load(path) for path in conf.erasers()]
    for eraser in erasers:
        eraser.erase(subject, now)
    with transaction.atomic():
        _, deleted = User.objects.filter(pk=user.pk, erase_at__lte=now).delete()
        if deleted.get("accounts.User"):
            _record(event_types.USER_ERASED, user, now=now, origin=NOWHERE, actor_kind=ActorKind.SYSTEM)


def subject_of(user: User) -> Subject:
    """Return a person as other apps know her: her names and those that are held for her, her number, and former ones.

    A number that she has not confirmed may be anybody's: what was sent to it is hers by her id alone.
    """
    names = {*Handle.objects.filter(user=user).values_list("canonical", flat=True), canonical.fold(user.email)}
    number = {user.phone} if user.phone and user.phone_confirmed_at else set()
    former = FormerName.objects.filter(user=user).exclude(canonical__in=names | number)
    return Subject(id=user.pk, names=frozenset(names | number), former=dict(former.values_list("canonical", "until")))


def _erase(subject: Subject, _now: dt.datetime) -> None:
    """Delete what lies under her names and not under her row, with which the rest goes."""
    Invitation.objects.filter(user=subject.id).delete()
    for named in subject.named("address", moment="created_at"):
        for rows in (Registration.objects, Invitation.objects, Link.objects.filter(user=None)):
            rows.filter(named).delete()
    for named in subject.named("to", moment="created_at"):
        SentCode.objects.filter(named, user=None).delete()


def _note_failure(user: User, error: Exception, now: dt.datetime) -> None:
    """Put an account behind the others, and record that it could not be erased, once."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(erasure_failed_at=now)
        if user.erasure_failed_at is None:
            details = {"error": type(error).__name__}
            _record(
                event_types.ERASURE_FAILED, user, now=now, origin=NOWHERE, actor_kind=ActorKind.SYSTEM, details=details
            )


ERASER = Eraser(
    models=frozenset(
        f"accounts.{name}"
        for name in (
            *("Device", "FormerName", "Handle", "Invitation", "Link", "LoginAttempt", "RefreshToken", "Registration"),
            *("SentCode", "Session", "User"),
        )
    ),
    erase=_erase,
)


def _notify(user: User, *, own: bool, now: dt.datetime, origin: Origin) -> None:
    if own:
        lifetime = dt.timedelta(seconds=conf.erasure_grace())
        told = {"network": origin.address}
        link = links.issue(
            purpose=Link.Purpose.KEEP, address=user.email, user=user, now=now, lifetime=lifetime, data=told
        )
        sending.send(kind=DELETED, to=user.email, reference=link.pk, now=now, locale=user.locale)
    else:
        sending.send(kind=DELETED_BY_STAFF, to=user.email, reference=user.pk, now=now, locale=user.locale)


def _record(
    event: EventType,
    user: User | None,
    actor: User | None = None,
    *,
    now: dt.datetime,
    origin: Origin,
    outcome: Outcome = Outcome.DONE,
    actor_kind: ActorKind | None = None,
    details: Mapping[str, dt.datetime | str] | None = None,
) -> None:
    recording.record(
        event,
        now=now,
        actor=actor.pk if actor else None,
        actor_kind=actor_kind or (ActorKind.PERSON if actor or not user else ActorKind.COMMAND),
        target_kind="user",
        target=user.pk if user else "",
        outcome=outcome,
        origin=origin,
        details=details,
    )
