"""Callers for the tests of permissions: the header X-Caller lists what each may do, as `a.b@type:id` on one thing."""

from typing import Any

from rest_framework.authentication import BaseAuthentication

REFUSED: list[str] = []


class Caller:
    is_authenticated = True

    def __init__(self, permissions: str) -> None:
        self.permissions = permissions.split()

    def has_perm(self, permission: str, obj: Any = None) -> bool:
        return permission in self.permissions or f"{permission}@{obj}" in self.permissions


class CallerAuthentication(BaseAuthentication):
    def authenticate(self, request: Any) -> tuple[Caller, None] | None:
        permissions = request.META.get("HTTP_X_CALLER")
        return None if permissions is None else (Caller(permissions), None)

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"


def note(request: Any, permission: str) -> None:
    REFUSED.append(permission)
