"""Where a request came from."""

import pytest
from django.http import HttpRequest
from pytest_django import Settings
from rest_framework.request import Request
from rest_framework.test import APIClient

from kit.origin import client_address
from kit.requests import note_impersonator, origin_of, readable_content_type
from kit.tenants import HOUSE


@pytest.mark.parametrize(
    ("proxies", "address"), [(0, "127.0.0.1"), (1, "192.0.2.2"), (2, "192.0.2.1"), (3, "127.0.0.1")]
)
def test_a_forwarded_address_is_believed_for_as_many_proxies_as_there_are(
    client: APIClient, settings: Settings, proxies: int, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    answer = client.get("/where", headers={"X-Forwarded-For": "192.0.2.1, 192.0.2.2"})
    assert answer.json()["address"] == address


def test_who_acts_for_another_is_told_of_the_request_and_of_what_is_around_it() -> None:
    inner = HttpRequest()
    assert origin_of(Request(inner)).impersonator is None
    note_impersonator(Request(inner), HOUSE)
    assert {origin_of(one).impersonator for one in (inner, Request(inner))} == {HOUSE}


def test_an_agent_is_cut_and_holds_no_control_characters(client: APIClient) -> None:
    answer = client.get("/where", headers={"User-Agent": "a\x00b" + "x" * 1000})
    assert answer.json()["agent"] == "a b" + "x" * 397


def test_the_zone_of_a_forwarded_address_is_left_out() -> None:
    forwarded_for = "fe80::1%" + "x" * 500
    assert client_address(peer="192.0.2.9", forwarded_for=forwarded_for, trusted_proxies=1) == "fe80::1"


@pytest.mark.parametrize(
    "content_type", ["", "application/json", 'application/json; charset="UTF-8"', "multipart/form-data; boundary=x"]
)
def test_a_content_type_in_utf_8_is_read_as_it_is(content_type: str) -> None:
    assert readable_content_type(content_type) == content_type


@pytest.mark.parametrize(
    "parameter", ["charset=rot13", "charset=utf-16", "charset*=idna''x", "charset*0=ro; charset*1=t13", "x*=nosuch''y"]
)
def test_a_content_type_that_names_another_codec_is_no_content_type(parameter: str) -> None:
    assert readable_content_type(f"application/json; {parameter}") == ""
