"""The routes of accounts, where the house mounts them."""

from django.contrib import admin
from django.urls import include, path

handler400 = "kit.problems.bad_request"
handler403 = "kit.problems.permission_denied"
handler404 = "kit.problems.not_found"
handler500 = "kit.problems.server_error"

urlpatterns = [
    path("api/v1/auth/", include("accounts.api.urls")),
    path("api/v1/", include("accounts.api.users_urls")),
    path("api/v1/", include("accounts.api.invitation_urls")),
    path("", include("accounts.pages.urls")),
    path("admin/", admin.site.urls),
]
