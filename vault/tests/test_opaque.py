import pytest

from vault.opaque import Envelope


def wrap(text: str = "Müller") -> str:
    return Envelope.wrap(text, purpose="test", bound_to="anna")


def unwrap(token: str, *, purpose: str = "test", bound_to: str = "anna") -> str | None:
    return Envelope.unwrap(token, purpose=purpose, bound_to=bound_to)


def test_what_was_wrapped_comes_back() -> None:
    assert unwrap(wrap()) == "Müller"


def test_token_shows_nothing_and_fits_into_a_url() -> None:
    token = wrap("secret")
    assert "secret" not in token
    assert token.replace("-", "").replace("_", "").isalnum()


def test_another_purpose_or_binding_does_not_open_it() -> None:
    token = wrap()
    assert unwrap(token, purpose="other") is None
    assert unwrap(token, bound_to="bert") is None


def test_each_character_that_is_changed_makes_it_worthless() -> None:
    token = wrap()
    changed = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(len(token))]
    assert [unwrap(each) for each in changed] == [None] * len(token)


@pytest.mark.parametrize("token", ["", "x", "!", "Ä", "a" * 5, "=" * 4, "\ud800", "a" * 10_000])
def test_what_was_never_wrapped_opens_nothing(token: str) -> None:
    assert unwrap(token) is None
