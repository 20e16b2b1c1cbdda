"""The pages of notifications, at addresses short enough for a mail."""

from django.urls import path

from notifications.pages.unsubscribing import UnsubscribePage

urlpatterns = [path("unsubscribe", UnsubscribePage.as_view(), name="unsubscribe")]
