"""What kinds of message are shown with where nobody is written to: in previews, and in the tests of their looks."""

import datetime as dt
from typing import Any

SITE = "https://accounts.example.org"
LINK = f"{SITE}/open?token=kHmJ4Yy2Q0vG7nXbT1sLw9cRzP5dEa8uF3iKoMqN6Bt"
NETWORK = "198.51.100.7"
PLACE = "Vienna, Austria"
AT = dt.datetime(2026, 11, 22, 3, 4, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 12, 22, 3, 4, tzinfo=dt.UTC)
PERSON = {"name": "Anna", "site": SITE}
UNDO: dict[str, Any] = {"link": LINK, "days": 7, "at": AT, "network": NETWORK, "site": SITE}
"""A notice with the link that undoes what it tells of."""
