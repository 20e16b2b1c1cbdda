"""Every address of the house. Apps name their own; the errors of all of them are problem documents."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

handler400 = "kit.problems.bad_request"
handler403 = "kit.problems.permission_denied"
handler404 = "kit.problems.not_found"
handler500 = "config.failures.answer"

urlpatterns = [
    path("", include("config.system_urls")),
    path("api/v1/", include("config.docs_urls")),
    path("api/v1/auth/", include("accounts.api.urls")),
    path("api/v1/auth/", include("mfa.api.urls")),
    path("api/v1/auth/", include("roles.api.urls")),
    path("api/v1/", include("roles.api.house_urls")),
    path("api/v1/", include("accounts.api.users_urls")),
    path("api/v1/", include("accounts.api.invitation_urls")),
    path("api/v1/", include("vault.api.urls")),
    path("api/v1/", include("notifications.api.house_urls")),
    path("api/v1/notify/", include("notifications.api.urls")),
    path("api/v1/", include("notifications.api.inbox_urls")),
    path("api/v1/", include("notifications.api.preferences_urls")),
    path("api/v1/", include("notifications.api.provider_urls")),
    path("", include("accounts.pages.urls")),
    path("", include("notifications.pages.urls")),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", include("mfa.pages.urls")),
    path("admin/", admin.site.urls),
]
