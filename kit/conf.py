"""Settings that every project made of these apps needs alike: the real one, and the small one of each app's tests.

- `SECURITY_HEADERS`: headers that every answer carries unless its view says otherwise.
- `BODY_LIMIT`: how many bytes the body of a request may have.
- `BODY_LIMITS_BY_PATH`: other limits in bytes, by path.
- `PATHS_WITH_SLASH`: beginnings of paths that keep their slash at the end; all others answer with and without.
- `PAGE_PREFIXES`: beginnings of paths whose errors are pages for people and not problem documents.
- `CURSOR_SEALER`: dotted path of what wraps the cursors of lists and unwraps them again (`kit.paging`).
- `PERMISSION_REFUSAL_RECORDER`: dotted path of what is told that a signed-in caller lacked a permission.
"""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["kit.permissions.DenyAll"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["kit.parsers.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "kit.parsers.OneNegotiation",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "kit.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "kit.problems.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "TEST_REQUEST_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}

MIDDLEWARE = [
    "kit.middleware.RequestContext",
    "kit.middleware.SecurityHeaders",
    "kit.middleware.OnePath",
    "kit.middleware.BodyLimit",
]

BODY_LIMIT = 256 * 1024
LARGE_BODY_LIMIT = 25 * 1024**2

# What the admin and our pages keep to as well: no inline script or style, nothing from another host.
CONTENT_POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
