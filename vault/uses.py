"""Uses of a key that somebody should remember, told to whoever the setting VAULT_RECORDER names.

The recorder is called in the transaction of the use: either both happened or neither.
"""

import datetime as dt
from collections.abc import Mapping

from kit import seams
from vault import conf


def report(event: str, *, now: dt.datetime, target: str, details: Mapping[str, str]) -> None:
    """Call the recorder as `recorder(event, now=…, target=…, details=…)`; do nothing where there is none.

    `event` is `vault.<noun>.<past participle>`, `target` the id of the key. Nothing told is secret.
    """
    path = conf.recorder()
    if path:
        seams.load(path)(event, now=now, target=target, details=dict(details))
