"""Links that are mailed: good once, for a while, and where a newer one of the same purpose exists only that one.

The text is derived from the row's id in the worker that renders the mail; the row keeps its digest. Spending a link is
one conditional update, whose row count is the verdict.
"""

import datetime as dt
import uuid
from collections.abc import Collection
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import conf, tokens
from accounts.models import Link, User
from kit.errors import InvalidToken
from kit.ids import uuid7
from vault import derived


class Standing(StrEnum):
    """How a link stands, told to whoever holds it. What is not ours, or ended long ago, is unknown."""

    GOOD = "good"
    USED = "used"
    EXPIRED = "expired"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


SEVERAL = frozenset({Link.Purpose.UNDO, Link.Purpose.ADD_ADDRESS})  # several of these are good side by side


def issue(
    *,
    purpose: Link.Purpose,
    address: str,
    user: User | None,
    now: dt.datetime,
    lifetime: dt.timedelta,
    landing: str = "",
    data: dict[str, Any] | None = None,
) -> Link:
    """Write a new link in the caller's transaction; older ones of the same purpose and person are good no more.

    `user` is None for an address that is nobody's: the row costs the same and opens nothing.
    """
    row_id = _later_than_all(user) if purpose == Link.Purpose.UNDO else uuid7()
    secret = derived.mint(_derivation(purpose), row_id)
    return Link.objects.create(
        id=row_id,
        purpose=purpose,
        user=user,
        address=address,
        landing=landing,
        data=data or {},
        digest=secret.digest,
        key_id=secret.key_id,
        created_at=now,
        expires_at=now + lifetime,
    )


def text_of(link: Link) -> str:
    """Return the token of a link, for its mail alone."""
    return derived.again(_derivation(Link.Purpose(link.purpose)), link.pk, link.key_id)


def url_of(link: Link, *, page: str) -> str:
    """Return what the mail shows: the client's own page, or `page` of this service, with the token as `token`."""
    return with_token(link.landing, page=page, token=text_of(link))


def with_token(landing: str, *, page: str, token: str) -> str:
    """Return the URL of a client's page, or of our own where it named none, with the token as `token`."""
    base = landing or f"{conf.public_url()}/{page}"
    return f"{base}{'&' if '?' in base else '?'}token={token}"


def is_good(link: Link, *, now: dt.datetime) -> bool:
    """Say whether a link could be used now, for the worker that is about to mail it."""
    return _good(now).filter(pk=link.pk).exists()


def find(*, token: Any, purpose: Link.Purpose, now: dt.datetime) -> Link:
    """Return the good link whose token this is, without using it. Raises `InvalidToken`, always alike."""
    digest = tokens.verify(token, tokens.Kind.LINK)
    link = _good(now).select_related("user").filter(digest=digest, purpose=purpose).first()
    if link is None:
        raise InvalidToken
    return link


def standing_of(*, token: Any, purposes: Collection[Link.Purpose], now: dt.datetime) -> Standing:
    """Return how a link stands, for the page that shows it; by one statement, which changes nothing.

    The page is told no more than that: whether what the link is for can be done is known when it is done.
    """
    digest = tokens.verify(token, tokens.Kind.LINK)
    mailed = Link.objects.filter(digest=digest, purpose__in=purposes, user__isnull=False)
    row = mailed.annotate(newer=Exists(_newer())).first()
    if row is None:
        return Standing.UNKNOWN
    if row.void_at is not None:
        return Standing.WITHDRAWN
    if row.newer and row.used_at is None and row.purpose not in SEVERAL:
        return Standing.REPLACED
    return standing(used_at=row.used_at, expires_at=row.expires_at, now=now)


def standing(*, used_at: dt.datetime | None, expires_at: dt.datetime, now: dt.datetime) -> Standing:
    """Return how something stands that was mailed, is good once, and for a while."""
    if used_at is not None:
        return Standing.USED
    return Standing.GOOD if expires_at > now else Standing.EXPIRED


def use(*, token: Any, purpose: Link.Purpose, now: dt.datetime) -> Link:
    """Spend a link in the caller's transaction and return it with its person. Raises `InvalidToken`, always alike.

    The caller does what the link is for in the same transaction: if that fails, the link is good again.
    """
    digest = tokens.verify(token, tokens.Kind.LINK)
    if not _good(now).filter(digest=digest, purpose=purpose).update(used_at=now):
        raise InvalidToken
    return Link.objects.select_related("user").get(digest=digest)


def void(*, user: User, purposes: tuple[Link.Purpose, ...], now: dt.datetime) -> int:
    """Make a person's links of these purposes good no more, in the caller's transaction; return how many."""
    return _good(now).filter(user=user, purpose__in=purposes).update(void_at=now)


def purge(*, now: dt.datetime) -> int:
    """Delete the links that ended a day ago; return how many."""
    deleted, _ = Link.objects.filter(expires_at__lte=now - dt.timedelta(days=1)).delete()
    return deleted


def _good(now: dt.datetime) -> QuerySet[Link]:
    """Return the links that are unused, not voided, not over, and the newest of their purpose and person."""
    good = Link.objects.filter(user__isnull=False, used_at=None, void_at=None, expires_at__gt=now)
    return good.filter(Q(purpose__in=SEVERAL) | ~Exists(_newer()))


def _newer() -> QuerySet[Link]:
    return Link.objects.filter(user=OuterRef("user"), purpose=OuterRef("purpose"), pk__gt=OuterRef("pk"))


def _later_than_all(user: User | None) -> uuid.UUID:
    """Return an id that sorts after those of a person's links to undo, whatever this machine's clock says.

    Undoing takes back what sorts after it: with a clock that is behind, an intruder's link would outlive the owner's.
    """
    row_id = uuid7()
    undos = Link.objects.filter(user=user, purpose=Link.Purpose.UNDO).order_by("-pk")
    newest = undos.values_list("pk", flat=True).first()
    return row_id if newest is None or newest < row_id else uuid.UUID(int=newest.int + 1)


def _derivation(purpose: Link.Purpose) -> str:
    return f"accounts.link.{purpose.value}"
