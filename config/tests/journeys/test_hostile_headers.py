"""Headers that fail before a view or a middleware is reached: the server's own edge must answer them."""

import pytest

from config.testing.processes import Gatehouse


@pytest.mark.parametrize("parameter", ["charset=rot13", "charset=idna", "x*=nosuch''y"])
def test_a_content_type_with_a_strange_codec_is_refused_and_nothing_fails(house: Gatehouse, parameter: str) -> None:
    headers = {"Content-Type": f"application/json; {parameter}"}
    answer = house.request("POST", "/api/v1/auth/login?next=1", data=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert house.request("GET", "/api/v1/auth/sessions?page=1", headers=headers).status_code == 401
