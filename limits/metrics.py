"""What the limits count: how often each of them was hit."""

from kit.metrics import Counter
from limits import conf

HIT = Counter(
    "limits_hit_total",
    "Requests refused because their network address called a route too often.",
    route=conf.by_address,
)
LOCKED = Counter(
    "limits_locked_total",
    "Tries refused because of too many before them (`device`: in the lane of a device that the account knows).",
    lane=("strangers", "device"),
)
