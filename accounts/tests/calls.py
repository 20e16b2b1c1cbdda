"""What tests of the account calls have in common."""

from typing import Any

AUTH = "/api/v1/auth"


def code_of(response: Any) -> tuple[int, str]:
    """Return status and code of a refusal, having checked that it is a problem document."""
    assert response["Content-Type"].startswith("application/problem+json")
    return response.status_code, response.json()["code"]
