"""How views become the published schema: what every call shares is added here, so that no view repeats it."""

from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema


class AutoSchema(SpectacularAutoSchema):
    """Spectacular's schema of a view."""

    def get_tags(self) -> list[str]:
        """Return the first part of the path under /api/v1 as the tag."""
        parts: list[Any] = [part for part in self.path.removeprefix("/api/v1").split("/") if part]
        return parts[:1] or ["system"]
