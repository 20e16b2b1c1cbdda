"""One canonical form for names: who looks alike is one, and nothing invisible makes two."""

import pytest

from kit import canonical
from kit.errors import Invalid


@pytest.mark.parametrize("text", ["Anna@Example.com", " anna@example.com ", "\uff21nna@ex\uff41mple.com"])
def test_an_address_has_one_form(text: str) -> None:
    assert canonical.address(text) == "anna@example.com"


@pytest.mark.parametrize(
    "text",
    [
        *("a@b", "a@b.1", '"a b"@example.com', "a@[127.0.0.1]", "a@b.co\ncc:x@y.co", "a(c)@example.com", "a@-b.co"),
        *("anna@g\u0131thub.com", "a@ex\u00e4mple.com", "anna@example.com, b@example.com", "a@b\u3002co\u0131"),
    ],
)
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        canonical.address(text)


def test_an_address_that_is_far_too_long_is_refused_as_any_other_that_is_none() -> None:
    with pytest.raises(Invalid) as refused:
        canonical.address("\ufdfa" * 255 + "@example.com")  # folding makes eighteen characters of each
    assert refused.value.reason == "invalid_email"


@pytest.mark.parametrize(
    "text",
    ["\u0430dmin", "admin\u200b", "\u202eadmin", "a@b.co", "x", "\u3164\u3164", "\uac00\uffa0\ub098", "admin\u0661"],
)
def test_a_user_name_that_could_pass_for_another_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        canonical.username(text)


@pytest.mark.parametrize("text", ["anna7", "\u0939\u0930\u093f\u0967"[:2] + "\u0967", "\u0645\u0631\u0639\u0661"])
def test_digits_go_with_letters_of_their_own_script(text: str) -> None:
    assert canonical.username(text) == text


def test_a_user_name_of_another_alphabet_is_taken() -> None:
    assert canonical.username("\u0410\u043d\u043d\u0430") == "\u0430\u043d\u043d\u0430"
