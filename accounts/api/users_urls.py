"""The calls about people, under /api/v1/users."""

from django.urls import path

from accounts.api.views import impersonation, profile, users

urlpatterns = [
    path("users", users.UsersView.as_view()),
    path("users/me", profile.ProfileView.as_view()),
    path("users/<uuid:user_id>", users.UserView.as_view()),
    path("users/<uuid:user_id>/activate", users.ActivateView.as_view()),
    path("users/<uuid:user_id>/deactivate", users.DeactivateView.as_view()),
    path("users/<uuid:user_id>/unlock", users.UnlockView.as_view()),
    path("users/<uuid:user_id>/sign-out", users.SignOutView.as_view()),
    path("users/<uuid:user_id>/reset-mfa", users.ResetFactorsView.as_view()),
    path("users/<uuid:user_id>/impersonate", impersonation.ImpersonateView.as_view()),
    path("users/<uuid:user_id>/send-password-reset", users.SendPasswordResetView.as_view()),
]
