"""No secret reaches a log."""

import pytest

from kit.logs import HIDDEN, redact

JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLW9mLWl0"


@pytest.mark.parametrize(
    "name", ["password", "new_password", "token", "refresh", "Authorization", "api_key", "SECRET_KEY", "code"]
)
def test_a_value_under_the_name_of_a_secret_is_hidden(name: str) -> None:
    assert redact(None, "", {name: "abc"}) == {name: HIDDEN}


def test_a_secret_in_a_nested_value_is_hidden() -> None:
    assert redact(None, "", {"body": {"list": [{"password": "abc"}]}}) == {"body": {"list": [{"password": HIDDEN}]}}


@pytest.mark.parametrize(
    "text",
    [
        f"refused {JWT}",
        "GET /confirm?token=abcSECRETdef&x=1",
        "Authorization: Bearer abcSECRETdef",
        "cannot reach redis://name:abcSECRETdef@host:1",
        "duplicate key\nDETAIL:  Key (email)=(abcSECRETdef) already exists.",
    ],
)
def test_text_in_the_shape_of_a_secret_is_hidden(text: str) -> None:
    cleaned = redact(None, "", {"event": text})["event"]
    assert "SECRET" not in cleaned
    assert JWT not in cleaned


def test_other_words_stay() -> None:
    event = {"event": "request", "status": 200, "route": "api/v1/auth/login", "status_code": 200}
    assert redact(None, "", dict(event)) == {**event, "status_code": 200}
