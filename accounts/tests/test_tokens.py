"""Access tokens and opaque ones: what is let in, and all that is not (SECURITY C)."""

import base64
import datetime as dt
import json
from collections.abc import Callable
from typing import Any, cast

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from accounts import jws, tokens
from accounts.testing import sign_in
from kit.errors import InvalidToken
from kit.ids import uuid7
from vault import signing_keys
from vault.testing import OTHER_KEY

pytestmark = pytest.mark.django_db

KEY = ec.generate_private_key(ec.SECP256R1())


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def claims(now: dt.datetime, **changed: Any) -> dict[str, Any]:
    base = {
        "iss": "http://testserver",
        "aud": "gatehouse",
        "sub": str(uuid7()),
        "sid": str(uuid7()),
        "jti": "1",
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + 60,
        "auth_time": int(now.timestamp()),
        "amr": ["pwd"],
        "token_type": "access",
    }
    merged = {**base, **changed}
    return {name: value for name, value in merged.items() if value is not ...}


def sign(payload: dict[str, Any] | bytes, **header: Any) -> str:
    """Sign with the house's own key, whatever the header and payload say."""
    key = signing_keys.active()
    members = {"alg": "ES256", "kid": key.kid, "typ": "at+jwt", **header}
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    head = b64(json.dumps({k: v for k, v in members.items() if v is not ...}).encode())
    signing_input = f"{head}.{b64(body)}"
    private_key = cast("ec.EllipticCurvePrivateKey", key.private_key)
    signature = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256).sign(signing_input.encode(), private_key)
    return f"{signing_input}.{b64(signature)}"


def refused(text: str, now: dt.datetime) -> bool:
    try:
        tokens.verify_access(text, now=now)
    except InvalidToken:
        return True
    return False


def test_an_issued_token_says_who_and_which_session(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    found = tokens.verify_access(signed_in.access, now=now)
    assert (found.subject, found.session) == (signed_in.user.pk, signed_in.session.pk)
    assert set(found.claims) >= {"iss", "aud", "sub", "sid", "jti", "iat", "exp", "auth_time", "amr"}


def test_a_published_key_verifies_a_token_offline(now: dt.datetime) -> None:
    token = sign_in(now=now).access
    keys = jwt.PyJWKSet.from_dict(signing_keys.jwks())
    header = jwt.get_unverified_header(token)
    key = keys[header["kid"]].key
    payload = jwt.decode(token, key, algorithms=["ES256"], audience="gatehouse", issuer="http://testserver")
    assert (header["typ"], payload["amr"]) == ("at+jwt", ["pwd"])


def test_a_well_made_token_is_let_in(now: dt.datetime) -> None:
    assert not refused(sign(claims(now)), now)


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", "HS256", "ES384", "EdDSA", "RS256", "PS256"])
def test_another_algorithm_is_refused(alg: str, now: dt.datetime) -> None:
    assert refused(sign(claims(now), alg=alg), now)
    head, body, _signature = sign(claims(now), alg=alg).split(".")
    assert refused(f"{head}.{body}.", now)


def test_the_public_key_is_no_shared_secret(now: dt.datetime) -> None:
    key = signing_keys.active()
    public = key.private_key.public_key()
    forms = [
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
        json.dumps(signing_keys.jwks()["keys"][0]).encode(),
    ]
    header = {"kid": key.kid, "typ": "at+jwt"}
    for form in forms:
        head = b64(json.dumps({"alg": "HS256", **header}).encode())
        body = b64(json.dumps(claims(now)).encode())
        mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(f"{head}.{body}".encode(), form)
        assert refused(f"{head}.{body}.{b64(mac)}", now)


@pytest.mark.parametrize("kid", ["../../dev/null", "' OR 1=1--", "http://x", "x" * 5000, "\x00", ["a"], 7, None, ...])
def test_a_strange_key_id_is_refused(kid: Any, now: dt.datetime) -> None:
    assert refused(sign(claims(now), kid=kid), now)


@pytest.mark.parametrize(
    "header",
    [
        {"jku": "http://127.0.0.1:1/keys"},
        {"x5u": "http://127.0.0.1:1/cert"},
        {"jwk": {"kty": "EC"}},
        {"x5c": ["MII"]},
        {"crit": ["b64"]},
        {"crit": []},
        {"b64": False},
        {"cty": "JWT"},
        {"typ": "JWT"},
        {"typ": "refresh+jwt"},
        {"typ": ...},
    ],
)
def test_any_other_header_is_refused(header: dict[str, Any], now: dt.datetime) -> None:
    assert refused(sign(claims(now), **header), now)


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": ...},
        {"exp": "tomorrow"},
        {"exp": -1},
        {"exp": 1.5},
        {"exp": True},
        {"nbf": 2**40},
        {"nbf": "x"},
        {"iat": 2**40},
        {"iss": "http://testserver.evil.com"},
        {"iss": "http://tests"},
        {"iss": ["http://testserver"]},
        {"iss": ...},
        {"aud": "gatehouse2"},
        {"aud": ...},
        {"sub": ...},
        {"sub": "x"},
        {"sub": 7},
        {"sid": ...},
        {"jti": ...},
        {"amr": "pwd"},
        {"auth_time": ...},
        {"token_type": "refresh"},
    ],
)
def test_a_claim_that_does_not_hold_is_refused(changed: dict[str, Any], now: dt.datetime) -> None:
    assert refused(sign(claims(now, **changed)), now)


def test_a_token_ends_on_the_second(now: dt.datetime) -> None:
    token = sign(claims(now))
    assert not refused(token, now + dt.timedelta(seconds=59))
    assert refused(token, now + dt.timedelta(seconds=60))


@pytest.mark.parametrize("number", ["1e400", "NaN", "Infinity", "1" * 5000])
def test_a_number_that_is_none_is_refused(number: str, now: dt.datetime) -> None:
    payload = json.dumps(claims(now, exp="EXP")).replace('"EXP"', number)
    assert refused(sign(payload.encode()), now)


def test_doubled_members_are_refused(now: dt.datetime) -> None:
    payload = json.dumps(claims(now))[:-1] + ', "sub": "' + str(uuid7()) + '"}'
    assert refused(sign(payload.encode()), now)


@pytest.mark.parametrize("payload", [b"[]", b"7", b"\xff\xfe", b"{", b"[" * 20000])
def test_a_payload_that_is_no_object_is_refused(payload: bytes, now: dt.datetime) -> None:
    assert refused(sign(payload), now)


TAMPERINGS: list[Callable[[str], str]] = [
    lambda token: token + "=",
    lambda token: token + ".x",
    lambda token: " " + token,
    lambda token: token + "\n",
    lambda token: token[:-1],
    lambda token: token.rpartition(".")[0] + ".",
    lambda token: token.replace("-", "+").replace("_", "/") + "/",
    lambda token: token[:-1] + chr(ord(token[-1]) + 1),
    lambda token: token + "A" * 9000,
    lambda token: token[1:],
]


@pytest.mark.parametrize("tamper", TAMPERINGS)
def test_one_token_has_one_text(tamper: Callable[[str], str], now: dt.datetime) -> None:
    assert refused(tamper(sign(claims(now))), now)


def test_every_flipped_byte_of_the_signature_is_refused(now: dt.datetime) -> None:
    head, body, signature = sign(claims(now)).split(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    for index in range(len(raw)):
        flipped = raw[:index] + bytes([raw[index] ^ 1]) + raw[index + 1 :]
        assert refused(f"{head}.{body}.{b64(flipped)}", now)


def test_a_token_of_another_key_with_our_key_id_is_refused(now: dt.datetime) -> None:
    header = {"kid": signing_keys.active().kid, "typ": "at+jwt"}
    assert refused(jwt.encode(claims(now), KEY, algorithm="ES256", headers=header), now)


def test_a_token_is_never_read_unverified() -> None:
    with pytest.raises(Exception, match="unverified"):
        tokens.RingBackend().decode("x", verify=False)


@pytest.mark.parametrize("kind", [tokens.Kind.REFRESH, tokens.Kind.DEVICE, tokens.Kind.CHALLENGE])
def test_an_opaque_token_is_good_for_its_own_kind_alone(kind: tokens.Kind) -> None:
    text, digest = tokens.mint(kind)
    assert tokens.verify(text, kind) == digest
    for other in set(tokens.Kind) - {kind, tokens.Kind.ACCESS}:
        with pytest.raises(InvalidToken):
            tokens.verify(text, other)


def test_a_refresh_token_of_our_own_making_is_told_from_a_made_up_one() -> None:
    text, _ = tokens.mint(tokens.Kind.REFRESH)
    random, check = text[:-16], text[-16:]
    other = tokens.mint(tokens.Kind.REFRESH)[0]
    for bad in (
        random + other[-16:],
        other[:-16] + check,
        random,
        text + "0",
        random + "\ud800" * 16,
        random + "é" * 16,
    ):
        with pytest.raises(InvalidToken):
            tokens.verify(bad, tokens.Kind.REFRESH)


def test_a_refresh_token_outlives_a_new_root_key_and_not_the_one_it_was_made_under(settings: Any) -> None:
    old = settings.VAULT_KEYS
    text, digest = tokens.mint(tokens.Kind.REFRESH)
    settings.VAULT_KEYS = f"{OTHER_KEY},{old}"
    assert tokens.verify(text, tokens.Kind.REFRESH) == digest
    newer, _ = tokens.mint(tokens.Kind.REFRESH)
    settings.VAULT_KEYS = OTHER_KEY
    assert tokens.verify(newer, tokens.Kind.REFRESH)
    with pytest.raises(InvalidToken):
        tokens.verify(text, tokens.Kind.REFRESH)


def test_what_is_no_json_object_is_no_token() -> None:
    with pytest.raises(jws.BadToken):
        jws.strict_object(b'"text"')


@pytest.mark.parametrize(("amr", "level"), [(["pwd"], "aal1"), (["pwd", "otp", "mfa"], "aal2")])
def test_a_token_says_how_far_the_sign_in_can_be_trusted(amr: list[str], level: str, now: dt.datetime) -> None:
    text = tokens.issue_access(subject=uuid7(), session=uuid7(), amr=amr, auth_time=now, now=now)
    assert tokens.verify_access(text, now=now).claims["acr"] == level
