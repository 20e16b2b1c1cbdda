"""How a test calls: as whoever a header names, with the tenant and the permissions that it lists."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from rest_framework.authentication import BaseAuthentication
from rest_framework.test import APIClient

from kit.ids import uuid7
from kit.tenants import HOUSE


@dataclass
class Somebody:
    """A caller; an application of its own where `tenant` says so."""

    pk: UUID = field(default_factory=uuid7)
    tenant: UUID = HOUSE
    permissions: tuple[str, ...] = ("vault.encrypt", "vault.decrypt")
    is_authenticated = True

    def has_perm(self, permission: str, obj: object = None) -> bool:
        return obj is None and permission in self.permissions


CALLERS: dict[str, Somebody] = {}


class HeaderAuthentication(BaseAuthentication):
    def authenticate(self, request: Any) -> tuple[Any, None] | None:
        named = request.META.get("HTTP_AUTHORIZATION", "")
        return (CALLERS[named], None) if named else None

    def authenticate_header(self, request: Any) -> str:
        return "Somebody"


def client_of(somebody: Somebody) -> APIClient:
    CALLERS[str(somebody.pk)] = somebody
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=str(somebody.pk))
    return client
