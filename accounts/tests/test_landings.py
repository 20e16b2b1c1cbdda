"""Where a link may land."""

from typing import Any

import pytest

from accounts import landings
from kit.errors import Invalid

ALLOWED = ["https://app.example.com/account", "https://other.example.com", "http://localhost:3000/"]


@pytest.fixture(autouse=True)
def _named(settings: Any) -> None:
    settings.ACCOUNTS_LINK_URLS = ALLOWED


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://app.example.com/account",
        "https://app.example.com/account/confirm?lang=de&next=%2Fhome",
        "https://other.example.com",
        "https://other.example.com/any/where",
        "http://localhost:3000/confirm",
    ],
)
def test_what_the_operator_named_is_taken_as_it_is(url: str) -> None:
    assert landings.require_allowed(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example.com",
        "https://app.example.com/accounting",
        "https://app.example.com.evil.com/account",
        "https://evil.com/https://app.example.com/account",
        "http://app.example.com/account",
        "https://app.example.com:8443/account",
        "https://other.example.com:443/",
        "http://localhost/confirm",
    ],
)
def test_another_origin_or_path_is_refused_on_its_field(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        landings.require_allowed(url)
    assert (refused.value.field, refused.value.reason) == ("link_url", "not_allowed")


@pytest.mark.parametrize(
    "url",
    [
        "//evil.com",
        "/\\evil",
        "https:evil",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://other.example.com@evil.com/",
        "https://other.example.com:x@evil.com/",
        "https://other.example.com\\@evil.com/",
        "https://other.example.com/#fragment",
        "https://other.example.com/?token=mine",
        "https://other.example.com/?a=1&TOKEN=mine",
        "https://other.example.com/?%74oken=mine",
        "https://other.example.com/?token%5B%5D=mine",
        "https://other.example.com/?a=1;token=mine",
        "https://app.example.com/account/../admin",
        "https://app.example.com/account/%2e%2e/admin",
        "https://app.example.com/account/./x",
        "https://other.example.com/\n",
        "https://other.example.com/ x",
        "https://OTHER.example.com/",
        "https://other\u3002example.com/",
        "https://other.example.com/" + "x" * 400,
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        landings.require_allowed(url)
    assert refused.value.reason == "invalid_url"


def test_without_the_operators_word_links_lead_to_our_own_pages_alone(settings: Any) -> None:
    settings.ACCOUNTS_LINK_URLS = []
    assert not landings.require_allowed("")
    with pytest.raises(Invalid):
        landings.require_allowed("https://other.example.com/")


@pytest.mark.parametrize("url", ["https://a.example/?x", "ftp://a.example", "a.example", "https://a.example/../x"])
def test_a_beginning_is_an_origin_and_a_path(url: str) -> None:
    assert not landings.is_nameable(url)
    assert all(map(landings.is_nameable, ALLOWED))
