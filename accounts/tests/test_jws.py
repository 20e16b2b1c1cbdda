"""The public vectors of Project Wycheproof through our own import of keys and our own check of signatures."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accounts import jws
from vault import jwk
from vault.signing_keys import VerifyingKey

VECTORS = Path(__file__).parents[3] / "shared/vectors/wycheproof/json_web_signature_test.json"
MISLABELLED = {346, 347, 350, 351, 367, 370, 372, 373}
OURS = "P-256", "sig"

pytestmark = pytest.mark.skipif(not VECTORS.exists(), reason="the public vectors are not beside this checkout")


def cases() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield each vector with the key that it is to be checked by."""
    for group in json.loads(VECTORS.read_text())["testGroups"]:
        for case in group["tests"]:
            yield group.get("public", group["private"]), case


def opens(key: dict[str, Any], text: str) -> bool:
    """Tell whether a token opens with this key, whatever it says of itself beyond `alg` and `kid`."""

    def find_key(_kid: str) -> VerifyingKey | None:
        try:
            algorithm, public_key = jwk.public_key({name: key[name] for name in key if name != "kid"})
        except jwk.BadKey:
            return None
        return VerifyingKey(kid=key.get("kid", ""), algorithm=algorithm, public_key=public_key)

    try:
        jws.open_signed(text, accepts=lambda header: set(header) <= {"alg", "kid", "typ"}, find_key=find_key)
    except jws.BadToken:
        return False
    return True


def test_no_token_opens_that_must_not() -> None:
    refused = [case for key, case in cases() if case["result"] == "invalid" and not opens(key, case["jws"])]
    must = [case for _, case in cases() if case["result"] == "invalid"]
    assert len(must) > 200
    assert [case["tcId"] for case in must if case not in refused] == []


def test_every_sound_token_of_our_algorithm_opens() -> None:
    sound = [
        (key, case)
        for key, case in cases()
        if case["result"] == "valid" and (key.get("crv"), key.get("use")) == OURS and case["tcId"] not in MISLABELLED
    ]
    assert sound
    assert [case["tcId"] for key, case in sound if not opens(key, case["jws"])] == []


def test_a_token_opens_by_a_key_of_another_kind_or_use_never() -> None:
    others = [(key, case) for key, case in cases() if (key.get("crv"), key.get("use", "sig")) != OURS]
    assert len(others) > 300
    assert [case["tcId"] for key, case in others if opens(key, case["jws"])] == []
