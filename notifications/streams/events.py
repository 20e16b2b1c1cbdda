"""What goes over the line: server-sent events, as the HTML standard writes them (section 9.2, `text/event-stream`).

JSON holds no line end, so each event is one line of data, whatever a message says.
"""

import json

from rest_framework.renderers import JSONRenderer

from notifications.api.inbox_shapes import Item
from notifications.models import InboxItem

CONTENT_TYPE = "text/event-stream"
RETRY = b"retry: 2000\n\n"  # milliseconds after which a browser comes again by itself
HEARTBEAT = b": still here\n\n"


def item(changed: InboxItem) -> bytes:
    """Return the event of an item that came or changed: what the API shows of it."""
    return b"id: %d\nevent: item\ndata: %b\n\n" % (changed.seq, JSONRenderer().render(Item(changed).data))


def state(*, seq: int, unread: int) -> bytes:
    """Return the event of how an inbox stands, everything up to `seq` having been told."""
    return b"id: %d\nevent: state\ndata: %b\n\n" % (seq, json.dumps({"seq": seq, "unread": unread}).encode())


def end(reason: str) -> bytes:
    """Return the last event of a stream: why it ends."""
    return b"event: end\ndata: %b\n\n" % json.dumps({"reason": reason}).encode()
