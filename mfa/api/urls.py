"""The calls of second factors, under /api/v1/auth."""

from django.urls import path

from mfa.api.views import challenge, enrolment, passkeys

urlpatterns = [
    path("mfa/challenge", challenge.ChallengeView.as_view()),
    path("mfa/challenge/send", challenge.ChallengeSendView.as_view()),
    path("mfa/send", challenge.SendView.as_view()),
    path("mfa", enrolment.FactorsView.as_view()),
    path("mfa/setup", enrolment.SetupView.as_view()),
    path("mfa/verify", enrolment.VerifyView.as_view()),
    path("mfa/recovery-codes", enrolment.RecoveryCodesView.as_view()),
    path("mfa/webauthn/options", passkeys.EnrolmentOptionsView.as_view()),
    path("mfa/webauthn", passkeys.EnrolmentView.as_view()),
    path("passkey/options", passkeys.SignInOptionsView.as_view()),
    path("passkey", passkeys.SignInView.as_view()),
    path("mfa/<uuid:factor_id>", enrolment.FactorView.as_view()),
]
