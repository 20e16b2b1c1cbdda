"""The paths under /api/v1."""

from django.urls import path

from vault.api import views

urlpatterns = [
    path("encrypt", views.Encrypt.as_view(), name="encrypt"),
    path("decrypt", views.Decrypt.as_view(), name="decrypt"),
]
