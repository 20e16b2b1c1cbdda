"""The page behind the link of a registration, as people come to it."""

import pytest
from django.test import Client


@pytest.mark.parametrize("query", ["", "?token=", "?tok"])
def test_a_link_that_was_cut_is_told_of_before_any_button_is_pressed(client: Client, query: str) -> None:
    page = client.get(f"/verify-email{query}").text
    assert "The link is not whole" in page
    assert "<button" not in page


def test_a_whole_link_has_its_button(client: Client) -> None:
    page = client.get("/verify-email?token=x").text
    assert '<input type="hidden" name="token" value="x">' in page
    assert "Confirm my address</button>" in page
