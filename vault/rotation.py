"""When signing keys take turns: by schedule and on command, but never before everybody can know the one that comes.

Whoever caches the published set may hold one that is `CACHEABLE_SECONDS` old, read from a process whose own was
`REREAD_SECONDS` old: a key that has been published for both together is known everywhere.
"""

import datetime as dt

from vault import conf, signing_keys
from vault.models import KeyState, SigningKey

PUBLISHED_FIRST = dt.timedelta(seconds=signing_keys.CACHEABLE_SECONDS + signing_keys.REREAD_SECONDS)


class TooSoon(Exception):
    """The next key has not been published for long enough; `wait` is how much longer that takes."""

    def __init__(self, wait: dt.timedelta) -> None:
        super().__init__("The next key has not been published for long enough.")
        self.wait = wait


def rotate(*, now: dt.datetime) -> SigningKey | None:
    """Let the next key sign and return it; None when somebody else has just done so. Raises `TooSoon`.

    A next key that does not open is made anew first, and has to be known everywhere like any other.
    """
    signing_keys.ensure(now=now)
    signing_keys.replace_next_if_shut(now=now)
    keys = {key.state: key for key in SigningKey.objects.exclude(state=KeyState.RETIRED)}
    wait = keys[KeyState.NEXT].created_at + PUBLISHED_FIRST - now
    if wait > dt.timedelta(0):
        raise TooSoon(wait)
    return signing_keys.rotate(now=now, retiring=keys[KeyState.ACTIVE].kid)


def rotate_if_due(*, now: dt.datetime) -> SigningKey | None:
    """Rotate when the active key has signed for `VAULT_SIGNING_KEY_LIFETIME`; None when it has not, or not now."""
    lifetime = conf.signing_key_lifetime()
    if not lifetime:
        return None
    old = SigningKey.objects.filter(state=KeyState.ACTIVE, activated_at__lte=now - lifetime)
    try:
        return rotate(now=now) if old.exists() else None
    except TooSoon:
        return None
