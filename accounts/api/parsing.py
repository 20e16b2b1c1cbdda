"""What every view of accounts begins with: the body in its shape, and who calls."""

from typing import cast

from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from kit import parsing
from kit.permissions import Public

NOTHING, parsed = parsing.NOTHING, parsing.parsed


class OpenView(APIView):
    """A call that anybody may make; a credential in the request is not looked at."""

    authentication_classes = []
    permission_classes = [Public]


def user_of(request: Request) -> User:
    """Return who calls, on a view that nobody reaches without signing in."""
    return cast("User", request.user)
