"""Which passwords are good enough."""

from typing import Any

import pytest

from accounts import passwords
from kit.errors import Invalid


def reason(password: str, **more: Any) -> str:
    try:
        passwords.require_acceptable(password, **more)
    except Invalid as refused:
        return refused.reason
    return "accepted"


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("Ab1!xyzw", "accepted"),
        ("Ab1!xyz", "password_weak"),
        ("ab1!xyzw", "password_weak"),
        ("AB1!XYZW", "password_weak"),
        ("Abc!xyzw", "password_weak"),
        ("Ab1xyzwv", "password_weak"),
        ("fourteen chars", "password_weak"),
        ("fifteen charss!", "accepted"),
        ("               ", "accepted"),
        ("ünïcødé ist auch gut", "accepted"),
        ("x" * 64, "accepted"),
        ("x" * 1024, "accepted"),
        ("x" * 1025, "too_long"),
        ("", "password_weak"),
        ("\ufdfa", "password_weak"),  # one letter, though NFKC makes eighteen of it
    ],
)
def test_the_balanced_policy(password: str, expected: str) -> None:
    assert reason(password) == expected


@pytest.mark.parametrize(("password", "expected"), [("Ab1!xyzw", "password_weak"), ("fourteen chars", "password_weak")])
def test_the_nist_policy_asks_for_length_alone(password: str, expected: str, settings: Any) -> None:
    settings.ACCOUNTS_PASSWORD_POLICY = "nist"
    assert reason(password) == expected
    assert reason("fifteen charss!") == "accepted"


@pytest.mark.parametrize(("password", "expected"), [("a" * 7, "password_weak"), ("Ab1xyzwv", "accepted")])
def test_the_nist_policy_takes_eight_beside_a_second_factor(password: str, expected: str, settings: Any) -> None:
    settings.ACCOUNTS_PASSWORD_POLICY = "nist"
    assert reason(password, second_factor=True) == expected


@pytest.mark.parametrize("second_factor", [False, True])
def test_the_balanced_policy_asks_the_same_beside_a_second_factor(*, second_factor: bool) -> None:
    assert reason("Ab1xyzwv", second_factor=second_factor) == "password_weak"


@pytest.mark.parametrize(
    ("policy", "password", "words"),
    [
        ("balanced", "abcdefg", "add 1 more character, an upper-case letter, a digit and a symbol."),
        ("balanced", "Ab1!", "add 4 more characters."),
        ("balanced", "abcdefgh1!", "add an upper-case letter."),
        ("nist", "Ab1!xyzw", "at least 15 characters"),
        ("balanced", "x" * 1025, "at most 1,024 characters"),
        ("balanced", "1!Gatehouse", "your name, your address or the name of this service"),
    ],
)
def test_a_refusal_says_what_to_do(policy: str, password: str, words: str, settings: Any) -> None:
    settings.ACCOUNTS_PASSWORD_POLICY = policy
    with pytest.raises(Invalid) as refused:
        passwords.require_acceptable(password)
    assert words in refused.value.detail


def test_one_code_point_counts_one() -> None:
    assert reason("😀" * 15) == "accepted"
    assert reason("😀" * 14) == "password_weak"


def test_common_passwords_are_refused() -> None:
    common = next(word for word in passwords._common() if len(word) >= passwords.LONG_ENOUGH)
    assert reason(common.upper()) == "password_common"


@pytest.mark.parametrize("password", ["Anna.Meier-1!", "1!Gatehouse"])
def test_a_password_that_is_little_more_than_a_name_is_refused(password: str) -> None:
    assert reason(password, personal=("anna.meier", "Anna", "Meier")) == "password_personal"


def test_a_name_within_a_long_password_is_no_harm() -> None:
    assert reason("Anna went up the hill 7 times!", personal=("anna",)) == "accepted"
