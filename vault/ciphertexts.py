"""Texts that callers have encrypted here and keep themselves: bound to their tenant and to a context of their own.

Nothing is stored. The text names its version and root key (`vault.sealing`), so that it opens for as long as that key
is in the ring, whatever key is active. Each tenant has a key of its own under each root key, and the nonces are random:
NIST SP 800-38D allows 2^32 texts for that, after which a nonce has come twice with a chance of 2^-32. At the limit of
one caller, 600 a minute, that takes 13 years; of a hundred callers, seven weeks: a new root key begins anew.
"""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from kit.errors import Invalid
from vault import digests, opaque, sealing, uses
from vault.uses import Caller

MAX_PLAINTEXT = 64 * 1024  # bytes in UTF-8


@dataclass(frozen=True, slots=True)
class Ciphertext:
    """An encrypted text, and the id of the root key that it is under."""

    text: str
    key_id: str


def encrypt(plaintext: str, *, context: str, caller: Caller, now: dt.datetime) -> Ciphertext:
    """Return a text encrypted, to be opened by callers of the same tenant with the same context alone.

    The same text never comes out alike twice. Raises `Invalid` beyond 64 KiB. The use is recorded without the text.
    """
    content = plaintext.encode()
    if len(content) > MAX_PLAINTEXT:
        raise Invalid("plaintext", f"At most {MAX_PLAINTEXT} bytes in UTF-8.", "max_length")
    sealed = sealing.seal(content, label=_label(caller.tenant), row=context)
    key_id = sealing.key_id_of(sealed)
    details = _details(content, context)
    with transaction.atomic():
        uses.report("vault.text.encrypted", now=now, target=key_id, details=details, caller=caller)
    return Ciphertext(text=opaque.encode(sealed), key_id=key_id)


def decrypt(ciphertext: str, *, context: str, caller: Caller, now: dt.datetime) -> str:
    """Return the text that `encrypt` was given. Raises the same `Invalid` for whatever does not open."""
    content, key_id = _open(ciphertext, context, caller)
    details = _details(content or b"", context)
    with transaction.atomic():
        uses.report(
            "vault.text.decrypted",
            now=now,
            target=key_id,
            details=details,
            caller=caller,
            is_refused=content is None,
        )
    if content is None:
        raise Invalid("ciphertext", "This does not open here.", "cannot_decrypt")
    return content.decode()


def _open(ciphertext: str, context: str, caller: Caller) -> tuple[bytes | None, str]:
    """Return what a text says and the id of its key, or None and no id."""
    try:
        sealed = opaque.decode(ciphertext)
        return sealing.unseal(sealed, label=_label(caller.tenant), row=context), sealing.key_id_of(sealed)
    except sealing.CannotUnseal:
        return None, ""


def _label(tenant: UUID) -> str:
    return f"ciphertexts/{tenant}"


def _details(content: bytes, context: str) -> dict[str, str | int]:
    # A context may be a name or a number that could be guessed: its digest is keyed.
    return {"bytes": len(content), "context": digests.keyed("vault.context", context) if context else ""}
