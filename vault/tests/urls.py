"""The addresses that the vault's own tests call."""

from django.urls import include, path

urlpatterns = [path("api/v1/", include("vault.api.urls"))]
