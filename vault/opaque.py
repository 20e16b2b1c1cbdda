"""Texts that a client carries for us and may neither read nor change: sealed, in characters that a URL takes.

The text is bound to what it was made for, so that one made for another caller or another question does not open.
"""

import base64
import binascii

from vault import sealing


class Envelope:
    """Wraps a text for its way through a client, and unwraps what comes back."""

    @staticmethod
    def wrap(text: str, *, purpose: str, bound_to: str) -> str:
        """Return the text sealed for a purpose and bound to `bound_to`, in base64url without padding."""
        sealed = sealing.seal(text.encode(), label=f"opaque/{purpose}", row=bound_to)
        return encode(sealed)

    @staticmethod
    def unwrap(token: str, *, purpose: str, bound_to: str) -> str | None:
        """Return the text that `wrap` was given, or None for anything that it did not make so."""
        try:
            return sealing.unseal(decode(token), label=f"opaque/{purpose}", row=bound_to).decode()
        except sealing.CannotUnseal:
            return None


def encode(sealed: bytes) -> str:
    """Return sealed bytes in base64url without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return what `encode` was given. Raises `CannotUnseal` for any text that it did not make."""
    try:
        sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise sealing.CannotUnseal from None
    if encode(sealed) != text:  # several texts decode to the same bytes; one of them is ours
        raise sealing.CannotUnseal
    return sealed
