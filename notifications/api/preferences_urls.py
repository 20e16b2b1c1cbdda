"""The path of what the caller chose; config mounts it at `/api/v1/`."""

from django.urls import path

from notifications.api.preferences import PreferencesView

urlpatterns = [path("preferences", PreferencesView.as_view(), name="preferences")]
