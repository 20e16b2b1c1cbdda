"""A tiny database of places in MaxMind's format (version 2.0 of its specification), made for a test."""

import ipaddress
import struct
from pathlib import Path
from typing import Any

MARKER = b"\xab\xcd\xefMaxMind.com"
SEPARATOR = bytes(16)
BITS = 128
WIDTHS = {"node_count": 6, "build_epoch": 9}  # unsigned, of 32 and of 64 bits; all other numbers have 16


def write(path: Path, places: dict[str, Any]) -> Path:
    """Write a database that knows the record of each network in `places` (IPv6, or IPv4 at ::/96), and return it."""
    nodes: list[list[int | None]] = [[None, None]]
    records = list(places.values())
    for number, network in enumerate(places):
        _insert(nodes, ipaddress.ip_network(network), -1 - number)
    data, offsets = b"", []
    for record in records:
        offsets.append(len(data))
        data += _encode(record)
    tree = b"".join(_pointer(side, len(nodes), offsets) for node in nodes for side in node)
    path.write_bytes(tree + SEPARATOR + data + MARKER + _encode(_metadata(len(nodes))))
    return path


def city(name: str, country: str) -> dict[str, Any]:
    """Return a record as the databases of cities have it."""
    return {"city": {"names": {"en": name}}, "country": {"names": {"en": country}}}


def _insert(nodes: list[list[int | None]], network: Any, leaf: int) -> None:
    length = network.prefixlen + (96 if network.version == 4 else 0)
    bits = f"{int(network.network_address):0{BITS}b}"[:length]
    at = 0
    for bit in bits[:-1]:
        following = nodes[at][int(bit)]
        if following is None:
            nodes.append([None, None])
            following = nodes[at][int(bit)] = len(nodes) - 1
        at = following
    nodes[at][int(bits[-1])] = leaf


def _pointer(side: int | None, count: int, offsets: list[int]) -> bytes:
    """Return one record of a node, four bytes: another node, nothing, or a place in the data."""
    value = count if side is None else side if side >= 0 else count + len(SEPARATOR) + offsets[-1 - side]
    return struct.pack(">I", value)


def _metadata(count: int) -> dict[str, Any]:
    return {
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": 1_700_000_000,
        "database_type": "Test-City",
        "description": {"en": "made for a test"},
        "ip_version": 6,
        "languages": ["en"],
        "node_count": count,
        "record_size": 32,
    }


def _encode(value: Any, name: str = "") -> bytes:
    if isinstance(value, dict):
        pairs = b"".join(_encode(key) + _encode(item, key) for key, item in value.items())
        return _control(7, len(value)) + pairs
    if isinstance(value, list):
        return _control(11, len(value)) + b"".join(map(_encode, value))
    if isinstance(value, int):
        packed = value.to_bytes((value.bit_length() + 7) // 8, "big")
        return _control(WIDTHS.get(name, 5), len(packed)) + packed
    text = str(value).encode()
    return _control(2, len(text)) + text


def _control(kind: int, size: int) -> bytes:
    """Return the byte or bytes before a value: its kind, and its size up to 284."""
    first, extended = (kind << 5, b"") if kind <= 7 else (0, bytes([kind - 7]))
    return bytes([first | min(size, 29)]) + extended + (bytes([size - 29]) if size >= 29 else b"")
