"""Uses of a key that somebody should remember, told to whoever the setting VAULT_RECORDER names.

The recorder is called in the transaction of the use: either both happened or neither.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from kit import seams
from kit.origin import Origin
from vault import conf


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who asked for a use, and from where. `tenant` is whose the text is."""

    id: UUID
    tenant: UUID
    origin: Origin


def report(
    event: str,
    *,
    now: dt.datetime,
    target: str,
    details: Mapping[str, str | int],
    caller: Caller | None = None,
    is_refused: bool = False,
) -> None:
    """Call the recorder as `recorder(event, now=…, target=…, details=…, caller=…, is_refused=…)`, where there is one.

    `event` is `vault.<noun>.<past participle>`, `target` the id of the key. No `caller` means the service itself.
    Nothing told is secret.
    """
    path = conf.recorder()
    if path:
        told = {"now": now, "target": target, "details": dict(details), "caller": caller, "is_refused": is_refused}
        seams.load(path)(event, **told)
