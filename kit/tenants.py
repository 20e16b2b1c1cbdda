"""Whose a row is. Applications are tenants and live above what they own, so an owned row carries a plain id.

The house itself, which owns everything no application does, is one fixed id.
"""

import uuid

HOUSE = uuid.UUID("00000000-0000-7000-8000-000000000000")
