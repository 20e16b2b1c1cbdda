"""What every view of accounts begins with: the body in its shape, and who calls."""

from typing import Any, cast

from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from kit.permissions import Public

NOTHING = OpenApiResponse(description="Done; there is nothing to say.")


class OpenView(APIView):
    """A call that anybody may make; a credential in the request is not looked at."""

    authentication_classes = []
    permission_classes = [Public]


def parsed(shape: type[Any], request: Request, **options: Any) -> dict[str, Any]:
    """Return the body of a request in this shape. Raises DRF's ValidationError, which names the fields."""
    serializer = shape(data=request.data, **options)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def user_of(request: Request) -> User:
    """Return who calls, on a view that nobody reaches without signing in."""
    return cast("User", request.user)
