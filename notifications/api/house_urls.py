"""The path under /api/v1 that is a whole call itself."""

from django.urls import path

from notifications.api import sending

urlpatterns = [path("notify", sending.NoticeView.as_view(), name="notify")]
