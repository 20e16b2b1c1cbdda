"""The pages of accounts, at addresses short enough for a mail."""

from django.urls import path

from accounts.pages import addresses, erasure, invitations, lockouts, passwords

urlpatterns = [
    path("verify-email", addresses.VerifyEmailPage.as_view(), name="verify-email"),
    path("confirm-address", addresses.ConfirmAddressPage.as_view(), name="confirm-address"),
    path("accept-invitation", invitations.AcceptInvitationPage.as_view(), name="accept-invitation"),
    path("keep-account", erasure.KeepAccountPage.as_view(), name="keep-account"),
    path("reset-password", passwords.ResetPasswordPage.as_view(), name="reset-password"),
    path("unlock", lockouts.UnlockPage.as_view(), name="unlock"),
    path("undo", passwords.UndoPage.as_view(), name="undo"),
]
