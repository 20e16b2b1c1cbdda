"""What the vault reads from the settings. Each function reads them anew, so that a test may override one.

- `VAULT_KEYS`: the root keys, `id:base64-of-32-bytes`, comma-separated. The first is active, the others still open
  what was sealed under them; one with `+` in front of its id waits: it opens, and is not active yet.
  No default: a key that everybody knows is none.
- `VAULT_KEYS_FILE`: the file that VAULT_KEYS was read from, read again when it changes; absent: none.
- `VAULT_SIGNING_ALGORITHM`: what the next signing key will be, `ES256` or `EdDSA`.
- `VAULT_RETIRED_KEYS_KEPT`: seconds that a retired signing key stays published. More than the longest
  life of a token that it signed.
- `VAULT_SIGNING_KEY_LIFETIME`: seconds that a signing key signs before the next one takes over; 0: until a command
  says so.
- `VAULT_KEY_HOLDERS`: dotted paths of functions that say what else would be lost with a root key:
  `holder(key_id, now=…)` yields a sentence for each.
- `VAULT_LIMITER`: dotted path of what counts a call of `/encrypt` and `/decrypt`, as `limiter(request, route)`, and
  raises beyond the limit; absent: nothing is limited.
- `VAULT_RECORDER`: dotted path of what is told of each use of a key worth remembering; absent: nobody is.
"""

import datetime as dt
from collections.abc import Sequence

from django.conf import settings

ALGORITHMS = ("ES256", "EdDSA")
DAY = 86_400


def keys() -> str:
    """Return the root keys as configured, the empty string when there are none."""
    return str(getattr(settings, "VAULT_KEYS", "") or "")


def keys_file() -> str:
    """Return the path of the file that holds the root keys, the empty string when they were given otherwise."""
    return str(getattr(settings, "VAULT_KEYS_FILE", "") or "")


def signing_algorithm() -> str:
    """Return the JWS algorithm (RFC 7518, RFC 8037) of signing keys made from now on."""
    return str(getattr(settings, "VAULT_SIGNING_ALGORITHM", "ES256"))


def retired_keys_kept() -> dt.timedelta:
    """Return how long a retired signing key stays published."""
    return dt.timedelta(seconds=getattr(settings, "VAULT_RETIRED_KEYS_KEPT", DAY))


def signing_key_lifetime() -> dt.timedelta:
    """Return how long a signing key signs before the next one takes over; zero: until a command says so."""
    return dt.timedelta(seconds=getattr(settings, "VAULT_SIGNING_KEY_LIFETIME", 30 * DAY))


def recorder() -> str:
    """Return the dotted path of the recorder, the empty string when there is none."""
    return str(getattr(settings, "VAULT_RECORDER", "") or "")


def limiter() -> str:
    """Return the dotted path of what limits calls, the empty string when nothing does."""
    return str(getattr(settings, "VAULT_LIMITER", "") or "")


def holders() -> Sequence[str]:
    """Return the dotted paths of what says what else needs a root key."""
    paths: Sequence[str] = getattr(settings, "VAULT_KEY_HOLDERS", ())
    return paths
