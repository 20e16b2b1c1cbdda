"""What every test of second factors has at hand: what the tests of accounts have."""

from accounts.conftest import _fresh_decoys, now

__all__ = ["_fresh_decoys", "now"]
