"""The calls about invitations, under /api/v1/invitations."""

from django.urls import path

from accounts.api.views import invitations

urlpatterns = [
    path("invitations", invitations.InvitationsView.as_view()),
    path("invitations/<uuid:invitation_id>", invitations.InvitationView.as_view()),
    path("invitations/<uuid:invitation_id>/resend", invitations.ResendInvitationView.as_view()),
]
