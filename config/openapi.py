"""How callers authenticate, in the published schema."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.api.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the definition of the access token in the Authorization header (RFC 6750)."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


ALIASES = {"/api/v1/auth/me"}  # of /profile: two names for one call would be two calls in every generated client


def leave_out_aliases(endpoints: list[tuple[str, Any, str, Any]], **kwargs: Any) -> list[tuple[str, Any, str, Any]]:
    """Publish each call under one path (a preprocessing hook)."""
    return [endpoint for endpoint in endpoints if endpoint[0] not in ALIASES]
