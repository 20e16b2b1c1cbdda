"""The pages of accounts, at addresses short enough for a mail."""

from django.urls import path

from accounts.pages import lockouts, views

urlpatterns = [
    path("verify-email", views.VerifyEmailPage.as_view(), name="verify-email"),
    path("unlock", lockouts.UnlockPage.as_view(), name="unlock"),
]
