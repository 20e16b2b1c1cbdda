"""The pages of accounts, at addresses short enough for a mail."""

from django.urls import path

from accounts.pages import views

urlpatterns = [path("verify-email", views.VerifyEmailPage.as_view(), name="verify-email")]
