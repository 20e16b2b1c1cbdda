"""Refusals: how a domain function says no. A refusal knows nothing of HTTP; `kit.problems` turns it into RFC 9457.

Each class carries a stable `code`, the word a client branches on. What must be remembered though the
request is refused (a failed try, a spent challenge) is committed before the refusal is raised.
"""

from typing import Any, ClassVar


class Refusal(Exception):
    """A request that is understood and not granted.

    `detail` is a sentence a person can act on; `extra` are further members of the problem document.
    """

    code: ClassVar[str] = "error"
    default_detail: ClassVar[str] = "The request was refused."

    def __init__(self, detail: str | None = None, **extra: Any) -> None:
        self.detail = detail or self.default_detail
        self.extra = extra
        super().__init__(self.detail)


class Invalid(Refusal):
    """Input that breaks a rule; `field` is a dotted path, `reason` the machine word of the rule."""

    code = "validation_error"
    default_detail = "The request has a mistake in it."

    def __init__(self, field: str, detail: str, reason: str = "invalid") -> None:
        super().__init__(detail)
        self.field = field
        self.reason = reason


class NotAuthenticated(Refusal):
    """The call needs a credential and carries none."""

    code = "not_authenticated"
    default_detail = "Sign in first."


class InvalidToken(Refusal):
    """A token that is expired, spent, revoked or not ours; which of these is never told."""

    code = "invalid_token"
    default_detail = "The token is not valid."


class PermissionRefused(Refusal):
    """The caller is known, and lacks the permission."""

    code = "permission_denied"
    default_detail = "You may not do this."


class NotFound(Refusal):
    """Nothing there, or nothing that this caller may see: the two look alike."""

    code = "not_found"
    default_detail = "There is no such thing, or you may not see it."


class Conflict(Refusal):
    """Understood and allowed, but not as things stand."""

    code = "conflict"
    default_detail = "This contradicts the present state."


class Delayed(Refusal):
    """A refusal that passes by itself; `retry_after` is in whole seconds, at least 1."""

    def __init__(self, retry_after: float, detail: str | None = None, **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.retry_after = max(1, int(-(-retry_after // 1)))


class Throttled(Delayed):
    """Too many requests from one caller or address."""

    code = "throttled"
    default_detail = "Too many requests. Wait a little and try again."


class Unavailable(Delayed):
    """The house is too busy, or something it leans on is away."""

    code = "unavailable"
    default_detail = "The service is busy. Try again in a moment."
