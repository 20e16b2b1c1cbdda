"""One canonical form for names: who looks alike is one, and nothing invisible makes two."""

import pytest

from kit import canonical
from kit.errors import Invalid


@pytest.mark.parametrize("text", ["Anna@Example.com", " anna@example.com ", "\uff21nna@ex\uff41mple.com"])
def test_an_address_has_one_form(text: str) -> None:
    assert canonical.address(text) == "anna@example.com"


@pytest.mark.parametrize(
    "text", ["a@b", "a@b.1", '"a b"@example.com', "a@[127.0.0.1]", "a@b.co\ncc:x@y.co", "a(c)@example.com", "a@-b.co"]
)
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        canonical.address(text)


@pytest.mark.parametrize(
    "text", ["\u0430dmin", "admin\u200b", "\u202eadmin", "a@b.co", "x", "\u3164\u3164", "\uac00\uffa0\ub098"]
)
def test_a_user_name_that_could_pass_for_another_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        canonical.username(text)


def test_a_user_name_of_another_alphabet_is_taken() -> None:
    assert canonical.username("\u0410\u043d\u043d\u0430") == "\u0430\u043d\u043d\u0430"
