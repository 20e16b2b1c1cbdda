"""The addresses that this app's tests call."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("notifications.api.house_urls")),
    path("api/v1/notify/", include("notifications.api.urls")),
    path("api/v1/", include("notifications.api.inbox_urls")),
    path("api/v1/", include("notifications.api.preferences_urls")),
    path("", include("notifications.pages.urls")),
    path("api/v1/", include("notifications.api.provider_urls")),
    path("admin/", admin.site.urls),
]
