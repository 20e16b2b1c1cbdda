"""Passkeys (WebAuthn level 3), answered with as a second factor or as proof of who is signed in.

The server's policy decides, never the client: what was not asked for is refused whatever the options said. A right
signature whose counter did not grow, or that says it may be backed up now and could not before, comes from something
else than what was enrolled: it is refused, recorded, and its owner told.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from webauthn import generate_authentication_options, verify_authentication_response
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes, options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    UserVerificationRequirement,
)

from accounts.models import LoginAttempt, User
from audit import recording
from kit.errors import Invalid
from kit.origin import NOWHERE, Origin
from limits import counters
from mfa import ceremonies, conf, credentials, event_types
from mfa.message_kinds.passkeys import PASSKEY_COPIED
from mfa.models import Ceremony, Passkey
from notifications import sending

Purpose = Ceremony.Purpose
Options = dict[str, Any]

DAY: Final = 24 * 3600
MILLISECONDS: Final = int(ceremonies.LIFETIME.total_seconds() * 1000)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a browser is asked: the id of the challenge, and options for `navigator.credentials`."""

    challenge_id: uuid.UUID
    options: Options


def begin_step(*, attempt: LoginAttempt, now: dt.datetime) -> Asked:
    """Return options for the second step of a sign-in under way. Raises `Invalid` on `method` without a passkey."""
    return _begin(user=attempt.user, purpose=Purpose.STEP, attempt=attempt, now=now)


def begin_proof(*, user: User, now: dt.datetime) -> Asked:
    """Return options by which somebody signed in proves that it is her. Raises as `begin_step`."""
    return _begin(user=user, purpose=Purpose.PROOF, attempt=None, now=now)


def _begin(*, user: User, purpose: Ceremony.Purpose, attempt: LoginAttempt | None, now: dt.datetime) -> Asked:
    allowed = descriptors(user)
    if not allowed:
        raise Invalid("method", "No passkey is set up.", "unknown")
    ceremony = ceremonies.begin(purpose=purpose, user=user, attempt=attempt, now=now)
    return ask(ceremony, allowed=allowed, must_verify=conf.is_strict())


def ask(ceremony: Ceremony, *, allowed: list[PublicKeyCredentialDescriptor], must_verify: bool) -> Asked:
    """Return the options of a challenge that asks for one of these passkeys; where none are named, for any."""
    options = generate_authentication_options(
        rp_id=conf.rp_id(),
        challenge=bytes(ceremony.challenge),
        timeout=MILLISECONDS,
        allow_credentials=allowed,
        user_verification=verification(required=must_verify),
    )
    return Asked(challenge_id=ceremony.pk, options=options_to_json_dict(options))


def is_right(
    *,
    user: User,
    credential: Mapping[str, Any],
    attempt: LoginAttempt | None = None,
    now: dt.datetime,
    origin: Origin = NOWHERE,
) -> tuple[str, ...]:
    """Return what a passkey's answer proves in a sign-in under way, or outside of one; nothing for a wrong one.

    Values of `amr` (RFC 8176). The challenge is burnt by it. Raises `Invalid` for what is no answer.
    """
    answer = credentials.read_answer(credential)
    purpose = Purpose.PROOF if attempt is None else Purpose.STEP
    if not ceremonies.burn(purpose=purpose, challenge=answer.challenge, user=user, attempt=attempt, now=now):
        return ()
    passkey = Passkey.objects.filter(user=user, credential_id=answer.id, confirmed=True).first()
    if passkey is None:
        return ()
    return proved(passkey, answer, must_verify=conf.is_strict(), now=now, origin=origin)


def proved(
    passkey: Passkey, answer: credentials.Answer, *, must_verify: bool, now: dt.datetime, origin: Origin
) -> tuple[str, ...]:
    """Return what the answer of this passkey proves, after its challenge was burnt; nothing for a wrong one."""
    verified = _verify(passkey, answer, must_verify=must_verify)
    if verified is None:
        return ()
    if (verified.credential_device_type == CredentialDeviceType.MULTI_DEVICE) != passkey.backup_eligible:
        return _refuse_copy(passkey, "backup_eligible", now, origin)
    if not _take(passkey, verified, now):
        is_there = Passkey.objects.filter(pk=passkey.pk).exists()  # or it was removed meanwhile, and copied by nobody
        return _refuse_copy(passkey, "counter", now, origin) if is_there else ()
    return amr_of(passkey, verified=verified.user_verified)


def handle_of(user: User) -> bytes:
    """Return how an authenticator knows a person: nothing of her is in it, and it stays hers for good."""
    return user.pk.bytes


def amr_of(passkey: Passkey, *, verified: bool) -> tuple[str, ...]:
    """Return what a passkey proves: a key in hardware, or one that may be copied; and that its user was verified."""
    kind = "swk" if passkey.backup_eligible else "hwk"
    return (kind, "user") if verified else (kind,)


def verification(*, required: bool) -> UserVerificationRequirement:
    """Return what to ask of an authenticator. What it then did is compared with the policy, not with this."""
    return UserVerificationRequirement.REQUIRED if required else UserVerificationRequirement.PREFERRED


def descriptors(user: User) -> list[PublicKeyCredentialDescriptor]:
    """Return the passkeys of a person, as options name them."""
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(passkey.credential_id),
            transports=[AuthenticatorTransport(transport) for transport in passkey.transports],
        )
        for passkey in Passkey.objects.filter(user=user, confirmed=True)
    ]


def _verify(passkey: Passkey, answer: credentials.Answer, *, must_verify: bool) -> VerifiedAuthentication | None:
    """Verify all but the counter, which is compared as it is written."""
    try:
        return verify_authentication_response(
            credential=answer.parsed,
            expected_challenge=answer.challenge,
            expected_rp_id=conf.rp_id(),
            expected_origin=conf.origins(),
            credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=0,
            require_user_verification=must_verify,
        )
    except Exception:  # noqa: BLE001 - whatever the library stumbles over, this is no answer of hers
        return None


def _take(passkey: Passkey, verified: VerifiedAuthentication, now: dt.datetime) -> bool:
    """Write down that a passkey was used, and say whether its counter grew, or is one that does not count."""
    count = verified.new_sign_count
    grows = Q(sign_count__lt=count) if count else Q(sign_count=0)
    used = Passkey.objects.filter(grows, pk=passkey.pk)
    return bool(used.update(sign_count=count, backed_up=verified.credential_backed_up, last_used_at=now))


def _refuse_copy(passkey: Passkey, reason: str, now: dt.datetime, origin: Origin) -> tuple[str, ...]:
    """Record a right signature of something else than what was enrolled, and tell its owner, once a day."""
    user = passkey.user
    with transaction.atomic():
        recording.record(
            event_types.PASSKEY_COPIED,
            now=now,
            actor=user.pk,
            target_kind="user",
            target=user.pk,
            origin=origin,
            details={"factor": str(passkey.pk), "reason": reason},
        )
        if counters.hit(key=f"passkey-copied:{passkey.pk}", limit=1, window=DAY, now=now).allowed:
            sending.send(kind=PASSKEY_COPIED, to=user.email, reference=passkey.pk, now=now, locale=user.locale)
    return ()
