"""What the calls about the inbox take and answer, and what they look like on the wire."""

from typing import Any

from rest_framework import serializers

from kit.examples import answer
from kit.fields import Choice
from notifications.models import InboxItem

YES, NO = "true", "false"


class InboxQuestion(serializers.Serializer[Any]):
    """What of an inbox to list."""

    unread = Choice(choices=(YES, NO), required=False, help_text="`true`: only what has not been read.")
    archived = Choice(choices=(YES, NO), required=False, help_text="`true`: what was put away, and nothing else.")


class Item(serializers.ModelSerializer[InboxItem]):
    """One message in the product itself. `seq` is the number of its last change, greater than that of any earlier one.

    `url` is where it leads: a path of the product, an address by http or https, or empty.
    """

    data = serializers.JSONField(read_only=True)  # type: ignore[assignment]  # the name of a property
    seq = serializers.IntegerField(read_only=True)

    class Meta:
        model = InboxItem
        fields = (
            *("id", "seq", "category", "title", "body", "url", "data"),
            *("created_at", "changed_at", "read_at", "archived_at"),
        )
        read_only_fields = fields


class ItemPage(serializers.Serializer[Any]):
    """A page of an inbox, the newest first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = Item(many=True)


class UnreadCount(serializers.Serializer[Any]):
    """How many messages are new."""

    unread = serializers.IntegerField(min_value=0)


class ReadAll(serializers.Serializer[Any]):
    """How many messages were new until now."""

    read = serializers.IntegerField(min_value=0)


_ITEM: dict[str, Any] = {
    "id": "0193a5d0-4b7e-7f10-b3c2-9a8b7c6d5e4f",
    "seq": 42,
    "category": "invoices",
    "title": "Your invoice is there",
    "body": "Number 4711 over 20 euros.",
    "url": "/invoices/4711",
    "data": {"invoice": "4711"},
    "created_at": "2026-11-21T10:00:00Z",
    "changed_at": "2026-11-21T10:00:00Z",
    "read_at": None,
    "archived_at": None,
}
_LATER = {"seq": 43, "changed_at": "2026-11-21T10:05:00Z"}

ITEMS = [answer({"next": None, "previous": None, "results": [_ITEM]})]
READ = [answer({**_ITEM, **_LATER, "read_at": "2026-11-21T10:05:00Z"})]
UNREAD = [answer({**_ITEM, **_LATER})]
ARCHIVED = [answer({**_ITEM, **_LATER, "archived_at": "2026-11-21T10:05:00Z"})]
COUNT = [answer({"unread": 3})]
ALL_READ = [answer({"read": 3})]
