"""What a client may ask about permissions; config mounts it at `/api/v1/auth/`."""

from django.urls import path

from roles.api.views.own import OwnPermissions, PermissionCheck

urlpatterns = [
    path("permissions", OwnPermissions.as_view(), name="own-permissions"),
    path("permissions/check", PermissionCheck.as_view(), name="permission-check"),
]
