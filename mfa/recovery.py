"""Recovery codes, for the day on which all else is lost: ten with the first factor, shown once, good once each.

They are of 80 random bits, in Crockford's alphabet, which has no two letters that look alike on paper. A keyed digest
is kept: the table alone does not even tell whether a guess is right.
"""

import datetime as dt
import re
import secrets
from typing import Final

from django.db import transaction

from accounts import sessions
from accounts.models import User
from audit import recording
from kit.origin import NOWHERE, Origin
from mfa import event_types
from mfa.message_kinds.notices import FEW, RECOVERY_CODES_LOW
from mfa.models import RecoveryCode
from notifications import sending
from vault import digests

COUNT: Final = 10

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH, _GROUP = 16, 4
_READ_AS: Final = str.maketrans("OIL", "011")  # what people write for what they see
_FORM: Final = re.compile(r"[0-9A-Za-z]{4}([- ]?[0-9A-Za-z]{4}){3}\Z", re.ASCII)


def is_form(text: str) -> bool:
    """Say whether this could be a recovery code."""
    return bool(_FORM.match(text))


def make(*, user: User, now: dt.datetime) -> list[str]:
    """Return ten new recovery codes, in the caller's transaction; the older ones are gone. Shown this once."""
    texts = [_new_text() for _ in range(COUNT)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=_digest(user, text), created_at=now) for text in texts
    )
    return texts


def count_left(user: User) -> int:
    """Return how many recovery codes of a person are unused."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def is_right(*, user: User, code: str, now: dt.datetime, origin: Origin = NOWHERE) -> bool:
    """Say whether this is an unused recovery code of hers; use it up. She is warned by mail when three are left."""
    if not is_form(code):
        return False
    try:
        with transaction.atomic():
            sessions.hold(user)  # first, as whoever takes codes away does; and of two at once, one sees the other used
            return _use_up(user, _digest(user, code), now, origin)
    except sessions.AccountMayNotAct:
        return False


def _use_up(user: User, digest: str, now: dt.datetime, origin: Origin) -> bool:
    """Mark a code as used and tell of it, while nobody else uses one of hers. False where there is none."""
    if not RecoveryCode.objects.filter(user=user, digest=digest, used_at=None).update(used_at=now):
        return False
    left = count_left(user)
    recording.record(
        event_types.RECOVERY_CODE_USED,
        now=now,
        actor=user.pk,
        target_kind="user",
        target=user.pk,
        origin=origin,
        details={"left": left},
    )
    if left == FEW:
        reference = RecoveryCode.objects.get(user=user, digest=digest).pk
        sending.send(kind=RECOVERY_CODES_LOW, to=user.email, reference=reference, now=now, locale=user.locale)
    return True


def _new_text() -> str:
    text = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return "-".join(text[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))


def _digest(user: User, code: str) -> str:
    canonical = re.sub("[- ]", "", code).upper().translate(_READ_AS)
    return digests.keyed("mfa.recovery_codes", f"{user.pk}:{canonical}")
