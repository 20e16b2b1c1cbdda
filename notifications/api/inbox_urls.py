"""The paths of the inbox; config mounts them at `/api/v1/`."""

from django.urls import path

from notifications.api import inbox

urlpatterns = [
    path("inbox", inbox.InboxView.as_view(), name="inbox"),
    path("inbox/unread-count", inbox.UnreadCount.as_view(), name="inbox_unread_count"),
    path("inbox/read-all", inbox.ReadAll.as_view(), name="inbox_read_all"),
    path("inbox/stream", inbox.Stream.as_view(), name="inbox_stream"),
    path("inbox/<uuid:item_id>/read", inbox.Read.as_view(), name="inbox_read"),
    path("inbox/<uuid:item_id>/unread", inbox.Unread.as_view(), name="inbox_unread"),
    path("inbox/<uuid:item_id>/archive", inbox.Archive.as_view(), name="inbox_archive"),
    path("inbox/<uuid:item_id>/unarchive", inbox.Unarchive.as_view(), name="inbox_unarchive"),
]
