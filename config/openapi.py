"""The published schema as a whole: what a client developer reads first, the credentials, the groups of calls."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

INTRODUCTION = """\
Accounts, second factors, roles and notifications for a company's applications.

## Signing in

1. `POST /api/v1/auth/login` with an address (or user name) and a password answers *tokens*: a short-lived `access`
   token and a `refresh` token that is good once.
2. Send `Authorization: Bearer <access>` with each call. The header has this one spelling; a token anywhere else in a
   request is not looked at.
3. Before `expires_in` seconds are over, or on a 401 with `invalid_token`, call `POST /api/v1/auth/refresh` once, store
   both new tokens, and make the call again. If the refresh is refused too, the person signs in anew.
4. `POST /api/v1/auth/logout` ends the session; its tokens are refused from the next request on, everywhere.

Let one part of a client refresh while the others wait. A client that races with itself is answered with the live token
for 20 seconds; a spent token that comes later ends the session, since somebody else may hold it. Keep `device_token`
and send it at the next sign-in.

A service may verify access tokens by itself: they are JWTs (RFC 9068), signed by the keys at `/.well-known/jwks.json`.

## Acting for another person

`POST /api/v1/users/{id}/impersonate` lets staff see the service as a person does. The access token that it answers has
the claim `act` (RFC 8693) with the id of who acts; `sub` is the person. It reads, and changes nothing: all else is
`permission_denied`. A service that verifies tokens by itself must hold a token with `act` to the same.

## Requests and answers

JSON in UTF-8, both ways; the body is an object. Fields that a call does not know are ignored. Ids are UUIDs, times are
RFC 3339 in UTC, durations are whole seconds. A path with a slash at its end gives the same answer. Every answer carries
`X-Request-ID`, yours if you sent a good one. Quote it when you ask for help.

A body is at most 256 KiB, on `/notify/email` 25 MiB; it nests at most 32 levels, has no key twice, and no number
beyond 64 bits. Text must not hold NUL.

## When something fails

Each failure is a problem document (RFC 9457, `application/problem+json`). Branch on `code`, never on `detail`. Each
call names the codes it may answer under each status; besides those, a path that does not exist is `not_found` and a
method that a path does not have is `method_not_allowed`. With `validation_error` the list `errors` names each field by
its dotted path.

After a 429 or 503 wait for the seconds in `Retry-After`. A 5xx, or no answer at all, leaves open whether a call was
carried out: GET and DELETE may simply be repeated, and so may a POST that carries an `Idempotency-Key`.

## Idempotency

`POST /api/v1/notify/email` takes the header `Idempotency-Key`, a name of your own for this very request (a fresh UUID
does well). A repetition within 24 hours gives the first answer again and sends nothing twice, also in parallel. The
same key with another body is `idempotency_mismatch`.

## Limits

Calls that anybody may make are limited by network address, and tries at an account are counted besides: ten wrong ones
are free, then each waits, from 30 seconds up to an hour (`account_locked`). One address gets three unasked-for mails an
hour. Encrypting and decrypting are limited by caller, 600 a minute each.
"""

TAGS = {
    "access-requests": "Roles that people ask for, for a while, and what is decided about that.",
    "auth": "Accounts, signing in, sessions, and what a caller may do.",
    "encryption": "Texts that are encrypted for callers, who keep them.",
    "groups": "People who are given roles together.",
    "inbox": "Messages in the product itself, and their live stream.",
    "invitations": "Accounts that people are asked to open, with the roles they get.",
    "notify": "Messages to people.",
    "permissions": "What roles can hold: the names that the house declares and those that clients add.",
    "placements": "Which resource of a client's lies below which.",
    "preferences": "What a person wants to be told of, by which way, and when.",
    "provider": "By whom messages get out, and how each provider fares.",
    "push-targets": "Browsers and phones that push reaches.",
    "roles": "Roles, who was given which, and why somebody may do something.",
    "users": "People, for those who look after them.",
    "system": "The service itself: its name, its health, its keys.",
}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.api.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the definition of the access token in the Authorization header (RFC 6750)."""
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The `access` token of a sign-in or a refresh.",
        }


# Of /profile: two names for one call would be two calls in every generated client.
ALIASES = {"/api/v1/auth/me", "/api/v1/users/me"}


def leave_out_aliases(endpoints: list[tuple[str, Any, str, Any]], **kwargs: Any) -> list[tuple[str, Any, str, Any]]:
    """Publish each call under one path (a preprocessing hook)."""
    return [endpoint for endpoint in endpoints if endpoint[0] not in ALIASES]


def introduce(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Say what a client developer must know of all calls together (a postprocessing hook)."""
    result["info"]["description"] = INTRODUCTION
    used = {tag for operations in result["paths"].values() for one in operations.values() for tag in one["tags"]}
    result["tags"] = [{"name": name, "description": TAGS[name]} for name in sorted(used)]
    return result
