"""Removing second factors, and making new recovery codes: only with a factor in hand, and always told to the owner.

A password is not enough for either, or a factor would protect from nobody who knows the password.
"""

import datetime as dt
import uuid
from typing import Any

from django.db import transaction

from accounts import codes
from accounts.models import SentCode, Session, User
from audit import recording
from audit.vocabulary import EventType
from kit.errors import Conflict, NotFound
from kit.origin import Origin
from mfa import event_types, inventory, notices, policy, proofs, recovery, trust
from mfa.factors import Answer
from mfa.models import Ceremony, MessageFactor, Passkey, RecoveryCode, Totp

MODELS = (Totp, MessageFactor, Passkey)


class Required(Conflict):
    """She must have a second factor, and would have none."""

    default_detail = "This account must have a second factor. Set up another one before you remove the last."


class NoneTaken(Conflict):
    """What would be left is asked for at a sign-in, and not taken there."""

    default_detail = "The factors that would be left are not taken here. Remove those first, or set up another one."


def remove(*, session: Session, factor_id: uuid.UUID, answer: Answer, now: dt.datetime, origin: Origin) -> None:
    """Remove one factor of the person of this session; with the last one go her recovery codes.

    No device is trusted any more. Raises `NotFound`, `Required`, `NoneTaken`, or as `proofs.require_factor`. Not to be
    called in a transaction.
    """
    user = session.user
    _choose(user, factor_id)
    proofs.require_factor(session=session, answer=answer, now=now, origin=origin)
    with transaction.atomic():
        proofs.hold(user)
        found, is_last = _choose(user, factor_id)
        for model in MODELS:
            model.objects.filter(pk=found.id, user=user).delete()
        if is_last:
            take_away(user=user, now=now)
        trust.end(user=user)
        details = {"method": found.method, "factor": str(found.id)}
        _record(event_types.FACTOR_REMOVED, user, now, origin, details)
        notices.tell(user=user, change="factor_removed", now=now, origin=origin, data=details)


def remove_all(*, session: Session, answer: Answer, now: dt.datetime, origin: Origin) -> None:
    """Remove every factor of the person of this session, and her recovery codes.

    Raises `Conflict` where there is none, `Required`, or as `proofs.require_factor`. Not to be called in a transaction.
    """
    user = session.user
    _require_factors(user)
    if policy.requires(user):
        raise Required
    proofs.require_factor(session=session, answer=answer, now=now, origin=origin)
    with transaction.atomic():
        proofs.hold(user)
        count = take_away(user=user, now=now)
        _record(event_types.FACTORS_REMOVED, user, now, origin, {"count": count})
        notices.tell(user=user, change="factors_removed", now=now, origin=origin)


def renew_recovery_codes(*, session: Session, answer: Answer, now: dt.datetime, origin: Origin) -> list[str]:
    """Return ten new recovery codes, this once; the older ones are good no more.

    Raises `Conflict` for somebody without a factor, or as `proofs.require_factor`. Not to be called in a transaction.
    """
    user = session.user
    _require_factors(user)
    proofs.require_factor(session=session, answer=answer, now=now, origin=origin)
    with transaction.atomic():
        proofs.hold(user)
        _require_factors(user)
        shown = recovery.make(user=user, now=now)
        _record(event_types.RECOVERY_CODES_MADE, user, now, origin, {})
        notices.tell(user=user, change="recovery_codes_made", now=now, origin=origin)
    return shown


def take_away(*, user: User, now: dt.datetime) -> int:
    """Delete a person's factors and all that rests on them, in the caller's transaction; return how many counted."""
    count = len(inventory.list_of(user))
    for model in (*MODELS, RecoveryCode, Ceremony):
        model.objects.filter(user=user).delete()
    trust.end(user=user)
    for purpose in (SentCode.Purpose.FACTOR, SentCode.Purpose.ENROL):
        codes.void(user=user, purpose=purpose, now=now)
    return count


def _choose(user: User, factor_id: uuid.UUID) -> tuple[inventory.Item, bool]:
    """Return a factor that may go, and whether it is the last one. Raises `NotFound`, `Required` or `NoneTaken`."""
    mine = inventory.list_of(user)
    found = next((item for item in mine if item.id == factor_id), None)
    if found is None:
        raise NotFound
    others = [item for item in mine if item.id != factor_id]
    _require_one_taken(user, found, others)
    return found, not others


def _require_one_taken(user: User, going: inventory.Item, others: list[inventory.Item]) -> None:
    """Raise `Required` or `NoneTaken` where none of the factors that stay would be taken at a sign-in."""
    if any(policy.allows(item.method, user) for item in others):
        return
    if policy.requires(user):
        raise Required
    if others and policy.allows(going.method, user):
        raise NoneTaken


def _require_factors(user: User) -> None:
    if not inventory.list_of(user):
        raise Conflict("This account has no second factor. Recovery codes come with the first.")


def _record(event: EventType, user: User, now: dt.datetime, origin: Origin, details: dict[str, Any]) -> None:
    recording.record(event, now=now, actor=user.pk, target_kind="user", target=user.pk, origin=origin, details=details)
