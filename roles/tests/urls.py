from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("api/v1/auth/", include("roles.api.urls")),
    path("api/v1/", include("roles.api.house_urls")),
    path("admin/", admin.site.urls),
]
