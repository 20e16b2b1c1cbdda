"""The refresh token as a cookie, for applications in a browser: out of reach of their scripts.

A client asks for it with `X-Token-Delivery: cookie`. A cookie goes along by itself, so it counts only on a call that no
foreign page can make a browser send: with that header, which asks for a preflight, and from an origin on CORS_ORIGINS.
"""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.response import Response

from accounts import conf
from kit.errors import PermissionRefused

NAME = "__Host-refresh"  # a browser takes one of this name only with Secure, with Path=/ and without Domain
HEADER = "X-Token-Delivery"
_ATTRIBUTES: dict[str, Any] = {"secure": True, "httponly": True, "samesite": "Strict", "path": "/"}

DELIVERY = OpenApiParameter(
    HEADER,
    str,
    location=OpenApiParameter.HEADER,
    description=f"`cookie`: the refresh token comes as the cookie `{NAME}` instead of in the body, and is taken from "
    "there. For browsers, whose `Origin` must be on `CORS_ORIGINS`.",
)


def are_wanted(request: Any) -> bool:
    """Say whether a client wants its refresh token as a cookie."""
    return bool(request.headers.get(HEADER, "").strip().lower() == "cookie")


def token_in(request: Any) -> str:
    """Return the refresh token in the cookie of a call that asks for cookies, empty where there is none.

    Raises `PermissionRefused` for a call from an origin that is not on CORS_ORIGINS, or from none.
    """
    if request.headers.get("Origin", "") not in conf.browser_origins():
        raise PermissionRefused("A refresh token in a cookie is taken only from an origin on CORS_ORIGINS.")
    return str(request.COOKIES.get(NAME, ""))


def deliver(response: Response, *, token: str, seconds: int) -> None:
    """Put a refresh token that is good for so many seconds into the cookie of an answer."""
    response.set_cookie(NAME, token, max_age=seconds, **_ATTRIBUTES)


def forget(response: Response) -> None:
    """Make the browser drop the cookie."""
    response.set_cookie(NAME, "", max_age=0, **_ATTRIBUTES)
