"""The inbox in the product itself, as a provider like any other: what it sends it writes into a table."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from kit.clock import utcnow
from notifications import inbox
from notifications.models import Message
from notifications.providers.base import Deferred, Doubt, Guarantees, Outgoing, Permanent, Push, Receipt, Unsupported

URL = "url"  # of the data of a message: where its item leads
_ENDED = (Message.Status.CANCELLED, Message.Status.SUPPRESSED, Message.Status.FAILED)


class InboxProvider(Unsupported):
    """Puts messages into people's inboxes: `to` is a person's id. The same message once more changes nothing."""

    name = "inbox"
    channels = frozenset({"inbox"})
    guarantees = Guarantees(keys=True, looks_up=True)

    def send_push(self, message: Push) -> Receipt:
        """Write the item: the title and the body; the `url` of the data is where it leads, if it is safe to follow."""
        person = _person(message.to)
        with _database():
            item = _put(message, person)
        return Receipt(provider_id=str(item))

    def find(self, message: Outgoing, _doubt: Doubt, /) -> Receipt | None:
        """Tell whether there is an item of this message."""
        with _database():
            item = inbox.find(message.id)
        return None if item is None else Receipt(provider_id=str(item))

    def health(self) -> str:
        """Say that all is well: where the table is out of reach, the queue is too."""
        return "ok"


@contextmanager
def _database() -> Iterator[None]:
    """Use this thread's connection, and give it back as a request does. Raises `Deferred` where there is none.

    Also where nobody knows whether the item was written: writing it once more changes nothing.
    """
    try:
        yield
    except DatabaseError as error:
        raise Deferred("no_database", type(error).__name__) from error
    finally:
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def _put(message: Push, person: UUID) -> UUID:
    """Write the item of a message that is still to be sent, and that nobody calls back or forgets meanwhile."""
    with transaction.atomic():
        live = Message.objects.filter(blanked_at=None).exclude(status__in=_ENDED).select_for_update()
        row = live.filter(pk=message.id).values("category", "tenant").first()
        if row is None:
            raise Permanent("no_such_message")
        words = _words(message, category=row["category"])
        return inbox.put(message=message.id, person=person, words=words, now=utcnow(), tenant=row["tenant"])


def _person(to: str) -> UUID:
    try:
        return UUID(to)
    except ValueError:
        raise Permanent("no_person") from None


def _words(message: Push, *, category: str) -> inbox.Words:
    data = {name: value for name, value in message.data.items() if name != URL}
    title, _, body = (message.title, "", message.body) if message.title else message.body.partition("\n")
    return inbox.Words(
        title=title.strip(),
        body=body.strip(),
        url=_safe(message.data.get(URL, "")),
        category=category,
        data=data,
    )


def _safe(url: str) -> str:
    """Return an address that a page may link to: by http or https, or a path of the product; else none."""
    if len(url) > inbox.MAX_URL or not url.isprintable() or "\\" in url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme or parts.netloc:
        return url if parts.scheme in {"http", "https"} and parts.netloc else ""
    return url if url.startswith("/") else ""
