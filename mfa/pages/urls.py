"""The pages of second factors, under the address of the admin. Those for the signed-in are behind its own check."""

from typing import Any

from django.contrib import admin
from django.urls import path

from mfa.pages import enrolment, own, passkeys, sign_in


def _inside(page: Any) -> Any:
    """Return the view of a page as the admin guards its own: whoever is not signed in is led to the sign-in."""
    return admin.site.admin_view(page.as_view())


urlpatterns = [
    path("second-factor/", sign_in.SecondFactorPage.as_view(), name="second-factor"),
    path("second-factor/send/", sign_in.SendPage.as_view(), name="second-factor-send"),
    path("second-factor/options/", passkeys.StepOptions.as_view(), name="second-factor-options"),
    path("second-factor/set-up/", enrolment.SetUpPage.as_view(), name="second-factor-set-up"),
    path("second-factor/confirm/", enrolment.ConfirmPage.as_view(), name="second-factor-confirm"),
    path("second-factor/passkey/", passkeys.SetUpPage.as_view(), name="second-factor-passkey"),
    path("second-factor/passkey/options/", passkeys.SetUpOptions.as_view(), name="second-factor-passkey-options"),
    path("passkey/", passkeys.SignInPage.as_view(), name="passkey-sign-in"),
    path("passkey/options/", passkeys.SignInOptions.as_view(), name="passkey-sign-in-options"),
    path("second-factors/", _inside(own.FactorsPage), name="second-factors"),
    path("second-factors/proof/", _inside(own.ProofPage), name="second-factor-proof"),
    path("second-factors/proof/send/", _inside(own.ProofSendPage), name="second-factor-proof-send"),
    path("second-factors/proof/options/", _inside(passkeys.ProofOptions), name="second-factor-proof-options"),
    path("second-factors/recovery-codes/", _inside(own.RecoveryCodesPage), name="second-factor-recovery-codes"),
    path("second-factors/<uuid:factor_id>/remove/", _inside(own.RemovePage), name="second-factor-remove"),
]
