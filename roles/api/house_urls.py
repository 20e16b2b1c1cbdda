"""The calls that manage roles; config mounts them at `/api/v1/`."""

from django.urls import URLPattern, path

from roles.api.views.explain import Explain

urlpatterns: list[URLPattern] = [
    path("roles/explain", Explain.as_view(), name="roles-explain"),
]
