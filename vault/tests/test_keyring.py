"""Root keys and the keys of purposes."""

import base64

import pytest

from vault import keyring
from vault.testing import OTHER_KEY, root_keys

NEWER = "n1:" + base64.b64encode(bytes(range(32))).decode()


def test_first_key_is_active_and_last_is_oldest() -> None:
    with root_keys(f"{NEWER}, {OTHER_KEY}"):
        assert (keyring.active_id(), keyring.oldest_id()) == ("n1", "t2")


def test_key_that_waits_opens_and_makes_nothing() -> None:
    with root_keys(f"+{NEWER},{OTHER_KEY}"):
        assert (keyring.ids(), keyring.active_id(), keyring.oldest_id()) == (("n1", "t2"), "t2", "t2")
        assert keyring.purpose_key("a") == keyring.purpose_key("a", key_id="t2")
        waiting = keyring.purpose_key("a", key_id="n1")
        assert keyring.retired_ids() == ()
    with root_keys(f"{NEWER},{OTHER_KEY}"):
        assert keyring.purpose_key("a") == waiting
        assert keyring.retired_ids() == ("t2",)


def test_each_purpose_has_a_key_of_its_own() -> None:
    keys = {keyring.purpose_key("a"), keyring.purpose_key("b"), keyring.parse(NEWER).keys["n1"]}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}


def test_purpose_key_is_the_same_every_time_and_differs_between_root_keys() -> None:
    with root_keys(f"{NEWER},{OTHER_KEY}"):
        assert keyring.purpose_key("a") == keyring.purpose_key("a", key_id="n1")
        assert keyring.purpose_key("a") != keyring.purpose_key("a", key_id="t2")


def test_purpose_key_is_hkdf_of_the_root_key() -> None:
    # Computed apart with RFC 5869's two steps, to notice any change that would lose what is sealed.
    import hashlib
    import hmac

    extracted = hmac.new(bytes(32), bytes(range(32)), hashlib.sha256).digest()
    expanded = hmac.new(extracted, b"gatehouse/a\x01", hashlib.sha256).digest()
    with root_keys(NEWER):
        assert keyring.purpose_key("a") == expanded


def test_oldest_key_and_each_key_are_those_of_the_purpose() -> None:
    with root_keys(f"+{NEWER},{OTHER_KEY}"):
        newer, older = (keyring.purpose_key("a", key_id=key_id) for key_id in ("n1", "t2"))
        assert (keyring.each_key("a"), keyring.oldest_key("a")) == ([newer, older], older)


def test_unknown_key_id_is_refused() -> None:
    with pytest.raises(keyring.UnknownKey):
        keyring.purpose_key("a", key_id="gone")


@pytest.mark.parametrize("alphabet", [base64.b64encode, base64.urlsafe_b64encode])
def test_either_alphabet_of_base64_is_read_padded_or_not(alphabet: object) -> None:
    assert callable(alphabet)
    key = bytes(range(220, 252))
    text = alphabet(key).decode()
    assert [keyring.parse(f"k:{one}").keys["k"] for one in (text, text.rstrip("="))] == [key, key]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("bm8gaWQ=", "not of the form"),
        (f"+{NEWER}", "waits"),
        (f"{NEWER},+{OTHER_KEY}", "waits"),
        (f"++{NEWER},{OTHER_KEY}", "not of the form"),
        ("bad id:" + NEWER[3:], "not of the form"),
        (f"{NEWER},", "Entry 2"),
        ("k:*not base64*", "not base64"),
        ("k:ä", "not base64"),
        ("k:" + base64.b64encode(bytes(range(31))).decode(), "not 32 bytes"),
        ("k:" + base64.b64encode(bytes(32)).decode(), "not random"),
        (f"{NEWER},n1:{OTHER_KEY[3:]}", "repeats"),
        (f"{NEWER},n2:{NEWER[3:]}", "repeats"),
    ],
)
def test_bad_keys_are_refused_without_telling_their_value(text: str, complaint: str) -> None:
    with pytest.raises(keyring.BadKeys, match=complaint) as refusal:
        keyring.parse(text)
    assert NEWER[3:] not in str(refusal.value)
