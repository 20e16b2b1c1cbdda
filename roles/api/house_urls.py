"""The calls that manage roles; config mounts them at `/api/v1/`."""

from django.urls import URLPattern, path

from roles.api.views import grants, groups, permissions, requests, resources, roles
from roles.api.views.explain import Explain

urlpatterns: list[URLPattern] = [
    path("permissions", permissions.Permissions.as_view(), name="permissions"),
    path("permissions/<str:permission>", permissions.Permission.as_view(), name="permission"),
    path("roles", roles.Roles.as_view(), name="roles"),
    path("roles/explain", Explain.as_view(), name="roles-explain"),
    path("roles/assign", grants.Assign.as_view(), name="roles-assign"),
    path("roles/revoke", grants.Revoke.as_view(), name="roles-revoke"),
    path("roles/grants", grants.Grants.as_view(), name="roles-grants"),
    path("roles/<str:role>", roles.Role.as_view(), name="role"),  # after the calls whose names are reserved
    path("access-requests", requests.AccessRequests.as_view(), name="access-requests"),
    path("access-requests/roles", requests.RequestableRoles.as_view(), name="requestable-roles"),
    path("access-requests/<uuid:request_id>", requests.AccessRequestView.as_view(), name="access-request"),
    path("access-requests/<uuid:request_id>/approve", requests.Approve.as_view(), name="approve-access-request"),
    path("access-requests/<uuid:request_id>/refuse", requests.Refuse.as_view(), name="refuse-access-request"),
    path("access-requests/<uuid:request_id>/withdraw", requests.Withdraw.as_view(), name="withdraw-access-request"),
    path("groups", groups.Groups.as_view(), name="groups"),
    path("groups/<str:group>", groups.Group.as_view(), name="group"),
    path("groups/<str:group>/members", groups.Members.as_view(), name="group-members"),
    path("groups/<str:group>/members/<uuid:user_id>", groups.Member.as_view(), name="group-member"),
    path("placements", resources.Placements.as_view(), name="placements"),
]
