"""Every token that comes in goes through `verify`; access tokens go out through `issue_access`.

Access tokens are JWTs (RFC 9068) on simplejwt's token class, with the house's key ring under it. All others are
opaque: random or derived text, known to us by its SHA-256 alone, with a prefix that says what it is for.

A refresh token ends with a check, made with the keyring, that it is one of ours. Good ones are not limited by network
address, so that nobody is kept out by what others do behind the same one; made-up ones must therefore be told apart
before anything is looked up, however many come. The check proves nothing more.
"""

import datetime as dt
import enum
import hmac
import re
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from rest_framework_simplejwt.exceptions import TokenBackendError
from rest_framework_simplejwt.tokens import Token

from accounts import conf, jws
from kit.errors import InvalidToken
from vault import derived, digests, keyring, signing_keys

ACCESS_TYP = "at+jwt"
LEEWAY = 5  # seconds by which clocks of our own machines may differ

_RANDOM = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_CHECK = 16  # hexadecimal digits at the end of a refresh token
_CHECK_PURPOSE = "accounts.tokens"
_KINDS_OF_CLAIMS = {"exp": int, "iat": int, "auth_time": int, "jti": str, "sub": str, "sid": str, "amr": list}


class Kind(enum.Enum):
    """What a token is for; the value is the prefix of an opaque one."""

    ACCESS = ""
    REFRESH = "ghr_"
    DEVICE = "ghd_"
    CHALLENGE = "ghc_"
    LINK = "link"  # derived by the vault: no prefix, so that the text stays short in a mail


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says, checked: `sub` and `sid` are ids, times are Unix seconds.

    `actor` is who acts for the subject (`act`; RFC 8693, section 4.1), None where she acts herself.
    """

    subject: uuid.UUID
    session: uuid.UUID
    claims: dict[str, Any]
    actor: uuid.UUID | None = None


class RingBackend:
    """What simplejwt's tokens sign and open themselves with: the key ring of the vault."""

    def encode(self, payload: dict[str, Any]) -> str:
        """Sign with the active key."""
        return jws.sign(payload, typ=ACCESS_TYP, key=signing_keys.active())

    def decode(self, token: str, *, verify: bool = True) -> dict[str, Any]:
        """Return what a token of ours says. Raises simplejwt's TokenBackendError, also when told not to verify."""
        if not verify:
            raise TokenBackendError("A token of this house is never read unverified.")
        try:
            return jws.open_compact(token, typ=ACCESS_TYP, find_key=signing_keys.find)
        except jws.BadToken as error:
            raise TokenBackendError("The token is not valid.") from error


class AccessToken(Token):
    """simplejwt's token class on our key ring."""

    token_type = "access"  # noqa: S105 - a claim, not a secret
    lifetime = dt.timedelta(minutes=30)
    _backend = RingBackend()

    def get_token_backend(self) -> Any:
        """Return the key ring: simplejwt asks here for what signs."""
        return self._backend


def issue_access(
    *, subject: uuid.UUID, session: uuid.UUID, amr: list[str], auth_time: dt.datetime, now: dt.datetime
) -> str:
    """Return a signed access token of a session, good for `ACCOUNTS_ACCESS_LIFETIME` seconds."""
    of_sign_in = {"amr": amr, "acr": acr(amr), "auth_time": int(auth_time.timestamp())}
    claims = {"sub": str(subject), "sid": str(session), **of_sign_in}
    return _issue(claims, now=now, expires_at=now + dt.timedelta(seconds=conf.access_lifetime()))


def issue_acting(
    *, subject: uuid.UUID, actor: uuid.UUID, session: uuid.UUID, now: dt.datetime, expires_at: dt.datetime
) -> str:
    """Return a signed access token by which `actor` acts for the subject until `expires_at` (RFC 8693, section 4.1).

    It tells of no sign-in of hers: by no method, at no time, at the level 0 of trust (OpenID Connect Core, section 2).
    """
    of_no_sign_in = {"amr": [], "acr": "0", "auth_time": 0}
    claims = {"sub": str(subject), "act": {"sub": str(actor)}, "sid": str(session), **of_no_sign_in}
    return _issue(claims, now=now, expires_at=expires_at)


def _issue(claims: dict[str, Any], *, now: dt.datetime, expires_at: dt.datetime) -> str:
    token = AccessToken()
    token.set_iat(at_time=now)
    token.set_exp(from_time=expires_at, lifetime=dt.timedelta())
    token.payload |= {"iss": conf.issuer(), "aud": conf.audience(), **claims}
    return str(token)


def acr(amr: list[str]) -> str:
    """Return how far a sign-in can be trusted (OpenID Connect Core, section 2; levels of NIST SP 800-63B).

    `aal2` where several factors were proved (`mfa` in RFC 8176), `aal1` otherwise.
    """
    return "aal2" if "mfa" in amr else "aal1"


def verify_access(text: str, *, now: dt.datetime) -> AccessClaims:
    """Return the claims of an access token whose signature, kind, times, issuer and audience hold.

    Raises `InvalidToken`. Whether its session still lives is the next question, asked of the session's row.
    """
    try:
        payload = RingBackend().decode(text)
        return _checked(payload, now=int(now.timestamp()))
    except (TokenBackendError, KeyError, ValueError) as error:
        raise InvalidToken from error


def _checked(payload: dict[str, Any], *, now: int) -> AccessClaims:
    for name, kind in _KINDS_OF_CLAIMS.items():
        if type(payload[name]) is not kind:  # not isinstance: True is no moment
            raise ValueError(name)
    if not _is_in_time(payload, now):
        raise ValueError("times")
    ours = {"iss": conf.issuer(), "aud": conf.audience(), "token_type": AccessToken.token_type}
    if any(payload[name] != value for name, value in ours.items()):
        raise ValueError("claims")
    return AccessClaims(
        subject=uuid.UUID(payload["sub"]),
        session=uuid.UUID(payload["sid"]),
        claims=payload,
        actor=_actor(payload["act"]) if "act" in payload else None,
    )


def _actor(claim: Any) -> uuid.UUID:
    """Return who acts, by a claim that names one actor and nothing besides. Raises ValueError for any other."""
    if type(claim) is not dict or claim.keys() != {"sub"} or type(claim["sub"]) is not str:
        raise ValueError("act")
    return uuid.UUID(claim["sub"])


def _is_in_time(payload: dict[str, Any], now: int) -> bool:
    """Say whether a token has begun, give or take the leeway of clocks, and has not ended, with none."""
    not_before = payload.get("nbf", payload["iat"])
    begun = type(not_before) is int and max(not_before, payload["iat"]) <= now + LEEWAY
    return begun and payload["exp"] > now


def mint(kind: Kind) -> tuple[str, str]:
    """Return a new opaque token of this kind and its digest. 256 random bits."""
    text = kind.value + secrets.token_urlsafe(32)
    if kind is Kind.REFRESH:
        text += digests.keyed(_CHECK_PURPOSE, text, key_id=keyring.active_id())[:_CHECK]
    return text, derived.digest(text)


def verify(text: Any, kind: Kind) -> str:
    """Return the digest by which an opaque token of this kind is looked up, or raise `InvalidToken`."""
    prefix = "" if kind is Kind.LINK else kind.value
    if not isinstance(text, str) or not text.startswith(prefix):
        raise InvalidToken
    random = text[:-_CHECK] if kind is Kind.REFRESH else text
    if not _RANDOM.match(random[len(prefix) :]) or (kind is Kind.REFRESH and not _is_ours(random, text[-_CHECK:])):
        raise InvalidToken
    return derived.digest(text)


def _is_ours(random: str, check: str) -> bool:
    """Say whether we have made this under a root key that there still is."""
    given = check.encode("utf-8", "surrogatepass")
    made = digests.under_each(_CHECK_PURPOSE, random)
    return any(hmac.compare_digest(one[:_CHECK].encode(), given) for one in made)
