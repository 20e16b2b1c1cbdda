"""What the audit log would lose with a root key of the vault: the proof of what was written under it."""

import datetime as dt
from collections.abc import Iterator

from audit.models import Checkpoint, Entry


def of(key_id: str, *, now: dt.datetime) -> Iterator[str]:  # noqa: ARG001 - the seam's signature
    """Yield a sentence when anything in the log was proved with this root key (`VAULT_KEY_HOLDERS`)."""
    begin = f"{key_id}:"
    proved = Entry.objects.filter(mac__startswith=begin), Checkpoint.objects.filter(signature__startswith=begin)
    if any(rows.exists() for rows in proved):
        yield "entries of the audit log from its time could not be verified"
