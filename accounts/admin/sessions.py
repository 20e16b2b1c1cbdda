"""Sessions in the admin: where people are signed in, and what a refresh token that came twice was taken for."""

from django.contrib import admin

from accounts.admin.tables import LongTable, ReadOnly
from accounts.models import Session


@admin.register(Session)
class SessionAdmin(ReadOnly, LongTable):
    """Sessions, the newest first; read-only. They are ended on the person's page."""

    list_display = (
        *("user", "door", "device_name", "address", "place", "created_at", "last_seen_at", "ended_at", "end_reason"),
        "verdict",
    )
    list_filter = ("door", "end_reason", "verdict")
    list_select_related = ("user",)
    ordering = ("-created_at",)
    actions = None
