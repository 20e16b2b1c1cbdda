"""Pages with numbers: a size that means nothing is a mistake, one that is too large is the largest there is."""

import pytest
from rest_framework.test import APIClient


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 20),
        ("page_size=1", 1),
        ("page_size=007", 7),
        ("page_size=100", 100),
        ("page_size=101", 100),
        ("page_size=" + "9" * 5000, 100),
        ("page=13", 10),
    ],
)
def test_a_page_has_as_many_as_were_asked_for(client: APIClient, query: str, count: int) -> None:
    answer = client.get(f"/numbers?{query}").json()
    assert answer["count"] == 250
    assert len(answer["results"]) == count


@pytest.mark.parametrize("size", ["0", "-1", "x", "", "1.5", "\u0663"])
def test_a_size_that_is_no_number_is_told_at_its_name(client: APIClient, size: str) -> None:
    answer = client.get("/numbers", {"page_size": size})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "page_size")


@pytest.mark.parametrize("page", ["0", "14", "x", "9" * 5000])
def test_a_page_that_is_not_there_is_not_found(client: APIClient, page: str) -> None:
    assert client.get("/numbers", {"page": page}).status_code == 404
