"""Callers for tests of the API, on a floor where there are no accounts: a header says who it is and what she may do."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.test import Client
from rest_framework.authentication import BaseAuthentication

from kit.ids import uuid7

HEADER = "HTTP_X_CALLER"  # as Django spells X-Caller


@dataclass(frozen=True)
class Caller:
    """Somebody with an id and permissions."""

    pk: UUID
    permissions: frozenset[str] = frozenset()
    is_authenticated: bool = True

    def has_perm(self, permission: str, obj: object = None) -> bool:
        return permission in self.permissions


class ByHeader(BaseAuthentication):
    """Believes the header `X-Caller: <id> <permission>…`."""

    def authenticate(self, request: Any) -> tuple[Caller, None] | None:
        words = request.META.get(HEADER, "").split()
        return (Caller(UUID(words[0]), frozenset(words[1:])), None) if words else None

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"


class CallerClient(Client):
    """A client that calls as one caller."""

    def __init__(self, *permissions: str, caller: UUID | None = None) -> None:
        self.caller = caller or uuid7()
        super().__init__(headers={"X-Caller": " ".join([str(self.caller), *permissions])})

    def send_email(self, body: dict[str, Any], **headers: str) -> Any:
        """Ask for an e-mail."""
        return self.post("/api/v1/notify/email", body, content_type="application/json", headers=headers)

    def see(self, message_id: object) -> Any:
        """Ask for a message."""
        return self.get(f"/api/v1/notify/messages/{message_id}")


SEND = "notifications.send_message"
VIEW = "notifications.view_message"
