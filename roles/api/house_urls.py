"""The calls that manage roles; config mounts them at `/api/v1/`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
