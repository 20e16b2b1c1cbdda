"""What every view begins with: the body in its shape, and who calls."""

from typing import Any, cast

from django.contrib.auth.base_user import AbstractBaseUser
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request

NOTHING = OpenApiResponse(description="Done; there is nothing to say.")


def parsed(shape: type[Any], request: Request, **options: Any) -> dict[str, Any]:
    """Return the body of a request in this shape. Raises DRF's ValidationError, which names the fields."""
    serializer = shape(data=request.data, context={"request": request}, **options)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def asked(shape: type[Any], request: Request) -> dict[str, Any]:
    """Return the query of a request in this shape. Raises DRF's ValidationError, which names the parameters.

    As a plain mapping: a parameter that is there and empty was given, and is not one that was left out.
    """
    serializer = shape(data=request.query_params.dict(), context={"request": request})
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def caller_of(request: Request) -> AbstractBaseUser:
    """Return who calls, on a view that nobody reaches without signing in."""
    return cast("AbstractBaseUser", request.user)
