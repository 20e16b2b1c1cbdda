"""CBOR as authenticators write it, and all the rest that a decoder would take."""

import time

import pytest
from webauthn.helpers import encode_cbor

from mfa import cbor


@pytest.mark.parametrize(
    "value",
    [0, 23, 24, 255, 256, 65536, 2**32, -1, -257, b"", b"x" * 300, "é", [], [1, [2]], {}, {1: {"a": True}}, None],
)
def test_what_an_authenticator_writes_ends_where_it_ends(value: object) -> None:
    written: bytes = encode_cbor(value)
    assert cbor.end_of(written) == len(written)
    assert cbor.end_of(b"\x00" + written + b"\x01", 1) == len(written) + 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x18",  # a number that is cut off
        b"\x19\x01",
        b"\x42a",  # bytes that are cut off
        b"\x61",
        b"\x82\x01",  # an array that is
        b"\xa1\x01",
        b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",  # of eight exbibytes
        b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x9f\x01\xff",  # of open length
        b"\x5f\x41a\xff",
        b"\xbf\xff",
        b"\xff",
        b"\x1c",  # reserved
        b"\x18\x17",  # longer than it need be
        b"\x19\x00\xff",
        b"\x1a\x00\x00\xff\xff",
        b"\x1b\x00\x00\x00\x00\xff\xff\xff\xff",
        b"\xc2\x41\x01",  # tags: a number of any size, and a cycle
        b"\xd8\x1c\x81\xd8\x1d\x00",
        b"\xf7",  # undefined
        b"\xf8\xff",  # a simple value
        b"\xf9\x3c\x00",  # a float
        b"\x81\x81\x81\x81\x81\x01",  # five levels
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(cbor.Malformed):
        cbor.end_of(data)


@pytest.mark.parametrize("data", [b"\x81" * 1_000_000, b"\x99\xff\xff" * 5000, b"\xa1\x01" * 500_000])
def test_a_bomb_is_refused_at_once(data: bytes) -> None:
    begun = time.perf_counter()
    with pytest.raises(cbor.Malformed):
        cbor.end_of(data)
    assert time.perf_counter() - begun < 0.05
