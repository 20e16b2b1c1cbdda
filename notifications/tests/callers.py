"""Callers for tests of the API and the admin, on a floor where there are no accounts."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from rest_framework.test import APIClient

from kit.ids import uuid7

SEND = "notifications.send_message"
VIEW = "notifications.view_message"


@dataclass(frozen=True)
class Caller:
    """Somebody with an id and permissions; staff, as far as the admin is concerned."""

    permissions: frozenset[str] = frozenset()
    pk: UUID = field(default_factory=uuid7)
    is_authenticated: bool = True
    is_active: bool = True
    is_staff: bool = True

    def has_perm(self, permission: str, obj: object = None) -> bool:
        return permission in self.permissions

    def has_module_perms(self, app: str) -> bool:
        return True

    def get_username(self) -> str:
        return "caller"

    def has_usable_password(self) -> bool:
        return False


class CallerClient(APIClient):
    """A client that calls as one caller."""

    def __init__(self, *permissions: str) -> None:
        super().__init__()
        person: Any = Caller(frozenset(permissions))
        self.caller: UUID = person.pk
        self.force_authenticate(person)

    def send_email(self, body: dict[str, Any], **headers: str) -> Any:
        """Ask for an e-mail."""
        return self.post("/api/v1/notify/email", body, format="json", headers=headers)

    def see(self, message_id: object) -> Any:
        """Ask for a message."""
        return self.get(f"/api/v1/notify/messages/{message_id}")
