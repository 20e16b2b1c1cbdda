"""What messages say: templates that staff write, in a sandbox, with versions, languages and a brand around them."""

from notifications.wording.engine import Shelf, Wording, check_context, render, resolve
from notifications.wording.layout import Rendered
from notifications.wording.pins import pin, render_kind, unread

__all__ = ["Rendered", "Shelf", "Wording", "check_context", "pin", "render", "render_kind", "resolve", "unread"]
