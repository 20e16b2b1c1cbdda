"""Whose word a report is: Standard Webhooks by the example that Novu prints, and Twilio's by the one of its own."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from notifications.callbacks import signatures

# As Novu's documentation prints them.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NAME, STAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
NOW = datetime.fromtimestamp(STAMP, UTC)
OTHER = "whsec_" + base64.b64encode(b"another secret of 24 byt").decode()
HEADERS = {"webhook-id": NAME, "webhook-timestamp": str(STAMP), "webhook-signature": SIGNATURE}

# As Twilio's documentation prints them.
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = {"CallSid": "CA1234567890ABCDE", "Caller": "+12349013030", "Digits": "1234", "From": "+12349013030"}
FIELDS = [*FORM.items(), ("To", "+18005551212")]
TWILIO = "0/KCTR6DLpKmkAf8muzZqo1nDgQ="


def holds(**changes: Any) -> str:
    """Return what comes of the example with this changed."""
    example: dict[str, Any] = {"secrets": [SECRET], "headers": HEADERS, "body": BODY, "now": NOW}
    return signatures.holds_standard(**example | changes)


def test_the_example_of_novu_holds_and_is_what_we_sign() -> None:
    assert holds() == NAME
    assert signatures.sign_standard(secret=SECRET, name=NAME, stamp=STAMP, body=BODY) == SIGNATURE


def test_it_holds_under_the_names_of_svix_too_and_under_no_others() -> None:
    named = {name.replace("webhook", "svix"): value for name, value in HEADERS.items()}
    assert holds(headers=named, prefix="svix") == NAME
    assert holds(headers=named) == ""


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_are_tolerated(seconds: int) -> None:
    assert holds(now=NOW + timedelta(seconds=seconds)) == NAME


@pytest.mark.parametrize(
    "changes",
    [
        {"body": BODY + b" "},
        {"secrets": [OTHER]},
        {"secrets": []},
        {"secrets": ["", "whsec_", "no base64!"]},
        {"now": NOW + timedelta(seconds=301)},
        {"now": NOW - timedelta(seconds=301)},
        {"headers": {}},
        {"headers": HEADERS | {"webhook-id": "msg_other"}},
        {"headers": HEADERS | {"webhook-timestamp": str(STAMP + 1)}},
        {"headers": HEADERS | {"webhook-timestamp": f" {STAMP}"}},
        {"headers": HEADERS | {"webhook-timestamp": "9" * 400}},
        {"headers": HEADERS | {"webhook-timestamp": "١٦١٤٢٦٥٣٣٠"}},
        {"headers": HEADERS | {"webhook-signature": SIGNATURE.replace("v1,", "v2,")}},
        {"headers": HEADERS | {"webhook-signature": SIGNATURE.removeprefix("v1,")}},
        {"headers": HEADERS | {"webhook-signature": "v1,"}},
        {"headers": HEADERS | {"webhook-signature": "v1,é"}},
        {"headers": HEADERS | {"webhook-signature": " ".join(["v1,AAAA"] * 10 + [SIGNATURE])}},
    ],
)
def test_anything_else_does_not(changes: dict[str, Any]) -> None:
    assert holds(**changes) == ""


def test_either_secret_holds_while_one_takes_the_other_s_place() -> None:
    assert holds(secrets=[OTHER, SECRET]) == holds(secrets=[SECRET, OTHER]) == NAME
    both = f"{signatures.sign_standard(secret=OTHER, name=NAME, stamp=STAMP, body=BODY)} {SIGNATURE}"
    assert holds(headers=HEADERS | {"webhook-signature": both}) == NAME


def test_the_example_of_twilio_holds() -> None:
    assert signatures.holds_twilio(tokens=["12345"], url=URL, fields=FIELDS, given=TWILIO)
    assert signatures.holds_twilio(tokens=["", "next", "12345"], url=URL, fields=FIELDS[::-1], given=TWILIO)
    assert signatures.sign_twilio(token="12345", url=URL, fields=FIELDS) == TWILIO


@pytest.mark.parametrize(
    "changes",
    [
        {"tokens": ["other"]},
        {"tokens": [""]},
        {"url": URL + "&"},
        {"fields": FIELDS[1:]},
        {"given": ""},
        {"given": "é"},
    ],
)
def test_anything_else_of_twilio_does_not(changes: dict[str, Any]) -> None:
    example: dict[str, Any] = {"tokens": ["12345"], "url": URL, "fields": FIELDS, "given": TWILIO}
    assert not signatures.holds_twilio(**example | changes)


@pytest.mark.parametrize("body", [b"\xff=%ff", b"&".join([b"a=1"] * 201)])
def test_what_is_no_form_has_no_fields(body: bytes) -> None:
    assert signatures.form_of(body) == []
