"""A person comes to be, and whether her account may act: asked here by every door."""

import datetime as dt
import uuid
from typing import Any

from django.db import IntegrityError, transaction

from accounts import authority, event_types, handles, hashing, passwords, pending
from accounts.handles import NameTaken
from accounts.models import Handle, Session, User
from audit import recording
from audit.vocabulary import ActorKind
from kit import canonical
from kit.origin import NOWHERE, Origin
from vault import digests

USERNAME = Handle.Kind.USERNAME


def may_act(user: User) -> bool:
    """Say whether this account may do anything at all: neither stopped, nor frozen by its owner, nor to be erased."""
    return user.is_active and user.frozen_at is None and user.erase_at is None


def guess_subject(user: User | None, name: str) -> str:
    """Return what guesses at an account are counted by: the person, or the canonical name that nobody holds."""
    return digests.keyed("accounts.guesses", f"user:{user.pk}" if user else f"name:{canonical.fold(name)}")


def make(
    *,
    address: str,
    password_hash: str,
    now: dt.datetime,
    username: str = "",
    origin: Origin = NOWHERE,
    actor_kind: ActorKind = ActorKind.PERSON,
    **fields: Any,
) -> User:
    """Create a confirmed person and her names in the caller's transaction.

    `password_hash` is an encoded hash. Raises `NameTaken` when the address is held by somebody; a user name that has
    been taken meanwhile is left out.
    """
    user = User(email=canonical.address(address), username=username or None, created_at=now, **fields)
    user.password = password_hash
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            handles.claim(user=user, kind=Handle.Kind.EMAIL, name=user.email, now=now, is_primary=True)
    except IntegrityError as error:
        raise NameTaken from error
    if username:
        _claim_username(user, username, now)
    recording.record(
        event_types.USER_CREATED,
        now=now,
        actor=user.pk if actor_kind == ActorKind.PERSON else None,
        actor_kind=actor_kind,
        target_kind="user",
        target=user.pk,
        origin=origin,
        details={"staff": user.is_staff, "superuser": user.is_superuser},
    )
    return user


def create_confirmed(*, address: str, password: str, is_staff: bool, is_superuser: bool, now: dt.datetime) -> User:
    """Create a person whose address the operator vouches for (the command line). Raises `Invalid` or `NameTaken`."""
    shown = canonical.address(address)
    passwords.require_acceptable(password, personal=(shown,))
    encoded = hashing.make(password)
    with transaction.atomic():
        return make(
            address=shown,
            password_hash=encoded,
            now=now,
            actor_kind=ActorKind.COMMAND,
            is_staff=is_staff,
            is_superuser=is_superuser,
        )


def deactivate(*, user: User, actor: uuid.UUID | None, now: dt.datetime, origin: Origin = NOWHERE) -> None:
    """Stop an account at once and end its sessions, and what is under way: nothing stolen comes back to life with it.

    Raises a `Conflict` for the last person who may do everything.
    """
    with transaction.atomic(), authority.last_holder_kept(user=user, now=now):
        _set_active(user, active=False, actor=actor, now=now, origin=origin)
    user.is_active = False


def activate(*, user: User, actor: uuid.UUID | None, now: dt.datetime, origin: Origin = NOWHERE) -> None:
    """Let an account act again. She signs in anew."""
    _set_active(user, active=True, actor=actor, now=now, origin=origin)
    user.is_active = True


def _set_active(user: User, *, active: bool, actor: uuid.UUID | None, now: dt.datetime, origin: Origin) -> None:
    with transaction.atomic():
        if not User.objects.filter(pk=user.pk, is_active=not active).update(is_active=active):
            return
        # Both ways: a sign-in that raced with the stop may have left a session behind it.
        reason = Session.EndReason.DEACTIVATED
        Session.objects.filter(user=user, ended_at=None).update(ended_at=now, end_reason=reason)
        if not active:
            pending.void(user=user, now=now)
        recording.record(
            event_types.USER_ACTIVATED if active else event_types.USER_DEACTIVATED,
            now=now,
            actor=actor,
            target_kind="user",
            target=user.pk,
            origin=origin,
        )


def _claim_username(user: User, username: str, now: dt.datetime) -> None:
    try:
        handles.claim(user=user, kind=USERNAME, name=handles.username(username), now=now, is_primary=True)
    except NameTaken:
        user.username = None
        user.save(update_fields=["username"])
