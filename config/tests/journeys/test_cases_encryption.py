"""Encrypting and decrypting for callers (I): whatever is changed, moved or borrowed does not open, and says no more."""

import base64
import gzip
import json
import string
from typing import Any

import pytest
import requests

from config.testing.cases import case
from config.testing.processes import Gatehouse
from config.testing.walks import Person, new_encryptor, new_person

MOST = 64 * 1024
ALPHABET = string.ascii_letters + string.digits + "-_"


@pytest.fixture(scope="module")
def person(house: Gatehouse) -> Person:
    """Somebody whose calls of this module stay below the limit of one caller."""
    return new_encryptor(house)


def encrypt(house: Gatehouse, person: Person, text: str = "hello", **more: str) -> str:
    answer = house.post("/encrypt", {"plaintext": text, **more}, bearer=person.access)
    assert answer.status_code == 200, answer.text
    sealed: str = answer.json()["ciphertext"]
    return sealed


def decrypt(house: Gatehouse, person: Person, sealed: str, **more: str) -> requests.Response:
    return house.post("/decrypt", {"ciphertext": sealed, **more}, bearer=person.access)


def problem(answer: requests.Response) -> dict[str, Any]:
    """Return what an answer tells, without the id of the request, which is never alike."""
    assert answer.status_code == 400, answer.text
    return {name: value for name, value in answer.json().items() if name != "request_id"}


def nonsense(house: Gatehouse, person: Person) -> dict[str, Any]:
    """Return the answer to what was never encrypted."""
    return problem(decrypt(house, person, "nonsense"))


def raw(sealed: str) -> bytes:
    return base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))


def text(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


@case("I01", "I09")
def test_every_flipped_byte_is_refused_alike(house: Gatehouse, person: Person) -> None:
    sealed, expected = raw(encrypt(house, person)), nonsense(house, person)
    for position in range(len(sealed)):
        flipped = bytearray(sealed)
        flipped[position] ^= 1
        assert problem(decrypt(house, person, text(bytes(flipped)))) == expected, position


@case("I02")
def test_every_cut_and_everything_appended_is_refused(house: Gatehouse, person: Person) -> None:
    sealed, expected = encrypt(house, person), nonsense(house, person)
    for length in range(len(sealed)):
        assert problem(decrypt(house, person, sealed[:length])) == expected, length
    for more in ("A", "AA", "AAAA", "=", "==", "\n", ".", sealed):
        assert problem(decrypt(house, person, sealed + more)) == expected, more


@case("I03")
@pytest.mark.parametrize("key_id", ["", "k0", "zz", "../../", "..", "\0", "K1", "k1 ", "k" * 255])
def test_other_key_ids_are_refused(house: Gatehouse, person: Person, key_id: str) -> None:
    sealed = raw(encrypt(house, person))
    rest = sealed[2 + sealed[1] :]
    forged = text(sealed[:1] + bytes([len(key_id)]) + key_id.encode() + rest)
    assert problem(decrypt(house, person, forged)) == nonsense(house, person)


@case("I03")
@pytest.mark.parametrize("version", [0, 2, 3, 255])
def test_other_versions_are_refused(house: Gatehouse, person: Person, version: int) -> None:
    sealed = raw(encrypt(house, person))
    assert problem(decrypt(house, person, text(bytes([version]) + sealed[1:]))) == nonsense(house, person)


@case("I04")
def test_text_of_another_tenant_is_refused(house: Gatehouse, person: Person) -> None:
    script = (
        "import datetime as dt; from kit.ids import uuid7; from kit.origin import NOWHERE; "
        "from vault import ciphertexts; from vault.uses import Caller; "
        "caller = Caller(id=uuid7(), tenant=uuid7(), origin=NOWHERE); "
        "print(ciphertexts.encrypt('theirs', context='', caller=caller, now=dt.datetime.now(dt.UTC)).text)"
    )
    theirs = house.inside(script).split()[-1]
    assert problem(decrypt(house, person, theirs)) == nonsense(house, person)


@case("I04")
def test_whoever_may_only_encrypt_or_neither_decrypts_nothing(house: Gatehouse, person: Person) -> None:
    sealed, stranger = encrypt(house, person), new_person(house)
    assert decrypt(house, stranger, sealed).status_code == 403
    assert house.post("/encrypt", {"plaintext": "x"}, bearer=stranger.access).status_code == 403
    assert house.post("/decrypt", {"ciphertext": sealed}).status_code == 401


@case("I04")
def test_whoever_loses_the_role_is_refused_at_the_next_call(house: Gatehouse) -> None:
    former = new_encryptor(house)
    sealed = encrypt(house, former)
    house.command("roles_revoke", former.email, "encryptor")
    assert decrypt(house, former, sealed).status_code == 403
    assert house.post("/encrypt", {"plaintext": "x"}, bearer=former.access).status_code == 403


@case("I05")
@pytest.mark.parametrize("context", ["", "row:2", "row:1 ", "Row:1", "row:1\n", "row:1:", "row"])
def test_text_opens_in_its_own_context_alone(house: Gatehouse, person: Person, context: str) -> None:
    sealed = encrypt(house, person, context="row:1")
    assert problem(decrypt(house, person, sealed, context=context)) == nonsense(house, person)
    assert decrypt(house, person, sealed, context="row:1").json() == {"plaintext": "hello"}


@case("I07")
def test_one_text_never_comes_out_alike(house: Gatehouse, person: Person) -> None:
    assert len({encrypt(house, person) for _ in range(50)}) == 50


@case("I08")
@pytest.mark.parametrize("times", [100_000, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_encryptions_repeat_no_nonce(house: Gatehouse, times: int) -> None:
    script = (
        "from vault import sealing; begin = len(sealing.header(sealing.keyring.active_id())); "
        "print(len({sealing.seal(b'x', label='l', row='r')[begin:begin + 12] "
        f"for _ in range({times})}}))"
    )
    assert house.inside(script).split()[-1] == str(times)


@case("I10")
@pytest.mark.parametrize("plaintext", ["", "x" * MOST, "€" * (MOST // 3), " \t\r\n", "\u2028"])
def test_text_up_to_64_kib_comes_back_as_it_was(house: Gatehouse, person: Person, plaintext: str) -> None:
    assert decrypt(house, person, encrypt(house, person, plaintext)).json() == {"plaintext": plaintext}


@case("I10")
@pytest.mark.parametrize(
    ("size", "status", "code"), [(MOST + 1, 400, "validation_error"), (300_000, 413, "payload_too_large")]
)
def test_more_is_refused(house: Gatehouse, person: Person, size: int, status: int, code: str) -> None:
    answer = house.post("/encrypt", {"plaintext": "x" * size}, bearer=person.access)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@case("I10")
def test_other_alphabet_and_white_space_are_refused(house: Gatehouse, person: Person) -> None:
    sealed = next(one for one in iter(lambda: encrypt(house, person), "") if "-" in one or "_" in one)
    standard = sealed.replace("-", "+").replace("_", "/")
    for other in (standard, f" {sealed}", f"{sealed} ", f"{sealed[:9]}\n{sealed[9:]}"):
        assert problem(decrypt(house, person, other)) == nonsense(house, person)
    assert set(sealed) <= set(ALPHABET)


@case("I15")
def test_nothing_is_decompressed_and_nothing_compressed(house: Gatehouse, person: Person) -> None:
    bomb = gzip.compress(json.dumps({"plaintext": "x" * 1_000_000}).encode())
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    answer = house.request("POST", "/api/v1/encrypt", bearer=person.access, data=bomb, headers=headers)
    assert answer.status_code in {400, 415}
    assert len(raw(encrypt(house, person, "x" * MOST))) > MOST


def test_calls_are_limited_by_caller_and_say_how_they_stand(house: Gatehouse, person: Person) -> None:
    told = house.post("/encrypt", {"plaintext": "x"}, bearer=person.access).headers
    assert (told["RateLimit-Limit"], told["RateLimit-Policy"]) == ("600", "600;w=60")
    assert 0 < int(told["RateLimit-Remaining"]) < 600
