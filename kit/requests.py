"""What a request says about its sender, in the words of the floors below HTTP.

Every audit entry, session and limit takes the address from `origin_of`: one rule about proxies holds everywhere.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import parse_header_parameters

from kit.origin import Origin, client_address

MAX_AGENT = 400


def origin_of(request: Any) -> Origin:
    """Return where a request (Django's, or Django REST framework's around it) came from.

    The agent is cut at 400 characters and holds no control characters. The request id is the one that the
    answer carries in `X-Request-ID`. Who acts for somebody else is known once the credential has been accepted.
    """
    return Origin(
        address=address_of(request),
        agent=_printable(request.META.get("HTTP_USER_AGENT", ""))[:MAX_AGENT],
        request_id=getattr(request, "request_id", ""),
        impersonator=getattr(request, "impersonator", None),
    )


def note_impersonator(request: Any, impersonator: UUID) -> None:
    """Note on a request who acts in it for somebody else: from here on `origin_of` tells it to whoever records."""
    getattr(request, "_request", request).impersonator = impersonator


def address_of(request: Any) -> str:
    """Return the client's network address, believing as many proxies as TRUSTED_PROXIES says there are."""
    meta: dict[str, str] = request.META
    return client_address(
        peer=meta.get("REMOTE_ADDR", ""),
        forwarded_for=meta.get("HTTP_X_FORWARDED_FOR", ""),
        trusted_proxies=settings.TRUSTED_PROXIES,
    )


def readable_content_type(content_type: str) -> str:
    """Return a Content-Type as it is, or the empty string for one that Django would fail on: not even a 415.

    Django reads query and form by whatever codec `charset` names, `rot13` and `idna` too. Here all text is UTF-8.
    """
    if ";" not in content_type:
        return content_type
    try:
        _, parameters = parse_header_parameters(content_type)
    except (LookupError, ValueError):
        return ""
    return content_type if parameters.get("charset", "utf-8").lower() in {"utf-8", "utf8"} else ""


def is_page(request: HttpRequest) -> bool:
    """Tell whether a path is one that people open in a browser, whose errors are therefore pages."""
    return request.path_info.startswith(tuple(getattr(settings, "PAGE_PREFIXES", ())))


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(char if char.isprintable() else " " for char in text)
