"""Public keys go out as RFC 7517 says and come in through one strict door."""

import base64
import json
from pathlib import Path

import jwt
import pytest

from vault import jwk

VECTORS = Path(__file__).parents[3] / "shared/vectors/wycheproof/json_web_key_test.json"
# RFC 8037, appendix A.2 and A.3.
ED25519 = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
ED25519_THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def _document(algorithm: str) -> dict[str, str]:
    return jwk.of(jwk.generate(algorithm).public_key())


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
def test_key_survives_the_way_out_and_in(algorithm: str) -> None:
    document = _document(algorithm)
    found, key = jwk.public_key(document | {"alg": algorithm, "use": "sig", "key_ops": ["verify"]})
    assert (found, jwk.of(key)) == (algorithm, document)


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
def test_other_libraries_read_our_keys(algorithm: str) -> None:
    private_key = jwk.generate(algorithm)
    token = jwt.encode({"sub": "x"}, private_key, algorithm=algorithm)
    theirs = jwt.PyJWK({**jwk.of(private_key.public_key()), "alg": algorithm})
    assert jwt.decode(token, theirs.key, algorithms=[algorithm]) == {"sub": "x"}


def test_thumbprint_is_that_of_rfc_8037() -> None:
    _, key = jwk.public_key(ED25519)
    assert jwk.thumbprint(key) == ED25519_THUMBPRINT


def test_thumbprint_of_a_p256_key_hashes_its_required_members_in_order() -> None:
    import hashlib

    private_key = jwk.generate("ES256")
    document = jwk.of(private_key.public_key())
    text = f'{{"crv":"P-256","kty":"EC","x":"{document["x"]}","y":"{document["y"]}"}}'
    expected = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
    assert jwk.thumbprint(private_key.public_key()) == expected


def test_other_algorithms_are_not_generated() -> None:
    with pytest.raises(jwk.BadKey):
        jwk.generate("RS256")


@pytest.mark.parametrize(
    "change",
    [
        {"alg": "ES256"},
        {"alg": None},
        {"use": "enc"},
        {"key_ops": ["sign"]},
        {"kty": "EC"},
        {"kty": ["OKP"]},
        {"crv": "X25519"},
        {"x": None},
        {"x": ""},
        {"x": "AAAA"},
        {"x": "!" * 43},
        {"x": "ä" * 43},
        {"x": ED25519["x"] + "="},
        {"x": "+" * 43},
    ],
)
def test_key_that_contradicts_itself_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(jwk.BadKey):
        jwk.public_key({**ED25519, **change})


def test_point_off_the_curve_is_refused() -> None:
    document = _document("ES256")
    with pytest.raises(jwk.BadKey):
        jwk.public_key(document | {"y": document["x"]})


@pytest.mark.skipif(not VECTORS.exists(), reason="the public vectors are not beside this checkout")
def test_no_bad_key_of_the_wycheproof_set_is_taken() -> None:
    groups = json.loads(VECTORS.read_text())["testGroups"]
    # The keys of a mixed set are sound one by one: the fault is in keeping them together.
    bad = [g for g in groups if g["tests"][0]["result"] == "invalid" and g["comment"] != "jws_mixedSymmetryKeyset"]
    keys = [key for group in bad for key in group.get("public", group["private"])["keys"]]
    assert len(keys) > 10
    for key in keys:
        with pytest.raises(jwk.BadKey):
            jwk.public_key(key)
