"""The routes of accounts and of second factors, where the house mounts them."""

from django.urls import include, path

from accounts.tests.urls import handler400, handler403, handler404, handler500
from accounts.tests.urls import urlpatterns as below

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [path("api/v1/auth/", include("mfa.api.urls")), path("admin/", include("mfa.pages.urls")), *below]
