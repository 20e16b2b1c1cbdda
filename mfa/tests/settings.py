"""The mfa app with only the floors below it: no roles, no house."""

from accounts.tests import settings as below

globals().update({name: value for name, value in vars(below).items() if name.isupper()})

INSTALLED_APPS = [*below.INSTALLED_APPS, "mfa"]  # type: ignore[attr-defined]
ROOT_URLCONF = "mfa.tests.urls"
NOTIFICATIONS_KINDS = ("accounts.message_kinds", "mfa.message_kinds")
NOTIFICATIONS_WHATSAPP_PROVIDERS = ["notifications.testing.RecordingProvider"]
NOTIFICATIONS_TELEGRAM_PROVIDERS = ["notifications.testing.RecordingProvider"]
MFA_ORIGINS = ["https://testserver"]
ACCOUNTS_LOGIN_STEPS = ["mfa.login_step.SecondFactor"]
ACCOUNTS_FACTOR_RESET = "mfa.resets.reset"
ACCOUNTS_USER_PANELS = ["mfa.panels.factors_of"]
ACCOUNTS_ADMIN_SIGN_IN = ["mfa/sign_in_button.html"]
ACCOUNTS_EXPORTERS = [*below.ACCOUNTS_EXPORTERS, "mfa.personal_data.EXPORTER"]  # type: ignore[attr-defined]
ACCOUNTS_ERASERS = ["mfa.personal_data.ERASER", *below.ACCOUNTS_ERASERS]  # type: ignore[attr-defined]
ACCOUNTS_REVERSALS = {
    "factor_added": "mfa.notices.take_back",
    "recovery_codes_made": "mfa.notices.take_codes_back",
}
