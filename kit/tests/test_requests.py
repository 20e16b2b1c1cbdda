"""Where a request came from."""

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient


@pytest.mark.parametrize(
    ("proxies", "address"), [(0, "127.0.0.1"), (1, "192.0.2.2"), (2, "192.0.2.1"), (3, "127.0.0.1")]
)
def test_a_forwarded_address_is_believed_for_as_many_proxies_as_there_are(
    client: APIClient, settings: Settings, proxies: int, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    answer = client.get("/where", headers={"X-Forwarded-For": "192.0.2.1, 192.0.2.2"})
    assert answer.json()["address"] == address


def test_an_agent_is_cut_and_holds_no_control_characters(client: APIClient) -> None:
    answer = client.get("/where", headers={"User-Agent": "a\x00b" + "x" * 1000})
    assert answer.json()["agent"] == "a b" + "x" * 397
