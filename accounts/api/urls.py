"""The account calls, under /api/v1/auth."""

from django.urls import path

from accounts.api import views

urlpatterns = [
    path("register", views.RegisterView.as_view()),
    path("verify-email", views.VerifyEmailView.as_view()),
    path("resend-verification", views.ResendVerificationView.as_view()),
    path("login", views.LoginView.as_view()),
    path("refresh", views.RefreshView.as_view()),
    path("logout", views.LogoutView.as_view()),
    path("verify", views.VerifyView.as_view()),
    path("profile", views.ProfileView.as_view()),
    path("me", views.ProfileView.as_view()),
    path("sessions", views.SessionsView.as_view()),
    path("sessions/<uuid:session_id>", views.SessionView.as_view()),
]
