"""What each message of a caller passes on its way to being accepted, in this order: rules, then fences.

Rules only read. Fences count on rows that other calls count on too, and hold those until the transaction ends: they
come last, when all is written, so that a large call holds nobody up. All calls take them in one order, and the rows of
each in that of their keys, so that no two wait for each other.
"""

from collections.abc import Sequence
from datetime import datetime

from notifications import costs, digests, file_quotas, preferences, pumping, quiet_hours, quotas, suppressions
from notifications.drafts import Draft, Gate

RULES: tuple[Gate, ...] = (suppressions.gate, preferences.gate, costs.gate, quiet_hours.gate, digests.gate)
FENCES: tuple[Gate, ...] = (
    quotas.gate,  # counts what a rule has closed too: a caller spends a quota by asking
    file_quotas.gate,  # behind what has made the caller's other calls wait
    pumping.gate,
)


def judge(drafts: Sequence[Draft], now: datetime) -> None:
    """Let messages pass every rule, all of them together. Each passes by what an earlier one refused or closed."""
    for gate in RULES:
        if not any(draft.is_open for draft in drafts):
            return
        gate(drafts, now)


def turn_away(drafts: Sequence[Draft], now: datetime) -> None:
    """Refuse what a fence will certainly refuse, before files are written for it. Counts nothing."""
    quotas.turn_away(drafts, now)
    file_quotas.gate(drafts, now)


def count(drafts: Sequence[Draft], now: datetime) -> None:
    """Let messages pass every fence, all of them together, as the last thing before the transaction ends."""
    for gate in FENCES:
        gate(drafts, now)
