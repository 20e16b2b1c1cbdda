"""What a change of roles, grants, groups or resources leaves in the audit log; a refused one leaves a trace too."""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from audit import recording
from audit.models import Entry
from audit.recording import Scalar
from audit.vocabulary import ActorKind, EventType, Outcome
from kit.errors import Conflict, PermissionRefused
from kit.origin import NOWHERE, Origin
from roles import stamps


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """Who does what to whom, when and from where.

    None as `actor` is the operator at the command line, or nobody where it comes about `by_itself`.
    """

    event: EventType
    actor: AbstractBaseUser | None
    now: dt.datetime
    target_kind: str
    target: str | UUID
    origin: Origin = NOWHERE
    details: Mapping[str, Scalar] = field(default_factory=dict)
    by_itself: bool = False


def record(act: Act, *, outcome: Outcome = Outcome.DONE, reason: str = "") -> Entry | None:
    """Write the entry of an act, in the caller's transaction. Details that are empty are left out."""
    details = {**act.details, "reason": reason}
    return recording.record(
        act.event,
        now=act.now,
        actor=None if act.actor is None else act.actor.pk,
        actor_kind=_kind_of_actor(act),
        target_kind=act.target_kind,
        target=act.target,
        outcome=outcome,
        details={key: value for key, value in details.items() if value not in ("", None, False)},
        origin=act.origin,
    )


@contextmanager
def refusals_recorded(act: Act) -> Iterator[None]:
    """Write the entry of a refusal, after the change inside has been rolled back, and let the refusal go on.

    The act's event declares the detail `reason`, which then names the refusal.
    """
    try:
        yield
    except (PermissionRefused, Conflict) as refusal:
        record(act, outcome=Outcome.REFUSED, reason=type(refusal).__name__)
        raise


def _kind_of_actor(act: Act) -> ActorKind:
    if act.actor is not None:
        return ActorKind.PERSON
    return ActorKind.SYSTEM if act.by_itself else ActorKind.COMMAND


@contextmanager
def changing(act: Act) -> Iterator[None]:
    """Open the transaction of a change, under the lock of all of them; a refusal inside leaves an entry and no more."""
    with refusals_recorded(act), transaction.atomic():
        stamps.lock(now=act.now)
        yield
