"""The paths under /api/v1/notify."""

from django.urls import path

from notifications.api import usage, views

urlpatterns = [
    path("usage", usage.UsageView.as_view(), name="notify_usage"),
    path("email", views.EmailView.as_view(), name="notify_email"),
    path("messages/<uuid:message_id>", views.MessageView.as_view(), name="notify_message"),
]
