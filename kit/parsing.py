"""What every view begins with: the body in its shape, and who calls."""

from collections.abc import Mapping
from typing import Any, cast

from django.contrib.auth.base_user import AbstractBaseUser
from drf_spectacular.utils import OpenApiResponse
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from kit.errors import Invalid

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


def told(body: type[Any], query: type[Any], request: Request) -> dict[str, Any]:
    """Return what a DELETE is about, from its body, or from its query where it has none.

    RFC 9110 (section 9.3.5) gives the body of a DELETE no meaning, and what stands between may drop it. Raises DRF's
    ValidationError, and `Invalid` where both name something.
    """
    if request.data == {}:
        return asked(query, request)
    named_twice = sorted(queried(request) & set(body().fields))
    if named_twice:
        raise Invalid(named_twice[0], "Name it in the body or in the query, not in both.", "not_both")
    return parsed(body, request)


def sent(request: Request) -> frozenset[str]:
    """Return the names that the body of a request has on top, none where it is no object."""
    return frozenset(request.data if isinstance(request.data, Mapping) else ())


def text_of(request: Request, name: str) -> str:
    """Return the text that a body has under a name, empty for anything else and for a body that is none.

    For what is counted before a view looks at its body: what that makes of it is for the view's own shape.
    """
    try:
        found = request.data.get(name) if isinstance(request.data, Mapping) else ""
    except APIException:
        return ""
    return found if isinstance(found, str) else ""


def queried(request: Request) -> frozenset[str]:
    """Return the names of the parameters in the query of a request."""
    return frozenset(request.query_params)


def caller_of(request: Request) -> AbstractBaseUser:
    """Return who calls, on a view that nobody reaches without signing in."""
    return cast("AbstractBaseUser", request.user)
