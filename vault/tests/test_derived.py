"""Secrets that are derived, and digests."""

import hashlib
import re
from uuid import UUID

import pytest

from vault import derived, digests, keyring
from vault.testing import OTHER_KEY, root_keys

ROW = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
OTHER_ROW = UUID("01890a5d-ac96-774b-bcce-b302099a8058")
NEWER = "n1:" + "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def test_secret_can_be_made_again_from_the_row() -> None:
    made = derived.mint("reset", ROW)
    assert derived.again("reset", ROW, made.key_id) == made.text
    assert derived.digest(made.text) == made.digest == hashlib.sha256(made.text.encode()).hexdigest()


def test_secret_is_43_characters_that_a_url_carries() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", derived.mint("reset", ROW).text)


def test_secret_does_not_show_itself_in_a_repr() -> None:
    made = derived.mint("reset", ROW)
    assert made.text not in repr(made)


def test_purposes_rows_and_keys_have_different_secrets() -> None:
    texts = {derived.mint("reset", ROW).text, derived.mint("verify", ROW).text, derived.mint("reset", OTHER_ROW).text}
    with root_keys(OTHER_KEY):
        texts.add(derived.mint("reset", ROW).text)
    assert len(texts) == 4


def test_secret_outlives_a_new_root_key() -> None:
    with root_keys(OTHER_KEY):
        made = derived.mint("reset", ROW)
    with root_keys(f"{NEWER},{OTHER_KEY}"):
        assert derived.again("reset", ROW, made.key_id) == made.text
        assert derived.mint("reset", ROW).key_id == "n1"


def test_secret_of_a_lost_root_key_cannot_be_made_again() -> None:
    with pytest.raises(keyring.UnknownKey):
        derived.again("reset", ROW, "gone")


@pytest.mark.parametrize("text", ["", "\ud800", "\0", "ключ", "a" * 10_000])
def test_any_text_has_a_digest(text: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", derived.digest(text))
    assert re.fullmatch(r"[0-9a-f]{64}", digests.keyed("counter", text))
    assert len(derived.key_from(text, purpose="successor")) == 32


def test_keyed_digest_depends_on_purpose_and_text() -> None:
    made = {digests.keyed("a", "x"), digests.keyed("b", "x"), digests.keyed("a", "y"), derived.digest("x")}
    assert len(made) == 4


def test_keyed_digest_stays_when_a_root_key_is_added_in_front() -> None:
    with root_keys(OTHER_KEY):
        before = digests.keyed("index", "anna@example.com")
    with root_keys(f"{NEWER},{OTHER_KEY}"):
        assert digests.keyed("index", "anna@example.com") == before
        assert digests.keyed("index", "anna@example.com", key_id="n1") != before


def test_keyed_digest_is_found_under_whichever_root_key_made_it() -> None:
    with root_keys(f"{NEWER},{OTHER_KEY}"):
        made = [digests.keyed("index", "x", key_id=key_id) for key_id in ("n1", "t2")]
        assert digests.under_each("index", "x") == made


def test_keys_from_a_text_differ_by_purpose() -> None:
    assert derived.key_from("secret", purpose="a") != derived.key_from("secret", purpose="b")
