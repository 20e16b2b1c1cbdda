"""Addresses about the service itself."""

from django.urls import path

from config import health, metrics, system

urlpatterns = [
    path("", system.Index.as_view(), name="index"),
    path("health", health.Health.as_view(), name="health"),
    path("health/live", health.Live.as_view(), name="health-live"),
    path("health/ready", health.Ready.as_view(), name="health-ready"),
    path("metrics", metrics.Metrics.as_view(), name="metrics"),
    path(".well-known/jwks.json", system.Jwks.as_view(), name="jwks"),
]
