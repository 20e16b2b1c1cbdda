"""Authenticator applications: codes by RFC 6238, each good once, ever.

The last step whose code was taken is moved by one conditional statement, whose row count is the verdict: of the same
code in many requests at once one is right, and no code of an earlier step is right after it.
"""

import base64
import datetime as dt
import io
import logging
import secrets
from typing import Any, Final
from urllib.parse import quote, urlencode

import segno

from accounts.models import User
from kit import otp
from mfa import conf
from mfa.models import Totp
from vault import sealing

_log = logging.getLogger(__name__)

DIGITS: Final = (6, 8)


def draft(*, user: User, name: str, algorithm: str, digits: int, now: dt.datetime) -> Totp:
    """Return an unconfirmed application with a new secret, as long as its hash. Not saved."""
    key = base64.b32encode(secrets.token_bytes(otp.KEY_BYTES[algorithm])).rstrip(b"=").decode()
    return Totp(user=user, name=name, key=key, algorithm=algorithm, digits=digits, created_at=now)


def uri_of(device: Totp, *, account: str) -> str:
    """Return what an application reads from the QR code: Google's Key URI format."""
    issuer = conf.issuer().replace(":", " ")  # which parts issuer and account in the label
    label = f"{quote(issuer, safe='')}:{quote(account, safe='@')}"
    parameters = {
        "secret": device.key,
        "issuer": issuer,
        "algorithm": device.algorithm,
        "digits": device.digits,
        "period": otp.PERIOD,
    }
    return f"otpauth://totp/{label}?{urlencode(parameters, quote_via=quote)}"


def qr_of(uri: str) -> str:
    """Return a QR code as a whole SVG element, without styles or scripts, for a page or a `data:` address."""
    image = io.BytesIO()
    code = segno.make(uri, error="m", micro=False)
    code.save(
        image,
        kind="svg",
        xmldecl=False,
        scale=4,
        unit="px",  # or it would have no viewBox, and be cut instead of scaled
        dark="#000",
        light="#fff",
        svgclass=None,
        lineclass=None,
        nl=False,
    )
    return image.getvalue().decode()


def code_of(device: Totp, *, step: int) -> str:
    """Return the code that the application shows in a step."""
    return otp.code_of(_key(device), step, digits=device.digits, algorithm=device.algorithm)


def is_right(*, user: User, code: str, now: dt.datetime) -> bool:
    """Say whether this is a code that an application of hers shows about now and that was not used yet; use it up.

    One whose key does not open, for want of a root key, is passed over: she may have another, or recovery codes.
    """
    return any(_take_if_open(device, code, now) for device in Totp.objects.filter(user=user, confirmed=True))


def confirm(device: Totp, *, code: str, now: dt.datetime) -> bool:
    """Turn an application on by its first right code, which is used up by that. In the caller's transaction."""
    return _take(device, code, now, confirmed=True)


def _take_if_open(device: Totp, code: str, now: dt.datetime) -> bool:
    try:
        return _take(device, code, now)
    except sealing.CannotUnseal:
        _log.error("The key of the authenticator %s does not open: its root key is missing.", device.pk)
        return False


def _take(device: Totp, code: str, now: dt.datetime, **changes: Any) -> bool:
    """Move the last step of an application forward to that of a code. False where none is right, or it was used."""
    step = otp.find_step(
        _key(device), code, now=now, drift=conf.drift(), digits=device.digits, algorithm=device.algorithm
    )
    if step is None:
        return False
    unused = Totp.objects.filter(pk=device.pk, confirmed=device.confirmed, last_step__lt=step)
    return bool(unused.update(last_step=step, last_used_at=now, **changes))


def _key(device: Totp) -> bytes:
    text: str = device.key
    return base64.b32decode(text + "=" * (-len(text) % 8))
