"""The calls that manage roles; config mounts them at `/api/v1/`."""

from django.urls import URLPattern, path

from roles.api.views import requests
from roles.api.views.explain import Explain

urlpatterns: list[URLPattern] = [
    path("roles/explain", Explain.as_view(), name="roles-explain"),
    path("access-requests", requests.AccessRequests.as_view(), name="access-requests"),
    path("access-requests/roles", requests.RequestableRoles.as_view(), name="requestable-roles"),
    path("access-requests/<uuid:request_id>", requests.AccessRequestView.as_view(), name="access-request"),
    path("access-requests/<uuid:request_id>/approve", requests.Approve.as_view(), name="approve-access-request"),
    path("access-requests/<uuid:request_id>/refuse", requests.Refuse.as_view(), name="refuse-access-request"),
    path("access-requests/<uuid:request_id>/withdraw", requests.Withdraw.as_view(), name="withdraw-access-request"),
]
