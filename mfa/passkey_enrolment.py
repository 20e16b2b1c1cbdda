"""Setting up a passkey: options for the browser, and the key that it made. It is on at once: making it proved it."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any, Final

from django.db import IntegrityError, transaction
from webauthn import generate_registration_options, verify_registration_response
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    ResidentKeyRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from accounts.models import User
from kit.errors import Conflict, Invalid
from kit.origin import Origin
from mfa import ceremonies, conf, credentials, enrolment, factors, passkeys, policy
from mfa.models import Ceremony, Passkey

PURPOSE: Final = Ceremony.Purpose.ENROL
UNNAMED: Final = "Passkey"


def begin(*, who: enrolment.Enrolling, now: dt.datetime, origin: Origin) -> passkeys.Asked:
    """Return options for a new passkey, after `enrolment.require_proof`; what was begun before is gone."""
    user = who.user
    enrolment.require_room(Passkey, user, most=conf.passkeys_at_most())
    ceremony = ceremonies.make(purpose=PURPOSE, user=user, attempt=who.attempt, now=now)
    enrolment.begin(who=who, pending=ceremony, method=policy.WEBAUTHN, now=now, origin=origin)
    options = generate_registration_options(
        rp_id=conf.rp_id(),
        rp_name=conf.issuer(),
        user_id=passkeys.handle_of(user),
        user_name=user.email,
        user_display_name=user.full_name or user.email,
        challenge=bytes(ceremony.challenge),
        timeout=passkeys.MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=passkeys.verification(required=conf.is_strict()),
        ),
        exclude_credentials=passkeys.descriptors(user),
        supported_pub_key_algs=credentials.ALGORITHMS,
    )
    shown = options_to_json_dict(options)
    return passkeys.Asked(challenge_id=ceremony.pk, options={**shown, "extensions": {"credProps": True}})


def finish(
    *, who: enrolment.Enrolling, credential: Mapping[str, Any], name: str, now: dt.datetime, origin: Origin
) -> enrolment.Enrolled:
    """Take a new passkey, which is on at once. The challenge is burnt, whatever comes of it.

    Raises `Invalid` on `credential`, `Conflict` for one that is enrolled already or is one too many, and as
    `enrolment.complete`.
    """
    new = credentials.read_new_key(credential)
    was_out = ceremonies.burn(purpose=PURPOSE, challenge=new.challenge, user=who.user, attempt=who.attempt, now=now)

    def confirm() -> enrolment.Confirmed:
        made = _verify_new(new) if was_out else None
        if made is None:
            raise Invalid("credential", "This passkey cannot be taken. Begin anew.", "wrong")
        passkey = _save(who.user, new, made, name, now)
        amr = passkeys.amr_of(passkey, verified=made.user_verified)
        return enrolment.Confirmed(factor=passkey, method=policy.WEBAUTHN, amr=(*amr, factors.MFA))

    return enrolment.complete(who=who, method=policy.WEBAUTHN, confirm=confirm, now=now, origin=origin)


def _verify_new(new: credentials.NewKey) -> VerifiedRegistration | None:
    try:
        return verify_registration_response(
            credential=new.parsed,
            expected_challenge=new.challenge,
            expected_rp_id=conf.rp_id(),
            expected_origin=conf.origins(),
            require_user_verification=conf.is_strict(),
            supported_pub_key_algs=credentials.ALGORITHMS,
        )
    except Exception:  # noqa: BLE001 - whatever the library stumbles over, this is no passkey of ours
        return None


def _save(user: User, new: credentials.NewKey, made: VerifiedRegistration, name: str, now: dt.datetime) -> Passkey:
    """Write a passkey down, in a transaction that holds its person's row. Raises `Conflict`."""
    enrolment.require_room(Passkey, user, most=conf.passkeys_at_most())
    passkey = Passkey(
        user=user,
        name=name[:64] or UNNAMED,
        confirmed=True,
        created_at=now,
        credential_id=new.id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        transports=[transport.value for transport in new.parsed.response.transports or []],
        aaguid=uuid.UUID(made.aaguid),
        is_discoverable=new.is_discoverable,
        backup_eligible=made.credential_device_type == CredentialDeviceType.MULTI_DEVICE,
        backed_up=made.credential_backed_up,
        verifies_user=made.user_verified,
    )
    try:
        with transaction.atomic():
            passkey.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("This passkey is set up already.") from error
    return passkey
