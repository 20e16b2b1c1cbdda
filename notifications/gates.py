"""The gates that each message of a caller passes on its way to being accepted, in their order."""

from collections.abc import Sequence
from datetime import datetime

from notifications import costs, digests, preferences, pumping, quiet_hours, quotas, suppressions
from notifications.drafts import Draft, Gate

GATES: tuple[Gate, ...] = (
    quotas.gate,  # first, so that what others close counts too: a caller spends a quota by asking
    suppressions.gate,
    preferences.gate,
    costs.gate,
    pumping.gate,
    quiet_hours.gate,
    digests.gate,
)


def pass_all(drafts: Sequence[Draft], now: datetime) -> None:
    """Let messages pass every gate, all of them together. Each gate passes by what an earlier one refused or closed."""
    for gate in GATES:
        if not any(draft.is_open for draft in drafts):
            return
        gate(drafts, now)
