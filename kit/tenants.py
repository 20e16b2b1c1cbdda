"""Whose a row is. Applications are tenants and live above what they own, so an owned row carries a plain id.

The house itself, which owns everything no application does, is one fixed id.
"""

import uuid
from typing import Any

HOUSE = uuid.UUID("00000000-0000-7000-8000-000000000000")


def of(caller: Any) -> uuid.UUID:
    """Return whose the rows and texts of a caller are: its own where it says so, the house's for people."""
    tenant: uuid.UUID = getattr(caller, "tenant", HOUSE)
    return tenant
