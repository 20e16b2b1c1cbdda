"""Tokens that must not be believed (C): forged, altered, borrowed from another use, or over. Over HTTP."""

import base64
import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from config.testing.cases import case
from config.testing.forging import Forge, segment, unpacked
from config.testing.processes import Gatehouse
from config.testing.walks import Person, new_person

NONES = ("none", "None", "NONE", "nOnE", "")
KIDS = ("../../dev/null", "/proc/self/environ", "' OR 1=1--", "http://127.0.0.1/", "k" * 10_240, "a\x00b", ["a"], 7)

# A token may well have begun long ago, so -1 is a time to have begun at.
NONSENSE: tuple[object, ...] = ("tomorrow", None, [], True, 1e20, -1e300)
NO_TIMES = [*((name, value) for name in ("exp", "iat", "nbf") for value in NONSENSE), ("exp", -1)]


@pytest.fixture(scope="module")
def person(house: Gatehouse) -> Person:
    return new_person(house)


@pytest.fixture(scope="module")
def forge(house: Gatehouse) -> Forge:
    return Forge.of_the_house(house)


@pytest.fixture(scope="module")
def claims(person: Person) -> dict[str, Any]:
    return unpacked(person.access, 1)


@pytest.fixture
def listener() -> Iterator[list[str]]:
    """A web server of the attacker's, and what was asked of it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        asked.append(f"http://127.0.0.1:{server.server_port}")
        yield asked
        server.shutdown()


def is_refused(house: Gatehouse, token: str) -> bool:
    """Say whether a token is refused at a call that needs one, and told as inactive to whoever asks."""
    answer = house.request("GET", "/api/v1/auth/me", headers={"Authorization": b"Bearer " + token.encode()})
    asked = house.post("/auth/verify", {"token": token}) if token else None
    told = asked is None or asked.status_code == 400 or asked.json() == {"active": False}
    return answer.status_code == 401 and answer.json()["code"] in {"invalid_token", "not_authenticated"} and told


def believed(house: Gatehouse, tokens: list[str]) -> list[str]:
    return [token for token in tokens if not is_refused(house, token)]


def public_forms(forge: Forge) -> list[bytes]:
    """Return the house's public key in every form that a library could take for a shared secret."""
    public = forge.key.public_key()
    pem, der, ssh = serialization.Encoding.PEM, serialization.Encoding.DER, serialization.Encoding.OpenSSH
    info, open_ssh = serialization.PublicFormat.SubjectPublicKeyInfo, serialization.PublicFormat.OpenSSH
    return [
        public.public_bytes(pem, info),
        public.public_bytes(der, info),
        public.public_bytes(ssh, open_ssh),
    ]


def test_the_forge_makes_tokens_that_hold(house: Gatehouse, forge: Forge, claims: dict[str, Any]) -> None:
    assert not is_refused(house, forge.sign(claims))


@case("C01")
def test_a_token_without_a_signature_is_refused(house: Gatehouse, forge: Forge, claims: dict[str, Any]) -> None:
    heads = [{"alg": alg, "kid": forge.kid, "typ": "at+jwt"} for alg in NONES]
    unsigned = [f"{segment(head)}.{segment(claims)}." for head in heads]
    signed = [forge.sign_raw(head, claims) for head in heads]
    assert believed(house, [*unsigned, *signed]) == []


@case("C02")
def test_the_public_key_is_no_shared_secret(house: Gatehouse, forge: Forge, claims: dict[str, Any]) -> None:
    jwks = house.request("GET", "/.well-known/jwks.json")
    forms = [*public_forms(forge), jwks.content, jwks.text.encode()]
    text = f"{segment({'alg': 'HS256', 'kid': forge.kid, 'typ': 'at+jwt'})}.{segment(claims)}"
    tokens = [f"{text}.{segment(hmac.digest(form, text.encode(), hashlib.sha256))}" for form in forms]
    assert believed(house, tokens) == []


@case("C03")
@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES384", "ES512", "EdDSA", "ES256K", "es256"])
def test_the_header_does_not_choose_the_algorithm(
    house: Gatehouse, forge: Forge, claims: dict[str, Any], alg: str
) -> None:
    assert is_refused(house, forge.sign(claims, alg=alg))


@case("C04")
@pytest.mark.parametrize("kid", KIDS, ids=range(len(KIDS)))
def test_a_key_id_is_a_name_and_nothing_to_open(
    house: Gatehouse, forge: Forge, claims: dict[str, Any], kid: Any
) -> None:
    assert is_refused(house, forge.sign(claims, kid=kid))


@case("C05")
def test_a_key_that_the_token_brings_is_not_fetched_nor_used(
    house: Gatehouse, claims: dict[str, Any], listener: list[str]
) -> None:
    url = listener.pop()
    stranger = Forge("stranger", ec.generate_private_key(ec.SECP256R1()))
    numbers = stranger.key.public_key().public_numbers()
    jwk = {"kty": "EC", "crv": "P-256", "x": segment(numbers.x.to_bytes(32)), "y": segment(numbers.y.to_bytes(32))}
    heads: list[dict[str, Any]] = [{"jku": f"{url}/jku"}, {"x5u": f"{url}/x5u"}, {"jwk": jwk}, {"x5c": ["MIIB"]}]
    assert believed(house, [stranger.sign(claims, **head) for head in heads]) == []
    assert listener == []


@case("C06")
@pytest.mark.parametrize("extra", [{"crit": ["b64"], "b64": False}, {"crit": ["x"]}, {"crit": []}, {"b64": False}])
def test_a_header_that_asks_for_more_is_refused(
    house: Gatehouse, forge: Forge, claims: dict[str, Any], extra: dict[str, Any]
) -> None:
    assert is_refused(house, forge.sign(claims, **extra))


@case("C07")
@pytest.mark.parametrize("typ", [..., "JWT", "jwt", "application/at+jwt", "AT+JWT", "at+jwt ", "logout+jwt", None])
def test_only_the_exact_type_is_an_access_token(
    house: Gatehouse, forge: Forge, claims: dict[str, Any], typ: Any
) -> None:
    assert is_refused(house, forge.sign(claims, typ=typ))


@case("C07")
def test_a_token_in_a_token_is_refused(house: Gatehouse, forge: Forge, claims: dict[str, Any]) -> None:
    assert is_refused(house, forge.sign(claims, cty="JWT"))


@case("C08")
def test_a_signature_with_one_bit_flipped_is_refused(house: Gatehouse, person: Person) -> None:
    head, _, signature = person.access.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    flipped = [raw[:i] + bytes([raw[i] ^ 1]) + raw[i + 1 :] for i in range(len(raw))]
    assert believed(house, [f"{head}.{segment(value)}" for value in flipped]) == []


@case("C08")
def test_a_token_has_one_spelling(house: Gatehouse, person: Person) -> None:
    token = person.access
    head, payload, signature = token.split(".")
    json_form = f'{{"protected":"{head}","payload":"{payload}","signature":"{signature}"}}'
    std = signature.replace("-", "+").replace("_", "/")
    others = [f"{token}=", f"{token}==", f"{token}.x", f"{head}.{payload}.", f"{head}.{payload}", token[:-1], json_form]
    spaced = [f"{head}. {payload}.{signature}", f"{head}.{payload}.\t{signature}"]
    standard = [f"{head}.{payload}.{std}"] if std != signature else []
    assert believed(house, [*others, *spaced, *standard]) == []


@case("C10")
def test_doubled_members_are_refused(house: Gatehouse, forge: Forge, claims: dict[str, Any]) -> None:
    twice = json.dumps(claims).encode()[:-1] + b', "sub": "' + claims["sub"].encode() + b'"}'
    head = f'{{"alg": "ES256", "alg": "ES256", "kid": "{forge.kid}", "typ": "at+jwt"}}'.encode()
    assert believed(house, [forge.sign(twice), forge.sign_raw(head, claims)]) == []


@case("C11")
@pytest.mark.parametrize(("name", "value"), NO_TIMES)
def test_a_time_that_is_none_is_refused(
    house: Gatehouse, forge: Forge, claims: dict[str, Any], name: str, value: Any
) -> None:
    assert is_refused(house, forge.sign({**claims, name: value}))


@case("C11")
def test_a_token_is_good_from_its_beginning_to_its_end(house: Gatehouse, forge: Forge, claims: dict[str, Any]) -> None:
    now = int(time.time())
    endless = {name: value for name, value in claims.items() if name != "exp"}
    plain = json.dumps(claims).encode()
    odd = [plain.replace(str(claims["exp"]).encode(), word) for word in (b"1e400", b"NaN", b"Infinity")]
    times = [{**claims, "exp": now - 1}, {**claims, "nbf": now + 60}, {**claims, "iat": now + 86_400}, endless]
    assert believed(house, [forge.sign(one) for one in (*times, *odd)]) == []


@case("C12")
@pytest.mark.parametrize("name", ["iss", "aud"])
def test_issuer_and_audience_are_exact(house: Gatehouse, forge: Forge, claims: dict[str, Any], name: str) -> None:
    right = claims[name]
    wrong = ["https://evil.example", right[:-1], right + "/", right.upper(), "", [right], {right: 1}, None]
    without = {key: value for key, value in claims.items() if key != name}
    assert believed(house, [forge.sign(one) for one in (without, *({**claims, name: value} for value in wrong))]) == []


@case("C14", "C15", "C16")
def test_a_token_of_one_use_is_none_of_another(house: Gatehouse, person: Person) -> None:
    refresh, device = person.tokens["refresh"], person.tokens["device_token"]
    assert believed(house, [refresh, device]) == []
    for other in (person.access, device):
        assert house.post("/auth/refresh", {"refresh": other}).status_code == 401
    for other in (person.access, refresh, device):
        assert house.post("/auth/verify-email", {"token": other}).status_code == 400
        assert house.post("/auth/password/reset", {"token": other, "new_password": "x" * 20}).status_code == 400


@case("C29")
def test_a_refresh_token_is_its_whole_text(house: Gatehouse, person: Person) -> None:
    token = person.tokens["refresh"]
    others = [token[:end] for end in range(0, len(token), 5)] + [token[:-1], token.swapcase(), token + "A", f" {token}"]
    answers = [house.post("/auth/refresh", {"refresh": other}) for other in others]
    assert {answer.status_code for answer in answers} <= {400, 401}
    assert house.post("/auth/refresh", {"refresh": new_person(house).tokens["refresh"]}).status_code == 200


@case("C30")
def test_a_token_that_is_over_is_told_as_inactive_and_nothing_more(
    house: Gatehouse, forge: Forge, claims: dict[str, Any]
) -> None:
    gone = new_person(house)
    assert house.post("/auth/verify", {"token": gone.access}).json()["active"] is True
    house.post("/auth/logout", {}, bearer=gone.access)
    for token in (gone.access, forge.sign({**claims, "aud": "others"}), "nonsense"):
        assert house.post("/auth/verify", {"token": token}).json() == {"active": False}


@case("C33")
def test_a_token_in_the_address_is_not_looked_at(house: Gatehouse, person: Person) -> None:
    for name in ("access_token", "token", "authorization", "jwt"):
        assert house.get(f"/auth/me?{name}={person.access}").status_code == 401


@case("C34")
def test_the_header_has_one_spelling(house: Gatehouse, person: Person) -> None:
    token = person.access
    for good in (f"Bearer {token}", f"bearer {token}", f"BEARER {token}"):
        assert header_answers(house, good) == 200
    for bad in (f"Bearer  {token}", f"Bearer {token},Bearer {token}", f"Bearer{token}", f"Token {token}", token):
        assert header_answers(house, bad) == 401
    assert header_answers(house, f"Bearer {token}", f"Bearer {token}") in {400, 401}


def header_answers(house: Gatehouse, *values: str) -> int:
    """Return the status of a request with these Authorization headers, sent as they are."""
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=10)
    connection.putrequest("GET", "/api/v1/auth/me")
    for value in values:
        connection.putheader("Authorization", value)
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status
