"""The account calls, under /api/v1/auth."""

from django.urls import path

from accounts.api.views import (
    lockouts,
    login,
    password_changes,
    personal_data,
    profile,
    reauthentication,
    registration,
    sessions,
    sign_in_links,
    tokens,
)

urlpatterns = [
    path("register", registration.RegisterView.as_view()),
    path("verify-email", registration.VerifyEmailView.as_view()),
    path("resend-verification", registration.ResendVerificationView.as_view()),
    path("login", login.LoginView.as_view()),
    path("refresh", tokens.RefreshView.as_view()),
    path("logout", tokens.LogoutView.as_view()),
    path("reauthenticate", reauthentication.ReauthenticateView.as_view()),
    path("verify", tokens.VerifyView.as_view()),
    path("sign-in-link/request", sign_in_links.RequestView.as_view()),
    path("sign-in-link", sign_in_links.ByLinkView.as_view()),
    path("sign-in-code", sign_in_links.ByCodeView.as_view()),
    path("password/change", password_changes.ChangeView.as_view()),
    path("password/reset-request", password_changes.ResetRequestView.as_view()),
    path("password/reset", password_changes.ResetView.as_view()),
    path("unlock", lockouts.UnlockView.as_view()),
    path("undo", password_changes.UndoView.as_view()),
    path("profile", profile.ProfileView.as_view()),
    path("me", profile.ProfileView.as_view()),
    path("activity", personal_data.ActivityView.as_view()),
    path("export", personal_data.ExportView.as_view()),
    path("account", personal_data.AccountView.as_view()),
    path("account/keep", personal_data.KeepAccountView.as_view()),
    path("sessions", sessions.SessionsView.as_view()),
    path("sessions/ended", sessions.EndedSessionsView.as_view()),
    path("sessions/<uuid:session_id>", sessions.SessionView.as_view()),
]
