"""How a test signs in: by a header that names the person, read with their stamp in one statement; by a session."""

from typing import Any
from uuid import UUID

from django.contrib.auth.backends import BaseBackend
from rest_framework.authentication import BaseAuthentication

from roles import stamps
from roles.tests.people.models import Person


class HeaderAuthentication(BaseAuthentication):
    def authenticate(self, request: Any) -> tuple[Person, None] | None:
        named = request.META.get("HTTP_AUTHORIZATION", "")
        if not named:
            return None
        return Person.objects.annotate(**stamps.of_user("pk")).get(pk=UUID(named)), None

    def authenticate_header(self, request: Any) -> str:
        return "Person"


class SessionBackend(BaseBackend):
    """For Django's own session, which the admin's tests use."""

    def get_user(self, user_id: Any) -> Any:
        return Person.objects.filter(pk=user_id).first()

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return False
