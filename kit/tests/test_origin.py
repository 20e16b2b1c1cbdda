"""Whose request it is: by which address a caller is known, and by which she is counted."""

import pytest

from kit.origin import client_address, network_of

PEER = "198.51.100.1"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "192.0.2.1", PEER),
        (-1, "192.0.2.1", PEER),
        (1, "", PEER),
        (1, "192.0.2.1", "192.0.2.1"),
        (1, "203.0.113.9, 192.0.2.1", "192.0.2.1"),
        (2, "203.0.113.9,192.0.2.1", "203.0.113.9"),
        (2, "192.0.2.1", PEER),
        (1, "unknown", PEER),
        (1, "203.0.113.9, 192.0.2.1:4711", PEER),
        (1, "2001:DB8:0::1", "2001:db8::1"),
    ],
)
def test_only_what_our_own_proxies_wrote_is_believed(proxies: int, forwarded: str, address: str) -> None:
    assert client_address(peer=PEER, forwarded_for=forwarded, trusted_proxies=proxies) == address


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", "unknown"),
        ("a socket", "unknown"),
    ],
)
def test_callers_are_counted_by_what_one_customer_holds(address: str, network: str) -> None:
    assert network_of(address) == network
