"""Sessions in the admin: where people are signed in, and what a refresh token that came twice was taken for."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import Session
from audit.tables import LongTable, ReadOnly
from kit.clock import utcnow


@admin.register(Session)
class SessionAdmin(ReadOnly, LongTable):
    """Sessions, the newest first; read-only. They are ended on the person's page."""

    list_display = ("user", "door", "device_name", "origin", "created_at", "last_seen_at", "state")
    list_filter = ("door", "end_reason", "verdict")
    list_select_related = ("user", "impersonator", "parent__user")
    ordering = ("-created_at",)
    actions = None

    @admin.display(description="from")
    def origin(self, session: Session) -> str:
        """Return the network address and, where it is known, the place; or who acts for the person."""
        if session.impersonator is not None:
            return f"by {session.impersonator.email}"
        return ", ".join(filter(None, (session.address, session.place)))

    @admin.display(description="state")
    def state(self, session: Session) -> SafeString | str:
        """Return whether it goes on, or when and why it ended; and what a token that came twice is taken for."""
        if session.ended_at:
            told = f"{session.ended_at:%Y-%m-%d %H:%M}, {session.get_end_reason_display()}"
        else:
            told = "live" if session.is_live(utcnow()) else "over"
        verdict = session.get_verdict_display()
        return format_html('{}<br><span class="under">{}</span>', told, verdict) if verdict else told
