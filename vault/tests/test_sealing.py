"""Sealed values open in their own place, whole and untouched, or not at all."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vault import derived, keyring, sealing
from vault.testing import OTHER_KEY, root_keys

VECTORS = Path(__file__).parents[3] / "shared/vectors/wycheproof/aes_gcm_test.json"
NEWER = "n1:" + "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
KEY = bytes(range(32))


def _seal(plaintext: bytes = b"secret") -> bytes:
    return sealing.seal(plaintext, label="app.Model.field", row="1")


@pytest.mark.parametrize("plaintext", [b"", b"secret", bytes(65_536)])
def test_sealed_value_opens_in_its_place(plaintext: bytes) -> None:
    sealed = _seal(plaintext)
    assert plaintext == b"" or plaintext not in sealed
    assert sealing.unseal(memoryview(sealed), label="app.Model.field", row="1") == plaintext


def test_same_text_never_seals_alike() -> None:
    assert len({_seal() for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("label", "row"), [("app.Model.field", "2"), ("app.Model.other", "1"), ("app.Model.field1", "")]
)
def test_sealed_value_does_not_open_elsewhere(label: str, row: str) -> None:
    with pytest.raises(sealing.CannotUnseal):
        sealing.unseal(_seal(), label=label, row=row)


def test_label_and_row_do_not_run_into_each_other() -> None:
    sealed = sealing.seal_under(KEY, b"secret", label="a", row="bc")
    with pytest.raises(sealing.CannotUnseal):
        sealing.unseal_under(KEY, sealed, label="ab", row="c")


def test_every_flipped_byte_is_noticed() -> None:
    sealed = _seal()
    for position in range(len(sealed)):
        forged = bytearray(sealed)
        forged[position] ^= 1
        with pytest.raises(sealing.CannotUnseal):
            sealing.unseal(bytes(forged), label="app.Model.field", row="1")


def test_every_truncation_and_extension_is_noticed() -> None:
    sealed = _seal()
    for forged in [sealed[:length] for length in range(len(sealed))] + [sealed + b"\0"]:
        with pytest.raises(sealing.CannotUnseal):
            sealing.unseal(forged, label="app.Model.field", row="1")


def test_key_id_that_is_no_text_is_refused() -> None:
    with pytest.raises(sealing.CannotUnseal):
        sealing.unseal(b"\x01\x01\xff" + bytes(40), label="app.Model.field", row="1")


def test_value_sealed_under_an_older_key_still_opens_and_not_without_it() -> None:
    with root_keys(OTHER_KEY):
        sealed = _seal()
    with root_keys(f"{NEWER},{OTHER_KEY}"):
        assert sealing.unseal(sealed, label="app.Model.field", row="1") == b"secret"
    with root_keys(NEWER), pytest.raises(sealing.CannotUnseal):
        sealing.unseal(sealed, label="app.Model.field", row="1")


def test_key_of_the_caller_seals_and_opens() -> None:
    key = derived.key_from("a long secret text", purpose="successor")
    sealed = sealing.seal_under(key, b"secret", label="l", row="r")
    assert sealing.unseal_under(key, memoryview(sealed), label="l", row="r") == b"secret"
    with pytest.raises(sealing.CannotUnseal):
        sealing.unseal_under(KEY, sealed, label="l", row="r")


def test_the_two_kinds_of_seal_are_not_taken_for_each_other() -> None:
    with pytest.raises(sealing.CannotUnseal):
        sealing.unseal_under(KEY, _seal(), label="app.Model.field", row="1")
    with pytest.raises(sealing.CannotUnseal):
        sealing.unseal(sealing.seal_under(KEY, b"x", label="l", row="r"), label="l", row="r")


def test_key_of_another_length_is_an_error() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        sealing.seal_under(KEY[:16], b"secret", label="l", row="r")


def _vectors(**sizes: int) -> Iterator[dict[str, Any]]:
    """Yield the public vectors of groups that have these sizes, in bits."""
    for group in json.loads(VECTORS.read_text())["testGroups"]:
        if all(group[name] == size for name, size in sizes.items()):
            yield from group["tests"]


def _opened(vector: dict[str, Any]) -> str:
    key, nonce, box, bound, tag = (bytes.fromhex(vector[name]) for name in ("key", "iv", "ct", "aad", "tag"))
    try:
        return sealing.decrypt(key, nonce, box + tag, bound).hex()
    except sealing.CannotUnseal:
        return "refused"


@pytest.mark.skipif(not VECTORS.exists(), reason="the public vectors are not beside this checkout")
def test_wycheproof_vectors_come_out_as_labelled() -> None:
    vectors = list(_vectors(ivSize=96, keySize=256, tagSize=128))
    assert Counter(vector["result"] for vector in vectors) == {"valid": 39, "invalid": 27}
    for vector in vectors:
        assert _opened(vector) == (vector["msg"] if vector["result"] == "valid" else "refused"), vector["tcId"]


@pytest.mark.skipif(not VECTORS.exists(), reason="the public vectors are not beside this checkout")
def test_wycheproof_vectors_with_another_nonce_than_ours_are_refused() -> None:
    others = [vector for vector in _vectors(keySize=256) if len(vector["iv"]) != 24]
    assert len(others) > 30
    assert {_opened(vector) for vector in others} == {"refused"}


def test_labels_have_keys_of_their_own() -> None:
    assert keyring.purpose_key("seal/a") != keyring.purpose_key("seal/b")
